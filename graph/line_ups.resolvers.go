package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *teamResolver) LineUp(ctx context.Context, objs []*needle.Team, cycleID string, since *time.Time, asOf *time.Time, seed int) ([]*needle.LineUp, error) {
	return r.lineUps(ctx, objs, cycleID, since, asOf, seed)
}
