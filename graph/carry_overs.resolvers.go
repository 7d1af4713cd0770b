package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *keyResultResolver) CarriedFrom(ctx context.Context, objs []*needle.KeyResult) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, maybe(objs, func(k *needle.KeyResult) *needle.KeyResultID { return k.CarriedFromID }))
}

func (r *keyResultResolver) Lineage(ctx context.Context, objs []*needle.KeyResult, last int) ([][]*needle.KeyResult, error) {
	id := func(k *needle.KeyResult) needle.KeyResultID { return k.ID }
	found, err := r.scope(ctx).Lineages(ctx, keys(objs, id))
	return latest(objs, id, found, last, err)
}

func (r *mutationResolver) CarryOverObjective(ctx context.Context, input needle.CarryOverObjectiveInput) (*model.CarryOverObjectivePayload, error) {
	objective, problems, err := settle(r.Planner.CarryOverObjective(ctx, input))
	return &model.CarryOverObjectivePayload{Objective: objective, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *objectiveResolver) CarriedFrom(ctx context.Context, objs []*needle.Objective) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, maybe(objs, func(o *needle.Objective) *needle.ObjectiveID { return o.CarriedFromID }))
}

func (r *objectiveResolver) CarriedInto(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.ObjectiveFilter, orderBy []*needle.Order[needle.ObjectiveOrderField]) ([]*needle.Page[*needle.Objective], error) {
	return r.scope(ctx).ObjectivesByCarriedFrom(ctx, keys(objs, func(o *needle.Objective) needle.ObjectiveID { return o.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}
