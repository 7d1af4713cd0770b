package planning

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Link links an item to a key result by hand. A link that holds already is taken over: it becomes the person's, with the
// bet given or, when none is, the one it had.
func (p *Planner) Link(ctx context.Context, in needle.LinkInput) (*needle.Contribution, error) {
	var c *needle.Contribution
	err := p.change(ctx, needle.ActLinkWork, in, func(ctx context.Context, a act) error {
		item, err := a.BacklogItem(ctx, in.ItemID)
		if err != nil {
			return at("input.itemId", err)
		}
		k, err := a.KeyResult(ctx, in.KeyResultID)
		if err != nil {
			return at("input.keyResultId", err)
		}
		if err := a.SerializeLinks(ctx); err != nil {
			return err
		}
		live, err := a.LiveContribution(ctx, item.ID, k.ID)
		if err != nil {
			return err
		}
		if err := current(versionOf(live), in.ExpectedVersion); err != nil {
			return err
		}
		on := about{&item.TeamID, &k.ObjectiveID}
		if c = live; live == nil {
			c, err = a.link(ctx, in, on)
		} else {
			err = a.takeOver(ctx, c, in.Bet, on)
		}
		if err != nil {
			return err
		}
		return a.hand(ctx, item.ID)
	})
	return c, err
}

// Unlink ends a link; its history stays. Nothing but a person links the two again: the end is the person's word. A link that ended
// already answers CONFLICT.
func (p *Planner) Unlink(ctx context.Context, in needle.UnlinkInput) (*needle.Contribution, error) {
	var c *needle.Contribution
	err := p.change(ctx, needle.ActLinkWork, nil, func(ctx context.Context, a act) error {
		on, err := a.ends(ctx, in.ContributionID)
		if err != nil {
			return at("input.contributionId", err)
		}
		if err := a.SerializeLinks(ctx); err != nil {
			return err
		}
		if c, err = a.Contribution(ctx, in.ContributionID); err != nil {
			return err
		}
		if err := current(c.Version, in.ExpectedVersion); err != nil {
			return err
		}
		if c.ValidTo != nil {
			return needle.Conflict("input.contributionId", "this link ended already")
		}
		before, end := *c, latest(a.Now(), c.ValidFrom)
		a.own(c)
		c.ValidTo = &end
		if err := a.UpdateContribution(ctx, c); err != nil {
			return err
		}
		if err := a.AppendContribution(ctx, c, end); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbUnlinked, c.ID, before, c, on); err != nil {
			return err
		}
		return a.hand(ctx, c.ItemID)
	})
	return c, err
}

// link makes a new link of the viewer's.
func (a act) link(ctx context.Context, in needle.LinkInput, on about) (*needle.Contribution, error) {
	c := &needle.Contribution{
		Stamp: a.Stamp(), ID: needle.NewContributionID(), ItemID: in.ItemID, KeyResultID: in.KeyResultID,
		Bet: bet(or(in.Bet, needle.BetInput{})), ValidFrom: a.Now(),
	}
	a.own(c)
	if err := a.InsertContribution(ctx, c); err != nil {
		return nil, err
	}
	if err := a.AppendContribution(ctx, c, c.ValidFrom); err != nil {
		return nil, err
	}
	return c, a.record(ctx, needle.VerbLinked, c.ID, nil, c, on)
}

// takeOver makes a link the viewer's and changes its bet, when there is one.
func (a act) takeOver(ctx context.Context, c *needle.Contribution, in *needle.BetInput, on about) error {
	before := *c
	a.own(c)
	if in != nil {
		c.Bet = bet(*in)
	}
	if err := a.UpdateContribution(ctx, c); err != nil {
		return err
	}
	if err := a.AppendContribution(ctx, c, latest(a.Now(), c.ValidFrom)); err != nil {
		return err
	}
	return a.record(ctx, needle.VerbUpdated, c.ID, before, c, on)
}

// own makes what a link says the viewer's word, which neither text nor rule overrules.
func (a act) own(c *needle.Contribution) {
	c.Origin, c.AuthorID, c.RuleID, c.EpicID = needle.OriginPerson, &a.viewer.UserID, nil, nil
}

// hand lets an item and what lies below it inherit what its links, or those above it, came to.
func (a act) hand(ctx context.Context, item needle.BacklogItemID) error {
	_, err := a.LinkItems(ctx, []needle.BacklogItemID{item})
	return err
}

// ends holds the two things a link joins and returns what its activities concern. It answers NOT_FOUND.
func (a act) ends(ctx context.Context, id needle.ContributionID) (about, error) {
	found, err := a.ContributionsByID(ctx, []needle.ContributionID{id})
	if err != nil {
		return about{}, err
	}
	if found[0] == nil {
		return about{}, needle.NotFound("", "contribution")
	}
	item, err := a.BacklogItem(ctx, found[0].ItemID)
	if err != nil {
		return about{}, err
	}
	k, err := a.KeyResult(ctx, found[0].KeyResultID)
	if err != nil {
		return about{}, err
	}
	return about{&item.TeamID, &k.ObjectiveID}, nil
}

func bet(in needle.BetInput) needle.Bet {
	b := in.Bet()
	b.Note = needle.Clean(b.Note)
	return b
}

// versionOf returns a link's version, 0 when there is none: whoever expects one then learns that it ended.
func versionOf(c *needle.Contribution) int {
	if c == nil {
		return 0
	}
	return c.Version
}

// latest returns the later of two instants: clocks of several servers differ, and nothing ends before it begins.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
