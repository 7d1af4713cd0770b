package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *activityResolver) Actor(ctx context.Context, objs []*needle.Activity) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(a *needle.Activity) *needle.UserID { return a.ActorID }))
}

func (r *activityResolver) Subject(ctx context.Context, objs []*needle.Activity) ([]needle.Node, error) {
	return readNodes(ctx, r.scope(ctx), keys(objs, func(a *needle.Activity) string { return a.SubjectID }))
}

func (r *activityResolver) Team(ctx context.Context, objs []*needle.Activity) ([]*needle.Team, error) {
	return r.scope(ctx).TeamsByID(ctx, maybe(objs, func(a *needle.Activity) *needle.TeamID { return a.TeamID }))
}

func (r *activityResolver) Objective(ctx context.Context, objs []*needle.Activity) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, maybe(objs, func(a *needle.Activity) *needle.ObjectiveID { return a.ObjectiveID }))
}

func (r *queryResolver) Activities(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.ActivityFilter, orderBy []*needle.Order[needle.ActivityOrderField]) (*needle.Page[*needle.Activity], error) {
	return r.scope(ctx).Activities(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Activity() generated.ActivityResolver { return &activityResolver{r} }

type activityResolver struct{ *Resolver }
