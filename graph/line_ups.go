package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// lineUps tests for a level of teams whether movement coincides with deliveries.
func (r *Resolver) lineUps(ctx context.Context, objs []*needle.Team, cycleID string, since, asOf *time.Time, seed int) ([]*needle.LineUp, error) {
	if err := needle.ValidateSeed(seed); err != nil {
		return nil, err
	}
	evidence, err := r.teamEvidence(ctx, objs, cycleID, since, asOf)
	if err != nil {
		return nil, err
	}
	return keys(evidence, func(e *impact.Evidence) *needle.LineUp { return e.LineUp(seed) }), nil
}
