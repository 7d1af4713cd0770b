package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *connectionResolver) Health(ctx context.Context, objs []*needle.Connection) ([]*needle.ConnectionHealth, error) {
	return r.health(r.scope(ctx).ConnectionFacts(ctx, objs))
}
