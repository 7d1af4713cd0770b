package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *connectionResolver) Mapping(ctx context.Context, objs []*needle.Connection) ([]*needle.Mapping, error) {
	return r.scope(ctx).MappingsOf(ctx, keys(objs, func(c *needle.Connection) needle.ConnectionID { return c.ID }))
}

func (r *mutationResolver) SetMapping(ctx context.Context, input needle.SetMappingInput) (*model.SetMappingPayload, error) {
	mapping, problems, err := settle(r.Syncing.SetMapping(ctx, input))
	return &model.SetMappingPayload{Mapping: mapping, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) SetItemPolicy(ctx context.Context, input needle.SetItemPolicyInput) (*model.SetItemPolicyPayload, error) {
	mapping, problems, err := settle(r.Syncing.SetItemPolicy(ctx, input))
	return &model.SetItemPolicyPayload{Mapping: mapping, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) AdoptIssue(ctx context.Context, input needle.AdoptIssueInput) (*model.AdoptIssuePayload, error) {
	item, problems, err := settle(r.Syncing.AdoptIssue(ctx, input))
	return &model.AdoptIssuePayload{BacklogItem: item, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) PreviewMapping(ctx context.Context, input needle.PreviewMappingInput) (*needle.MappingPreview, error) {
	return r.Syncing.PreviewMapping(ctx, input)
}

func (r *queryResolver) PreviewItemPolicy(ctx context.Context, input needle.PreviewItemPolicyInput) ([]*needle.ItemPolicyPreview, error) {
	return r.Syncing.PreviewItemPolicy(ctx, input)
}
