package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// reviews answers the review question for a level of teams. since defaults to the cycle's start and asOf to now.
func (r *Resolver) reviews(ctx context.Context, objs []*needle.Team, cycleID string, since, asOf *time.Time) ([]*needle.Review, error) {
	cycle, err := needle.ParseCycleID(cycleID)
	if err != nil {
		return nil, about("cycleId", err)
	}
	now := r.Now()
	window := needle.ReviewWindow{Since: since, AsOf: asOf}
	if err := window.Validate(now); err != nil {
		return nil, err
	}
	facts, err := r.scope(ctx).ReviewFacts(ctx, keys(objs, func(t *needle.Team) needle.TeamID { return t.ID }), cycle, window, now)
	if err != nil {
		return nil, about("cycleId", err)
	}
	out := make([]*needle.Review, len(objs))
	for i, team := range objs {
		out[i] = impact.Review(facts.Of(team))
	}
	return out, nil
}
