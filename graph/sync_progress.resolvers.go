package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *subscriptionResolver) SyncProgress(ctx context.Context, connectionID string) (<-chan *needle.SyncProgress, error) {
	return r.syncProgress(ctx, connectionID)
}

func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

type subscriptionResolver struct{ *Resolver }
