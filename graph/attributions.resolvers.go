package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *contributionResolver) Attribution(ctx context.Context, objs []*needle.Contribution, asOf *time.Time) ([]*needle.Attribution, error) {
	return r.attributions(ctx, objs, asOf)
}
