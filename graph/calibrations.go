package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// calibrations tells of a level of teams how their bets came out.
func (r *Resolver) calibrations(ctx context.Context, objs []*needle.Team, asOf *time.Time) ([]*needle.Calibration, error) {
	at, err := r.instant(asOf)
	if err != nil {
		return nil, err
	}
	facts, err := r.scope(ctx).CalibrationFacts(ctx, keys(objs, teamID), at)
	if err != nil {
		return nil, err
	}
	return impact.Calibrations(objs, facts), nil
}
