package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) CreateObjective(ctx context.Context, input needle.CreateObjectiveInput) (*model.CreateObjectivePayload, error) {
	objective, problems, err := settle(r.Planner.CreateObjective(ctx, input))
	return &model.CreateObjectivePayload{Objective: objective, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateObjective(ctx context.Context, input needle.UpdateObjectiveInput) (*model.UpdateObjectivePayload, error) {
	objective, problems, err := settle(r.Planner.UpdateObjective(ctx, input))
	return &model.UpdateObjectivePayload{Objective: objective, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) MoveObjective(ctx context.Context, input needle.MoveObjectiveInput) (*model.MoveObjectivePayload, error) {
	objective, problems, err := settle(r.Planner.MoveObjective(ctx, input))
	return &model.MoveObjectivePayload{Objective: objective, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *objectiveResolver) Progress(ctx context.Context, objs []*needle.Objective) ([]*float64, error) {
	return r.progress(ctx, objs)
}

func (r *objectiveResolver) Team(ctx context.Context, objs []*needle.Objective) ([]*needle.Team, error) {
	return r.scope(ctx).TeamsByID(ctx, keys(objs, func(o *needle.Objective) needle.TeamID { return o.TeamID }))
}

func (r *objectiveResolver) Cycle(ctx context.Context, objs []*needle.Objective) ([]*needle.Cycle, error) {
	return r.scope(ctx).CyclesByID(ctx, keys(objs, func(o *needle.Objective) needle.CycleID { return o.CycleID }))
}

func (r *objectiveResolver) ParentObjective(ctx context.Context, objs []*needle.Objective) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, maybe(objs, func(o *needle.Objective) *needle.ObjectiveID { return o.ParentObjectiveID }))
}

func (r *objectiveResolver) ParentKeyResult(ctx context.Context, objs []*needle.Objective) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, maybe(objs, func(o *needle.Objective) *needle.KeyResultID { return o.ParentKeyResultID }))
}

func (r *objectiveResolver) Children(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.ObjectiveFilter, orderBy []*needle.Order[needle.ObjectiveOrderField]) ([]*needle.Page[*needle.Objective], error) {
	return r.scope(ctx).ObjectivesByParent(ctx, keys(objs, func(o *needle.Objective) needle.ObjectiveID { return o.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *objectiveResolver) PainPoints(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.PainPointFilter, orderBy []*needle.Order[needle.PainPointOrderField]) ([]*needle.Page[*needle.PainPoint], error) {
	return r.scope(ctx).PainPointsByObjective(ctx, keys(objs, func(o *needle.Objective) needle.ObjectiveID { return o.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *objectiveResolver) KeyResults(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.KeyResultFilter, orderBy []*needle.Order[needle.KeyResultOrderField]) ([]*needle.Page[*needle.KeyResult], error) {
	return r.scope(ctx).KeyResultsByObjective(ctx, keys(objs, func(o *needle.Objective) needle.ObjectiveID { return o.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *objectiveResolver) CreatedBy(ctx context.Context, objs []*needle.Objective) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(o *needle.Objective) needle.UserID { return o.CreatedBy }))
}

func (r *objectiveResolver) Activities(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.ActivityFilter, orderBy []*needle.Order[needle.ActivityOrderField]) ([]*needle.Page[*needle.Activity], error) {
	return r.scope(ctx).ActivitiesByObjective(ctx, keys(objs, func(o *needle.Objective) needle.ObjectiveID { return o.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *queryResolver) Objective(ctx context.Context, id string) (*needle.Objective, error) {
	return byID(ctx, id, needle.ParseObjectiveID, r.scope(ctx).ObjectivesByID)
}

func (r *queryResolver) Objectives(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.ObjectiveFilter, orderBy []*needle.Order[needle.ObjectiveOrderField]) (*needle.Page[*needle.Objective], error) {
	return r.scope(ctx).Objectives(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Objective() generated.ObjectiveResolver { return &objectiveResolver{r} }

type objectiveResolver struct{ *Resolver }
