package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *cycleResolver) Objectives(ctx context.Context, objs []*needle.Cycle, first *int, after *string, last *int, before *string, filter *needle.ObjectiveFilter, orderBy []*needle.Order[needle.ObjectiveOrderField]) ([]*needle.Page[*needle.Objective], error) {
	return r.scope(ctx).ObjectivesByCycle(ctx, keys(objs, func(c *needle.Cycle) needle.CycleID { return c.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *cycleResolver) KeyResults(ctx context.Context, objs []*needle.Cycle, first *int, after *string, last *int, before *string, filter *needle.KeyResultFilter, orderBy []*needle.Order[needle.KeyResultOrderField]) ([]*needle.Page[*needle.KeyResult], error) {
	return r.scope(ctx).KeyResultsByCycle(ctx, keys(objs, func(c *needle.Cycle) needle.CycleID { return c.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) CreateCycle(ctx context.Context, input needle.CreateCycleInput) (*model.CreateCyclePayload, error) {
	cycle, problems, err := settle(r.Planner.CreateCycle(ctx, input))
	return &model.CreateCyclePayload{Cycle: cycle, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateCycle(ctx context.Context, input needle.UpdateCycleInput) (*model.UpdateCyclePayload, error) {
	cycle, problems, err := settle(r.Planner.UpdateCycle(ctx, input))
	return &model.UpdateCyclePayload{Cycle: cycle, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) Cycle(ctx context.Context, id string) (*needle.Cycle, error) {
	return byID(ctx, id, needle.ParseCycleID, r.scope(ctx).CyclesByID)
}

func (r *queryResolver) Cycles(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.CycleFilter, orderBy []*needle.Order[needle.CycleOrderField]) (*needle.Page[*needle.Cycle], error) {
	return r.scope(ctx).Cycles(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Cycle() generated.CycleResolver { return &cycleResolver{r} }

type cycleResolver struct{ *Resolver }
