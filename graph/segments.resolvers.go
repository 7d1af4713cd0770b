package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) CreateSegment(ctx context.Context, input needle.CreateSegmentInput) (*model.CreateSegmentPayload, error) {
	segment, problems, err := settle(r.Planner.CreateSegment(ctx, input))
	return &model.CreateSegmentPayload{Segment: segment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateSegment(ctx context.Context, input needle.UpdateSegmentInput) (*model.UpdateSegmentPayload, error) {
	segment, problems, err := settle(r.Planner.UpdateSegment(ctx, input))
	return &model.UpdateSegmentPayload{Segment: segment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) DeleteSegment(ctx context.Context, input needle.DeleteSegmentInput) (*model.DeleteSegmentPayload, error) {
	segment, problems, err := settle(r.Planner.DeleteSegment(ctx, input))
	return &model.DeleteSegmentPayload{Segment: segment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) Segments(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.SegmentFilter, orderBy []*needle.Order[needle.SegmentOrderField]) (*needle.Page[*needle.Segment], error) {
	return r.scope(ctx).Segments(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}
