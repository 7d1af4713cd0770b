package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *issueResolver) UnobservedSince(ctx context.Context, objs []*needle.Issue) ([]*time.Time, error) {
	return unobserved(objs)(r.scope(ctx).SourcesByID(ctx, keys(objs, func(i *needle.Issue) needle.SourceID { return i.SourceID })))
}

func (r *mutationResolver) CheckConnection(ctx context.Context, input needle.CheckConnectionInput) (*model.CheckConnectionPayload, error) {
	check, problems, err := settle(r.Syncing.CheckConnection(ctx, input))
	return &model.CheckConnectionPayload{Check: check, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) AvailableSources(ctx context.Context, input needle.AvailableSourcesInput) (*model.AvailableSourcesPayload, error) {
	sources, problems, err := settle(r.Syncing.AvailableSources(ctx, input))
	return &model.AvailableSourcesPayload{Sources: sources, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) RemoveSource(ctx context.Context, input needle.RemoveSourceInput) (*model.RemoveSourcePayload, error) {
	source, problems, err := settle(r.Syncing.RemoveSource(ctx, input))
	return &model.RemoveSourcePayload{Source: source, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}
