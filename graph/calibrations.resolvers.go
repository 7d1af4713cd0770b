package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *teamResolver) Calibration(ctx context.Context, objs []*needle.Team, asOf *time.Time) ([]*needle.Calibration, error) {
	return r.calibrations(ctx, objs, asOf)
}
