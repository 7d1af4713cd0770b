package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) CreateTeam(ctx context.Context, input needle.CreateTeamInput) (*model.CreateTeamPayload, error) {
	team, problems, err := settle(r.Planner.CreateTeam(ctx, input))
	return &model.CreateTeamPayload{Team: team, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateTeam(ctx context.Context, input needle.UpdateTeamInput) (*model.UpdateTeamPayload, error) {
	team, problems, err := settle(r.Planner.UpdateTeam(ctx, input))
	return &model.UpdateTeamPayload{Team: team, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) SetTeamMembers(ctx context.Context, input needle.SetTeamMembersInput) (*model.SetTeamMembersPayload, error) {
	team, problems, err := settle(r.Planner.SetTeamMembers(ctx, input))
	return &model.SetTeamMembersPayload{Team: team, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) Team(ctx context.Context, id string) (*needle.Team, error) {
	return byID(ctx, id, needle.ParseTeamID, r.scope(ctx).TeamsByID)
}

func (r *queryResolver) Teams(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.TeamFilter, orderBy []*needle.Order[needle.TeamOrderField]) (*needle.Page[*needle.Team], error) {
	return r.scope(ctx).Teams(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *teamResolver) Lead(ctx context.Context, objs []*needle.Team) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(t *needle.Team) *needle.UserID { return t.LeadID }))
}

func (r *teamResolver) Parent(ctx context.Context, objs []*needle.Team) ([]*needle.Team, error) {
	return r.scope(ctx).TeamsByID(ctx, maybe(objs, func(t *needle.Team) *needle.TeamID { return t.ParentID }))
}

func (r *teamResolver) Children(ctx context.Context, objs []*needle.Team, first *int, after *string, last *int, before *string, filter *needle.TeamFilter, orderBy []*needle.Order[needle.TeamOrderField]) ([]*needle.Page[*needle.Team], error) {
	return r.scope(ctx).TeamsByParent(ctx, keys(objs, func(t *needle.Team) needle.TeamID { return t.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *teamResolver) Members(ctx context.Context, objs []*needle.Team) ([][]*needle.TeamMember, error) {
	id := func(t *needle.Team) needle.TeamID { return t.ID }
	found, err := r.scope(ctx).TeamMembers(ctx, keys(objs, id))
	return spread(objs, id, found, err)
}

func (r *teamResolver) Objectives(ctx context.Context, objs []*needle.Team, first *int, after *string, last *int, before *string, filter *needle.ObjectiveFilter, orderBy []*needle.Order[needle.ObjectiveOrderField]) ([]*needle.Page[*needle.Objective], error) {
	return r.scope(ctx).ObjectivesByTeam(ctx, keys(objs, func(t *needle.Team) needle.TeamID { return t.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *teamResolver) KeyResults(ctx context.Context, objs []*needle.Team, first *int, after *string, last *int, before *string, filter *needle.KeyResultFilter, orderBy []*needle.Order[needle.KeyResultOrderField]) ([]*needle.Page[*needle.KeyResult], error) {
	return r.scope(ctx).KeyResultsByTeam(ctx, keys(objs, func(t *needle.Team) needle.TeamID { return t.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *teamResolver) BacklogItems(ctx context.Context, objs []*needle.Team, first *int, after *string, last *int, before *string, filter *needle.BacklogItemFilter, orderBy []*needle.Order[needle.BacklogItemOrderField]) ([]*needle.Page[*needle.BacklogItem], error) {
	return r.scope(ctx).BacklogItemsByTeam(ctx, keys(objs, func(t *needle.Team) needle.TeamID { return t.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *teamResolver) Review(ctx context.Context, objs []*needle.Team, cycleID string, since *time.Time, asOf *time.Time) ([]*needle.Review, error) {
	return r.reviews(ctx, objs, cycleID, since, asOf)
}

func (r *teamMemberResolver) User(ctx context.Context, objs []*needle.TeamMember) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(t *needle.TeamMember) needle.UserID { return t.UserID }))
}

func (r *Resolver) Team() generated.TeamResolver { return &teamResolver{r} }

func (r *Resolver) TeamMember() generated.TeamMemberResolver { return &teamMemberResolver{r} }

type (
	teamResolver       struct{ *Resolver }
	teamMemberResolver struct{ *Resolver }
)
