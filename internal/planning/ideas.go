package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// RaiseIdea raises an idea for a pain point or a key result. A pain point that was dismissed or merged into another
// answers CONFLICT, and so does a key result of a closed objective.
func (p *Planner) RaiseIdea(ctx context.Context, in needle.RaiseIdeaInput) (*needle.Idea, error) {
	var i *needle.Idea
	err := p.change(ctx, needle.ActRaiseIdea, in, func(ctx context.Context, a act) error {
		var on about
		if in.PainPointID != nil {
			if err := a.painForIdea(ctx, *in.PainPointID); err != nil {
				return err
			}
		} else {
			_, o, err := a.openKeyResult(ctx, "input.keyResultId", *in.KeyResultID)
			if err != nil {
				return err
			}
			on = aboutObjective(o)
		}
		i = &needle.Idea{
			Stamp: a.Stamp(), ID: needle.NewIdeaID(), Title: needle.Clean(in.Title), Description: needle.Clean(or(in.Description, "")),
			PainPointID: in.PainPointID, KeyResultID: in.KeyResultID, State: needle.IdeaOpen,
			StateChangedAt: a.Now(), CreatedBy: a.viewer.UserID,
		}
		if err := a.InsertIdea(ctx, i); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, i.ID, nil, i, on)
	})
	return i, err
}

// UpdateIdea changes an idea's texts. Those of a PROMOTED one answer CONFLICT: its item has them now.
func (p *Planner) UpdateIdea(ctx context.Context, in needle.UpdateIdeaInput) (*needle.Idea, error) {
	var i *needle.Idea
	err := p.change(ctx, needle.ActRaiseIdea, in, func(ctx context.Context, a act) error {
		var err error
		if i, err = a.Idea(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if !i.CanEdit(a.viewer) {
			return needle.Forbidden("change this idea")
		}
		if err := current(i.Version, in.ExpectedVersion); err != nil {
			return err
		}
		if i.State == needle.IdeaPromoted {
			return needle.Conflict("input.id", "this idea became a backlog item; change that")
		}
		on, err := a.concernsOfIdea(ctx, i)
		if err != nil {
			return err
		}
		before := *i
		setText(&i.Title, in.Title)
		setText(&i.Description, in.Description)
		if err := a.UpdateIdea(ctx, i); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, i.ID, before, i, on)
	})
	return i, err
}

// ExploreIdea says that somebody looks into an idea. One that is not OPEN answers CONFLICT.
func (p *Planner) ExploreIdea(ctx context.Context, in needle.ExploreIdeaInput) (*needle.Idea, error) {
	return p.moveIdea(ctx, nil, in.ID, needle.IdeaExploring, in.ExpectedVersion, "")
}

// ParkIdea puts an idea aside; the reason reaches its author. One that is decided already answers CONFLICT.
func (p *Planner) ParkIdea(ctx context.Context, in needle.ParkIdeaInput) (*needle.Idea, error) {
	return p.moveIdea(ctx, in, in.ID, needle.IdeaParked, in.ExpectedVersion, needle.Clean(in.Reason))
}

// ReopenIdea takes up a parked idea again; why it was parked stays in the activities. One that is not PARKED answers
// CONFLICT.
func (p *Planner) ReopenIdea(ctx context.Context, in needle.ReopenIdeaInput) (*needle.Idea, error) {
	return p.moveIdea(ctx, nil, in.ID, needle.IdeaOpen, in.ExpectedVersion, "")
}

// PromoteIdea makes an idea a backlog item of a team, and links it to the idea's key result unless the caller says
// otherwise. An idea that is decided already answers CONFLICT; so of several callers at once, one makes the item.
func (p *Planner) PromoteIdea(ctx context.Context, in needle.PromoteIdeaInput) (*needle.Idea, error) {
	var i *needle.Idea
	err := p.change(ctx, needle.ActDecideIdea, in, func(ctx context.Context, a act) error {
		var err error
		if i, err = a.ideaToMove(ctx, in.ID, needle.IdeaPromoted, in.ExpectedVersion); err != nil {
			return err
		}
		linked := i.KeyResultID != nil && or(in.Link, true)
		if linked && !a.viewer.May(needle.ActLinkWork) {
			return needle.Invalid("input.link", needle.CodeForbidden, "you may not link work; promote the idea without the link")
		}
		on, err := a.concernsOfIdea(ctx, i)
		if err != nil {
			return err
		}
		item, err := a.addItem(ctx, in.Item(i))
		if err != nil {
			return err
		}
		before := *i
		i.ItemID = &item.ID
		if err := a.settleIdea(ctx, i, needle.IdeaPromoted); err != nil {
			return err
		}
		on.team = &item.TeamID
		if err := a.record(ctx, needle.VerbMoved, i.ID, before, i, on); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbCreated, item.ID, nil, item, about{team: &item.TeamID}); err != nil {
			return err
		}
		if linked {
			if err := a.SerializeLinks(ctx); err != nil {
				return err
			}
			if _, err := a.link(ctx, needle.LinkInput{ItemID: item.ID, KeyResultID: *i.KeyResultID}, on); err != nil {
				return err
			}
		}
		return a.inherit(ctx, nil, item)
	})
	return i, err
}

// moveIdea moves an idea to another state, for a reason that may be empty.
func (p *Planner) moveIdea(ctx context.Context, in valid, id needle.IdeaID, to needle.IdeaState, expected *int, reason string) (*needle.Idea, error) {
	var i *needle.Idea
	err := p.change(ctx, needle.ActDecideIdea, in, func(ctx context.Context, a act) error {
		var err error
		if i, err = a.ideaToMove(ctx, id, to, expected); err != nil {
			return err
		}
		on, err := a.concernsOfIdea(ctx, i)
		if err != nil {
			return err
		}
		before := *i
		i.Reason = reason
		if err := a.settleIdea(ctx, i, to); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbMoved, i.ID, before, i, on)
	})
	return i, err
}

// ideaToMove reads an idea that may go to a state.
func (a act) ideaToMove(ctx context.Context, id needle.IdeaID, to needle.IdeaState, expected *int) (*needle.Idea, error) {
	i, err := a.Idea(ctx, id)
	if err != nil {
		return nil, at("input.id", err)
	}
	if err := current(i.Version, expected); err != nil {
		return nil, err
	}
	if i.State == to {
		return nil, needle.Conflict("input.id", "this idea is "+string(to)+" already")
	}
	if !i.CanMove(to) {
		return nil, needle.Conflict("input.id", "an idea cannot go from "+string(i.State)+" to "+string(to))
	}
	return i, nil
}

// settleIdea stores that the viewer moved an idea to a state.
func (a act) settleIdea(ctx context.Context, i *needle.Idea, to needle.IdeaState) error {
	i.State, i.StateChangedAt, i.DecidedBy = to, a.Now(), &a.viewer.UserID
	return a.UpdateIdea(ctx, i)
}

// undecidedIdea holds an idea of which it is open what becomes of it, and returns the objective concerned, nil when
// there is none.
func (a act) undecidedIdea(ctx context.Context, field string, id needle.IdeaID) (*needle.Objective, error) {
	i, err := a.Idea(ctx, id)
	if err != nil {
		return nil, at(field, err)
	}
	if !i.Undecided() {
		return nil, needle.Conflict(field, "this idea is decided already: it is "+string(i.State))
	}
	if i.KeyResultID == nil {
		return nil, nil //nolint:nilnil // An idea for a pain point concerns no objective, which is no error.
	}
	found, err := a.KeyResultsByID(ctx, []needle.KeyResultID{*i.KeyResultID})
	if err != nil {
		return nil, err
	}
	return a.openObjective(ctx, field, found[0].ObjectiveID)
}

// painForIdea demands that ideas may be raised for a pain point.
func (a act) painForIdea(ctx context.Context, id needle.PainPointID) error {
	const field = "input.painPointId"
	pain, err := a.livePain(ctx, field, id)
	if err != nil || pain.MergedIntoID == nil {
		return err
	}
	root, err := a.PainPointsByID(ctx, []needle.PainPointID{pain.RootID})
	if err != nil {
		return err
	}
	return needle.Conflict(field, "this pain point was merged into "+root[0].Key()+"; raise the idea for that one")
}

// concernsOfIdea returns what the activities of an idea are about.
func (a act) concernsOfIdea(ctx context.Context, i *needle.Idea) (about, error) {
	if i.KeyResultID == nil {
		return about{}, nil
	}
	found, err := a.KeyResultsByID(ctx, []needle.KeyResultID{*i.KeyResultID})
	if err != nil {
		return about{}, err
	}
	return about{&found[0].TeamID, &found[0].ObjectiveID}, nil
}
