package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// reviews answers the review question for a level of teams. since defaults to the cycle's start and asOf to now.
func (r *Resolver) reviews(ctx context.Context, objs []*needle.Team, cycleID string, since, asOf *time.Time) ([]*needle.Review, error) {
	cycle, window, now, err := r.window(cycleID, since, asOf)
	if err != nil {
		return nil, err
	}
	facts, err := r.scope(ctx).ReviewFacts(ctx, keys(objs, teamID), cycle, window, now)
	if err != nil {
		return nil, about("cycleId", err)
	}
	out := make([]*needle.Review, len(objs))
	for i, team := range objs {
		out[i] = impact.Review(facts.Of(team))
	}
	return out, nil
}

// window reads the arguments that name a cycle and a span, and the present moment.
func (r *Resolver) window(cycleID string, since, asOf *time.Time) (needle.CycleID, needle.ReviewWindow, time.Time, error) {
	now, window := r.Now(), needle.ReviewWindow{Since: since, AsOf: asOf}
	cycle, err := needle.ParseCycleID(cycleID)
	if err != nil {
		return cycle, window, now, about("cycleId", err)
	}
	return cycle, window, now, window.Validate(now)
}
