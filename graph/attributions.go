package graph

import (
	"context"
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

// attributions is what can be said of each contribution; null where the link was not known then or did not hold.
func (r *Resolver) attributions(ctx context.Context, objs []*needle.Contribution, asOf *time.Time) ([]*needle.Attribution, error) {
	at, err := needle.KnownAt(asOf, r.Now())
	if err != nil {
		return nil, err
	}
	e, err := r.evidence(ctx, keys(objs, func(c *needle.Contribution) needle.KeyResultID { return c.KeyResultID }), at)
	if err != nil {
		return nil, err
	}
	found := map[needle.ContributionID]*needle.Attribution{}
	for _, a := range e.Attributions() {
		found[a.Contribution.ID] = a
	}
	return spread(objs, contributionID, found, nil)
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
