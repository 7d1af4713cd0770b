package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) CreateUser(ctx context.Context, input needle.CreateUserInput) (*model.CreateUserPayload, error) {
	user, problems, err := settle(r.Planner.CreateUser(ctx, input))
	return &model.CreateUserPayload{User: user, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateUser(ctx context.Context, input needle.UpdateUserInput) (*model.UpdateUserPayload, error) {
	user, problems, err := settle(r.Planner.UpdateUser(ctx, input))
	return &model.UpdateUserPayload{User: user, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) User(ctx context.Context, id string) (*needle.User, error) {
	return byID(ctx, id, needle.ParseUserID, r.scope(ctx).UsersByID)
}

func (r *queryResolver) Users(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.UserFilter, orderBy []*needle.Order[needle.UserOrderField]) (*needle.Page[*needle.User], error) {
	return r.scope(ctx).Users(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *userResolver) Teams(ctx context.Context, objs []*needle.User, first *int, after *string, last *int, before *string, filter *needle.TeamFilter, orderBy []*needle.Order[needle.TeamOrderField]) ([]*needle.Page[*needle.Team], error) {
	return r.scope(ctx).TeamsByMember(ctx, keys(objs, func(u *needle.User) needle.UserID { return u.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *viewerResolver) User(ctx context.Context, objs []*needle.Viewer) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(v *needle.Viewer) needle.UserID { return v.UserID }))
}

func (r *viewerResolver) Workspace(ctx context.Context, objs []*needle.Viewer) ([]*needle.Workspace, error) {
	return r.workspaces(ctx, objs)
}

func (r *Resolver) User() generated.UserResolver { return &userResolver{r} }

func (r *Resolver) Viewer() generated.ViewerResolver { return &viewerResolver{r} }

type (
	userResolver   struct{ *Resolver }
	viewerResolver struct{ *Resolver }
)
