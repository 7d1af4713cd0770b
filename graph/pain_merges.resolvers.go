package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) MergePainPoints(ctx context.Context, input needle.MergePainPointsInput) (*model.MergePainPointsPayload, error) {
	merge, problems, err := settle(r.Planner.MergePainPoints(ctx, input))
	return &model.MergePainPointsPayload{Merge: merge, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UndoMerge(ctx context.Context, input needle.UndoMergeInput) (*model.UndoMergePayload, error) {
	merge, problems, err := settle(r.Planner.UndoMerge(ctx, input))
	return &model.UndoMergePayload{Merge: merge, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *painMergeResolver) From(ctx context.Context, objs []*needle.PainMerge) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, keys(objs, func(m *needle.PainMerge) needle.PainPointID { return m.FromID }))
}

func (r *painMergeResolver) Into(ctx context.Context, objs []*needle.PainMerge) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, keys(objs, func(m *needle.PainMerge) needle.PainPointID { return m.IntoID }))
}

func (r *painMergeResolver) MergedBy(ctx context.Context, objs []*needle.PainMerge) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(m *needle.PainMerge) needle.UserID { return m.MergedBy }))
}

func (r *painMergeResolver) UndoneBy(ctx context.Context, objs []*needle.PainMerge) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(m *needle.PainMerge) *needle.UserID { return m.UndoneBy }))
}

func (r *painPointResolver) MergedInto(ctx context.Context, objs []*needle.PainPoint) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, maybe(objs, func(p *needle.PainPoint) *needle.PainPointID { return p.MergedIntoID }))
}

func (r *painPointResolver) Merges(ctx context.Context, objs []*needle.PainPoint, first *int, after *string, last *int, before *string, filter *needle.PainMergeFilter, orderBy []*needle.Order[needle.PainMergeOrderField]) ([]*needle.Page[*needle.PainMerge], error) {
	return r.scope(ctx).PainMergesByPainPoint(ctx, keys(objs, func(p *needle.PainPoint) needle.PainPointID { return p.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) PainMerge() generated.PainMergeResolver { return &painMergeResolver{r} }

type painMergeResolver struct{ *Resolver }
