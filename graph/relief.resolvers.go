package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) CheckRelief(ctx context.Context, input needle.CheckReliefInput) (*model.CheckReliefPayload, error) {
	reliefCheck, problems, err := settle(r.Planner.CheckRelief(ctx, input))
	return &model.CheckReliefPayload{ReliefCheck: reliefCheck, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) AnswerRelief(ctx context.Context, input needle.AnswerReliefInput) (*model.AnswerReliefPayload, error) {
	reliefAnswer, problems, err := settle(r.Planner.AnswerRelief(ctx, input))
	return &model.AnswerReliefPayload{ReliefAnswer: reliefAnswer, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *painPointResolver) Relief(ctx context.Context, objs []*needle.PainPoint, input *needle.ReliefInput) ([]*needle.Relief, error) {
	return r.reliefs(ctx, objs, input)
}

func (r *painPointResolver) ReliefChecks(ctx context.Context, objs []*needle.PainPoint, first *int, after *string, last *int, before *string, filter *needle.ReliefCheckFilter, orderBy []*needle.Order[needle.ReliefCheckOrderField]) ([]*needle.Page[*needle.ReliefCheck], error) {
	return r.scope(ctx).ReliefChecksByPainPoint(ctx, keys(objs, painPointID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *painPointResolver) ReliefAnswers(ctx context.Context, objs []*needle.PainPoint) ([]*needle.ReliefAnswers, error) {
	return r.reliefAnswers(ctx, objs)
}

func (r *painPointResolver) ReliefReplies(ctx context.Context, objs []*needle.PainPoint, first *int, after *string, last *int, before *string, filter *needle.ReliefAnswerFilter, orderBy []*needle.Order[needle.ReliefAnswerOrderField]) ([]*needle.Page[*needle.ReliefAnswer], error) {
	return r.scope(ctx).ReliefAnswersByRoot(ctx, keys(objs, rootID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *reliefCheckResolver) PainPoint(ctx context.Context, objs []*needle.ReliefCheck) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, keys(objs, func(c *needle.ReliefCheck) needle.PainPointID { return c.PainPointID }))
}

func (r *reliefCheckResolver) Estimate(ctx context.Context, objs []*needle.ReliefCheck) ([]*needle.ReliefEstimate, error) {
	return estimates(objs), nil
}

func (r *reliefCheckResolver) CheckedBy(ctx context.Context, objs []*needle.ReliefCheck) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(c *needle.ReliefCheck) needle.UserID { return c.CheckedBy }))
}

func (r *Resolver) ReliefCheck() generated.ReliefCheckResolver { return &reliefCheckResolver{r} }

type reliefCheckResolver struct{ *Resolver }
