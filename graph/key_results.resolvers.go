package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *keyResultResolver) GoalHistory(ctx context.Context, objs []*needle.KeyResult, last int) ([][]*needle.GoalVersion, error) {
	id := func(k *needle.KeyResult) needle.KeyResultID { return k.ID }
	found, err := r.scope(ctx).GoalHistories(ctx, keys(objs, id))
	return latest(objs, id, found, last, err)
}

func (r *keyResultResolver) Pace(ctx context.Context, objs []*needle.KeyResult) ([]float64, error) {
	return r.paces(ctx, objs)
}

func (r *keyResultResolver) Health(ctx context.Context, objs []*needle.KeyResult) ([]needle.Health, error) {
	return r.healths(ctx, objs)
}

func (r *keyResultResolver) Overdue(ctx context.Context, objs []*needle.KeyResult) ([]bool, error) {
	return r.overdue(ctx, objs)
}

func (r *keyResultResolver) OverdueDays(ctx context.Context, objs []*needle.KeyResult) ([]int, error) {
	return r.overdueDays(ctx, objs)
}

func (r *keyResultResolver) DueAt(ctx context.Context, objs []*needle.KeyResult) ([]*time.Time, error) {
	return r.dueAt(ctx, objs)
}

func (r *keyResultResolver) Forecast(ctx context.Context, objs []*needle.KeyResult) ([]*needle.Forecast, error) {
	return r.forecasts(ctx, objs)
}

func (r *keyResultResolver) Objective(ctx context.Context, objs []*needle.KeyResult) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, keys(objs, func(k *needle.KeyResult) needle.ObjectiveID { return k.ObjectiveID }))
}

func (r *keyResultResolver) Team(ctx context.Context, objs []*needle.KeyResult) ([]*needle.Team, error) {
	return r.scope(ctx).TeamsByID(ctx, keys(objs, func(k *needle.KeyResult) needle.TeamID { return k.TeamID }))
}

func (r *keyResultResolver) Cycle(ctx context.Context, objs []*needle.KeyResult) ([]*needle.Cycle, error) {
	return r.cycles(ctx, objs)
}

func (r *keyResultResolver) Owner(ctx context.Context, objs []*needle.KeyResult) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(k *needle.KeyResult) *needle.UserID { return k.OwnerID }))
}

func (r *keyResultResolver) Ideas(ctx context.Context, objs []*needle.KeyResult, first *int, after *string, last *int, before *string, filter *needle.IdeaFilter, orderBy []*needle.Order[needle.IdeaOrderField]) ([]*needle.Page[*needle.Idea], error) {
	return r.scope(ctx).IdeasByKeyResult(ctx, keys(objs, keyResultID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *keyResultResolver) CreatedBy(ctx context.Context, objs []*needle.KeyResult) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(k *needle.KeyResult) needle.UserID { return k.CreatedBy }))
}

func (r *keyResultResolver) LatestCheckIn(ctx context.Context, objs []*needle.KeyResult) ([]*needle.CheckIn, error) {
	id := func(k *needle.KeyResult) needle.KeyResultID { return k.ID }
	found, err := r.scope(ctx).LatestCheckIns(ctx, keys(objs, id))
	return spread(objs, id, found, err)
}

func (r *keyResultResolver) CheckIns(ctx context.Context, objs []*needle.KeyResult, first *int, after *string, last *int, before *string, filter *needle.CheckInFilter, orderBy []*needle.Order[needle.CheckInOrderField]) ([]*needle.Page[*needle.CheckIn], error) {
	return r.scope(ctx).CheckInsByKeyResult(ctx, keys(objs, func(k *needle.KeyResult) needle.KeyResultID { return k.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *keyResultResolver) Contributions(ctx context.Context, objs []*needle.KeyResult, first *int, after *string, last *int, before *string, filter *needle.ContributionFilter, orderBy []*needle.Order[needle.ContributionOrderField]) ([]*needle.Page[*needle.Contribution], error) {
	return r.scope(ctx).ContributionsByKeyResult(ctx, keys(objs, func(k *needle.KeyResult) needle.KeyResultID { return k.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *keyResultResolver) AlignedObjectives(ctx context.Context, objs []*needle.KeyResult, first *int, after *string, last *int, before *string, filter *needle.ObjectiveFilter, orderBy []*needle.Order[needle.ObjectiveOrderField]) ([]*needle.Page[*needle.Objective], error) {
	return r.scope(ctx).ObjectivesByParentKeyResult(ctx, keys(objs, func(k *needle.KeyResult) needle.KeyResultID { return k.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) CreateKeyResult(ctx context.Context, input needle.CreateKeyResultInput) (*model.CreateKeyResultPayload, error) {
	keyResult, problems, err := settle(r.Planner.CreateKeyResult(ctx, input))
	return &model.CreateKeyResultPayload{KeyResult: keyResult, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateKeyResult(ctx context.Context, input needle.UpdateKeyResultInput) (*model.UpdateKeyResultPayload, error) {
	keyResult, problems, err := settle(r.Planner.UpdateKeyResult(ctx, input))
	return &model.UpdateKeyResultPayload{KeyResult: keyResult, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) KeyResult(ctx context.Context, id string) (*needle.KeyResult, error) {
	return byID(ctx, id, needle.ParseKeyResultID, r.scope(ctx).KeyResultsByID)
}

func (r *queryResolver) KeyResults(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.KeyResultFilter, orderBy []*needle.Order[needle.KeyResultOrderField]) (*needle.Page[*needle.KeyResult], error) {
	return r.scope(ctx).KeyResults(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) KeyResult() generated.KeyResultResolver { return &keyResultResolver{r} }

type keyResultResolver struct{ *Resolver }
