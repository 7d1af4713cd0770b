package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *keyResultResolver) Series(ctx context.Context, objs []*needle.KeyResult, from *time.Time, to *time.Time, rules []needle.SignalRule, asOf *time.Time) ([]*needle.KeyResultSeries, error) {
	return r.series(ctx, objs, needle.KeyResultWindow{From: from, To: to, AsOf: asOf}, rules)
}
