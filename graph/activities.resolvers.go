package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

func (r *activityResolver) Actor(ctx context.Context, objs []*needle.Activity) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(a *needle.Activity) *needle.UserID { return a.ActorID }))
}

func (r *activityResolver) Summary(ctx context.Context, objs []*needle.Activity) ([]string, error) {
	return r.summaries(ctx, objs)
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

func (r *backlogItemResolver) Activities(ctx context.Context, objs []*needle.BacklogItem, first *int, after *string, last *int, before *string, filter *needle.ActivityFilter, orderBy []*needle.Order[needle.ActivityOrderField]) ([]*needle.Page[*needle.Activity], error) {
	return store.ActivitiesBySubject(ctx, r.scope(ctx), keys(objs, func(b *needle.BacklogItem) needle.BacklogItemID { return b.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *keyResultResolver) Activities(ctx context.Context, objs []*needle.KeyResult, first *int, after *string, last *int, before *string, filter *needle.ActivityFilter, orderBy []*needle.Order[needle.ActivityOrderField]) ([]*needle.Page[*needle.Activity], error) {
	return store.ActivitiesBySubject(ctx, r.scope(ctx), keys(objs, keyResultID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *painPointResolver) Activities(ctx context.Context, objs []*needle.PainPoint, first *int, after *string, last *int, before *string, filter *needle.ActivityFilter, orderBy []*needle.Order[needle.ActivityOrderField]) ([]*needle.Page[*needle.Activity], error) {
	return store.ActivitiesBySubject(ctx, r.scope(ctx), keys(objs, func(p *needle.PainPoint) needle.PainPointID { return p.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *queryResolver) Activities(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.ActivityFilter, orderBy []*needle.Order[needle.ActivityOrderField]) (*needle.Page[*needle.Activity], error) {
	return r.scope(ctx).Activities(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *teamResolver) Activities(ctx context.Context, objs []*needle.Team, first *int, after *string, last *int, before *string, filter *needle.ActivityFilter, orderBy []*needle.Order[needle.ActivityOrderField]) ([]*needle.Page[*needle.Activity], error) {
	return r.scope(ctx).ActivitiesByTeam(ctx, keys(objs, func(t *needle.Team) needle.TeamID { return t.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *userResolver) Activities(ctx context.Context, objs []*needle.User, first *int, after *string, last *int, before *string, filter *needle.ActivityFilter, orderBy []*needle.Order[needle.ActivityOrderField]) ([]*needle.Page[*needle.Activity], error) {
	return r.scope(ctx).ActivitiesByActor(ctx, keys(objs, func(u *needle.User) needle.UserID { return u.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Activity() generated.ActivityResolver { return &activityResolver{r} }

type activityResolver struct{ *Resolver }
