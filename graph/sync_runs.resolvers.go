package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) RequestSync(ctx context.Context, input needle.RequestSyncInput) (*model.RequestSyncPayload, error) {
	connection, problems, err := settle(r.Syncing.RequestSync(ctx, input))
	return &model.RequestSyncPayload{Connection: connection, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *syncRunResolver) Connection(ctx context.Context, objs []*needle.SyncRun) ([]*needle.Connection, error) {
	return r.scope(ctx).ConnectionsByID(ctx, keys(objs, func(s *needle.SyncRun) needle.ConnectionID { return s.ConnectionID }))
}

func (r *syncRunResolver) Source(ctx context.Context, objs []*needle.SyncRun) ([]*needle.Source, error) {
	return r.scope(ctx).SourcesByID(ctx, keys(objs, func(s *needle.SyncRun) needle.SourceID { return s.SourceID }))
}

func (r *Resolver) SyncRun() generated.SyncRunResolver { return &syncRunResolver{r} }

type syncRunResolver struct{ *Resolver }
