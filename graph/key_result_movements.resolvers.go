package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *keyResultResolver) Movement(ctx context.Context, objs []*needle.KeyResult, from time.Time, to *time.Time, asOf *time.Time) ([]*needle.KeyResultMovement, error) {
	return r.movements(ctx, objs, from, to, asOf)
}
