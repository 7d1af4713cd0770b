package graph

import (
	"context"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// What can be said of work and key results, worked out for a whole level at once.

// evidence gathers what was known of some key results at an instant.
func (r *Resolver) evidence(ctx context.Context, ids []needle.KeyResultID, asOf time.Time) (*impact.Evidence, error) {
	facts, err := r.scope(ctx).KeyResultFacts(ctx, ids, asOf)
	if err != nil {
		return nil, err
	}
	return impact.Gather(facts), nil
}

// attributions is what can be said of each contribution; null where the link was not known then or did not hold. What is
// asked of the present was worked out already, but for what has just been written.
func (r *Resolver) attributions(ctx context.Context, objs []*needle.Contribution, asOf *time.Time) ([]*needle.Attribution, error) {
	at, err := needle.KnownAt(asOf, r.Now())
	if err != nil {
		return nil, err
	}
	ids, found := keys(objs, func(c *needle.Contribution) needle.KeyResultID { return c.KeyResultID }), map[needle.ContributionID]*needle.Attribution{}
	if asOf == nil {
		if ids, err = r.recall(ctx, ids, at, found); err != nil {
			return nil, err
		}
	}
	if len(ids) > 0 {
		e, err := r.evidence(ctx, ids, at)
		if err != nil {
			return nil, err
		}
		noted(found, e.Attributions())
	}
	return spread(objs, contributionID, found, nil)
}

// recall finds attributions that were worked out before and count. It returns the key results of which there are none.
func (r *Resolver) recall(ctx context.Context, ids []needle.KeyResultID, now time.Time, found map[needle.ContributionID]*needle.Attribution) ([]needle.KeyResultID, error) {
	policy, err := r.scope(ctx).Policy(ctx)
	if err != nil {
		return nil, err
	}
	computed, err := r.scope(ctx).ComputedAttributions(ctx, ids, impact.RulesVersion, now)
	if err != nil {
		return nil, err
	}
	for id, c := range computed {
		said, fresh, err := impact.Recall(c, now, policy.AttributionPolicy)
		if err != nil {
			return nil, err
		}
		if !fresh {
			delete(computed, id)
		}
		noted(found, said)
	}
	return slices.DeleteFunc(ids, func(id needle.KeyResultID) bool { return computed[id] != nil }), nil
}

func noted(found map[needle.ContributionID]*needle.Attribution, said []*needle.Attribution) {
	for _, a := range said {
		found[a.Contribution.ID] = a
	}
}

// movements is how far each key result went, with its parts.
func (r *Resolver) movements(ctx context.Context, objs []*needle.KeyResult, from time.Time, to, asOf *time.Time) ([]*needle.KeyResultMovement, error) {
	window, now := needle.KeyResultWindow{From: &from, To: to, AsOf: asOf}, r.Now()
	if err := window.Validate(now); err != nil {
		return nil, err
	}
	end, at := window.Ends(now)
	e, err := r.evidence(ctx, keys(objs, keyResultID), at)
	if err != nil {
		return nil, err
	}
	out := make([]*needle.KeyResultMovement, len(objs))
	for i, k := range objs {
		out[i] = e.Movement(k.ID, from, end)
	}
	return out, nil
}

// series is what a plot of each key result shows.
func (r *Resolver) series(ctx context.Context, objs []*needle.KeyResult, window needle.KeyResultWindow, rules []needle.SignalRule) ([]*needle.KeyResultSeries, error) {
	now := r.Now()
	if err := window.Validate(now); err != nil {
		return nil, err
	}
	to, at := window.Ends(now)
	cycles, err := r.cycles(ctx, objs)
	if err != nil {
		return nil, err
	}
	e, err := r.evidence(ctx, keys(objs, keyResultID), at)
	if err != nil {
		return nil, err
	}
	out := make([]*needle.KeyResultSeries, len(objs))
	for i, k := range objs {
		out[i] = e.KeyResultSeries(k.ID, cycles[i], window.From, to, rules)
	}
	return out, nil
}
