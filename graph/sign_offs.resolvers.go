package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) SignOff(ctx context.Context, input needle.SignOffInput) (*model.SignOffPayload, error) {
	signOff, problems, err := settle(r.Planner.SignOff(ctx, input))
	return &model.SignOffPayload{SignOff: signOff, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *objectiveResolver) SignOffs(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.SignOffFilter, orderBy []*needle.Order[needle.SignOffOrderField]) ([]*needle.Page[*needle.SignOff], error) {
	return r.scope(ctx).SignOffsByObjective(ctx, keys(objs, objectiveID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *objectiveResolver) SignOffStatus(ctx context.Context, objs []*needle.Objective) ([]*needle.SignOffStatus, error) {
	return r.signOffStatuses(ctx, objs)
}

func (r *signOffResolver) Objective(ctx context.Context, objs []*needle.SignOff) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, keys(objs, func(s *needle.SignOff) needle.ObjectiveID { return s.ObjectiveID }))
}

func (r *signOffResolver) User(ctx context.Context, objs []*needle.SignOff) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(s *needle.SignOff) needle.UserID { return s.UserID }))
}

func (r *signOffStatusResolver) WaitingFor(ctx context.Context, objs []*needle.SignOffStatus) ([][]*needle.User, error) {
	return r.waitingFor(ctx, objs)
}

func (r *Resolver) SignOff() generated.SignOffResolver { return &signOffResolver{r} }

func (r *Resolver) SignOffStatus() generated.SignOffStatusResolver { return &signOffStatusResolver{r} }

type (
	signOffResolver       struct{ *Resolver }
	signOffStatusResolver struct{ *Resolver }
)
