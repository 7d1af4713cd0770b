package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) SettleVanished(ctx context.Context, input needle.SettleVanishedInput) (*model.SettleVanishedPayload, error) {
	source, problems, err := settle(r.Syncing.SettleVanished(ctx, input))
	return &model.SettleVanishedPayload{Source: source, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *sourceResolver) Connection(ctx context.Context, objs []*needle.Source) ([]*needle.Connection, error) {
	return r.scope(ctx).ConnectionsByID(ctx, keys(objs, func(s *needle.Source) needle.ConnectionID { return s.ConnectionID }))
}

func (r *sourceResolver) Upload(ctx context.Context, objs []*needle.Source) ([]*needle.Upload, error) {
	return r.scope(ctx).UploadsBySource(ctx, keys(objs, func(s *needle.Source) needle.SourceID { return s.ID }))
}

func (r *sourceResolver) SyncRuns(ctx context.Context, objs []*needle.Source, first *int, after *string, last *int, before *string, filter *needle.SyncRunFilter, orderBy []*needle.Order[needle.SyncRunOrderField]) ([]*needle.Page[*needle.SyncRun], error) {
	return r.scope(ctx).SyncRunsBySource(ctx, keys(objs, func(s *needle.Source) needle.SourceID { return s.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Source() generated.SourceResolver { return &sourceResolver{r} }

type sourceResolver struct{ *Resolver }
