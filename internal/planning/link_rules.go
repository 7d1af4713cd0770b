package planning

import (
	"context"
	"errors"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// CreateLinkRule writes a rule and applies it to the work that is there. A rule that is there already answers DUPLICATE.
func (p *Planner) CreateLinkRule(ctx context.Context, in needle.CreateLinkRuleInput) (*needle.LinkRule, error) {
	var r *needle.LinkRule
	err := p.change(ctx, needle.ActLinkWork, in, func(ctx context.Context, a act) error {
		if err := a.checkConnection(ctx, in.ConnectionID); err != nil {
			return err
		}
		k, err := a.KeyResult(ctx, in.KeyResultID)
		if err != nil {
			return at("input.keyResultId", err)
		}
		r = &needle.LinkRule{
			Stamp: a.Stamp(), ID: needle.NewLinkRuleID(), ConnectionID: in.ConnectionID,
			Label: strings.TrimSpace(needle.Clean(in.Label)), KeyResultID: in.KeyResultID,
			Role: or(in.Role, needle.RoleDrives), Enabled: true, CreatedBy: a.viewer.UserID,
		}
		if err := a.InsertLinkRule(ctx, r); err != nil {
			return err
		}
		if _, err := a.LinkAllByRules(ctx); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, r.ID, nil, r, about{&k.TeamID, &k.ObjectiveID})
	})
	return r, err
}

// UpdateLinkRule changes a rule and the links it made: switched off or narrowed, it ends those it no longer covers.
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
		k, err := a.KeyResult(ctx, r.KeyResultID)
		if err != nil {
			return err
		}
		before := *r
		if v, ok := in.ConnectionID.ValueOK(); ok {
			if err := a.checkConnection(ctx, v); err != nil {
				return err
			}
			r.ConnectionID = v
		}
		set(&r.Enabled, in.Enabled)
		set(&r.Role, in.Role)
		if err := a.UpdateLinkRule(ctx, r); errors.Is(err, needle.ErrDuplicate) {
			return needle.Invalid("input.connectionId", needle.CodeDuplicate, "there is such a rule already")
		} else if err != nil {
			return err
		}
		if _, err := a.LinkAllByRules(ctx); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, r.ID, before, r, about{&k.TeamID, &k.ObjectiveID})
	})
	return r, err
}

// checkConnection demands that the tracker a rule is narrowed to exists; nil covers all.
func (a act) checkConnection(ctx context.Context, id *needle.ConnectionID) error {
	if id == nil {
		return nil
	}
	_, err := a.Connection(ctx, *id)
	return at("input.connectionId", err)
}
