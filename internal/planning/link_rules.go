package planning

import (
	"context"
	"errors"

	"github.com/needle-okr/needle/internal/needle"
)

// CreateLinkRule writes a rule. What is there already is linked at once where it is little, and in the background where it
// is much: EvaluatedAt tells when all of it was. A query is asked with the next pass over its tracker, which is asked for. A
// rule that is there already answers DUPLICATE.
func (p *Planner) CreateLinkRule(ctx context.Context, in needle.CreateLinkRuleInput) (*needle.LinkRule, error) {
	var r *needle.LinkRule
	err := p.change(ctx, needle.ActLinkWork, in, func(ctx context.Context, a act) error {
		r = in.Rule()
		r.Stamp, r.ID, r.CreatedBy = a.Stamp(), needle.NewLinkRuleID(), a.viewer.UserID
		on, err := p.checkRule(ctx, a, r)
		if err != nil {
			return err
		}
		if err := a.InsertLinkRule(ctx, r); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbCreated, r.ID, nil, r, on); err != nil {
			return err
		}
		return a.evaluate(ctx, r)
	})
	return r, err
}

// UpdateLinkRule changes a rule and, as CreateLinkRule does, the links it made: what it no longer covers ends, or goes to
// whatever comes next.
func (p *Planner) UpdateLinkRule(ctx context.Context, in needle.UpdateLinkRuleInput) (*needle.LinkRule, error) {
	var r *needle.LinkRule
	err := p.change(ctx, needle.ActLinkWork, nil, func(ctx context.Context, a act) error {
		var err error
		if r, err = a.LinkRule(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(r.Version, in.ExpectedVersion); err != nil {
			return err
		}
		before := *r
		in.Change(r)
		if err := r.Validate("input"); err != nil {
			return err
		}
		on, err := p.checkRule(ctx, a, r)
		if err != nil {
			return err
		}
		r.EvaluatedAt, r.StateReason = nil, ""
		if err := a.UpdateLinkRule(ctx, r); errors.Is(err, needle.ErrDuplicate) {
			return needle.Invalid("input.connectionId", needle.CodeDuplicate, "there is such a rule already")
		} else if err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbUpdated, r.ID, before, r, on); err != nil {
			return err
		}
		return a.evaluate(ctx, r)
	})
	return r, err
}

// DeleteLinkRule takes a rule away, and with it the links it made, unless something else makes them; their history stays
// and goes on naming it.
func (p *Planner) DeleteLinkRule(ctx context.Context, in needle.DeleteLinkRuleInput) (*needle.LinkRule, error) {
	var r *needle.LinkRule
	err := p.change(ctx, needle.ActLinkWork, nil, func(ctx context.Context, a act) error {
		var err error
		if r, err = a.LinkRule(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(r.Version, in.ExpectedVersion); err != nil {
			return err
		}
		k, err := a.KeyResult(ctx, r.KeyResultID)
		if err != nil {
			return err
		}
		before, now := *r, a.Now()
		r.Enabled, r.DeletedAt, r.StateReason = false, &now, ""
		if err := a.UpdateLinkRule(ctx, r); err != nil {
			return err
		}
		if err := a.ForgetMatches(ctx, r.ID); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbDeleted, r.ID, before, nil, about{&k.TeamID, &k.ObjectiveID}); err != nil {
			return err
		}
		return a.evaluate(ctx, r)
	})
	return r, err
}

// checkRule demands that what a rule names exists and that its tracker can be asked, and returns what its activities concern.
func (p *Planner) checkRule(ctx context.Context, a act, r *needle.LinkRule) (about, error) {
	if r.ConnectionID != nil {
		conn, err := a.Connection(ctx, *r.ConnectionID)
		if err != nil {
			return about{}, at("input.connectionId", err)
		}
		if r.Kind == needle.LinkByQuery && !p.searches(conn.Kind) {
			return about{}, needle.Invalid("input.connectionId", needle.CodeInvalid,
				"this tracker cannot be searched; link by label, path or epic instead")
		}
	}
	k, err := a.KeyResult(ctx, r.KeyResultID)
	if err != nil {
		return about{}, at("input.keyResultId", err)
	}
	return about{&k.TeamID, &k.ObjectiveID}, nil
}

// evaluate carries a change of a rule to the first items, which are all unless there are many, and asks for a pass where
// only the tracker knows what the rule covers.
func (a act) evaluate(ctx context.Context, r *needle.LinkRule) error {
	if r.Kind == needle.LinkByQuery && r.Enabled {
		if err := a.AskForSync(ctx, *r.ConnectionID, a.Now()); err != nil {
			return err
		}
	}
	if err := a.WalkLinkRule(ctx, r.ID); err != nil {
		return err
	}
	if _, _, err := a.LinkNextItems(ctx); err != nil {
		return err
	}
	found, err := a.LinkRulesByID(ctx, []needle.LinkRuleID{r.ID})
	if err != nil {
		return err
	}
	*r = *found[0]
	return nil
}
