package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *teamResolver) Gaps(ctx context.Context, objs []*needle.Team, cycleID string, since *time.Time, asOf *time.Time, kinds []needle.GapKind) ([]*needle.GapReport, error) {
	return r.gaps(ctx, objs, cycleID, since, asOf, kinds)
}
