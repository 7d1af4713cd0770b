package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// linesOfSight answers for the viewer's workspace, which each of the objects is.
func (r *Resolver) linesOfSight(ctx context.Context, objs []*needle.Workspace, from needle.LineOfSightFrom, asOf *time.Time) ([]*needle.LineOfSight, error) {
	if err := from.Validate("from"); err != nil {
		return nil, err
	}
	at, err := needle.KnownAt(asOf, r.Now())
	if err != nil {
		return nil, err
	}
	facts, err := r.scope(ctx).LineOfSightFacts(ctx, from, at)
	if err != nil {
		return nil, about(from.Field("from"), err)
	}
	line, out := impact.LineOfSight(facts), make([]*needle.LineOfSight, len(objs))
	for i := range objs {
		out[i] = line
	}
	return out, nil
}
