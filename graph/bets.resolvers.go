package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *contributionResolver) LockedBet(ctx context.Context, objs []*needle.Contribution, asOf *time.Time) ([]*needle.LockedBet, error) {
	return r.lockedBets(ctx, objs, asOf)
}
