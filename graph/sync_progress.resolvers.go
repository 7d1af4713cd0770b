package graph

import (
	"context"
	"fmt"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *subscriptionResolver) SyncProgress(ctx context.Context, connectionID string) (<-chan *needle.SyncProgress, error) {
	panic(fmt.Errorf("not implemented: SyncProgress - syncProgress"))
}

func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

type subscriptionResolver struct{ *Resolver }
