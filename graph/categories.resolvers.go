package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) CreateCategory(ctx context.Context, input needle.CreateCategoryInput) (*model.CreateCategoryPayload, error) {
	category, problems, err := settle(r.Planner.CreateCategory(ctx, input))
	return &model.CreateCategoryPayload{Category: category, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateCategory(ctx context.Context, input needle.UpdateCategoryInput) (*model.UpdateCategoryPayload, error) {
	category, problems, err := settle(r.Planner.UpdateCategory(ctx, input))
	return &model.UpdateCategoryPayload{Category: category, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) DeleteCategory(ctx context.Context, input needle.DeleteCategoryInput) (*model.DeleteCategoryPayload, error) {
	category, problems, err := settle(r.Planner.DeleteCategory(ctx, input))
	return &model.DeleteCategoryPayload{Category: category, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) Categories(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.CategoryFilter, orderBy []*needle.Order[needle.CategoryOrderField]) (*needle.Page[*needle.Category], error) {
	return r.scope(ctx).Categories(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}
