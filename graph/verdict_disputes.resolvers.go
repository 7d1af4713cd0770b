package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *contributionResolver) Disputes(ctx context.Context, objs []*needle.Contribution, first *int, after *string, last *int, before *string, filter *needle.VerdictDisputeFilter, orderBy []*needle.Order[needle.VerdictDisputeOrderField]) ([]*needle.Page[*needle.VerdictDispute], error) {
	return r.scope(ctx).VerdictDisputesByContribution(ctx, keys(objs, contributionID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) DisputeVerdict(ctx context.Context, input needle.DisputeVerdictInput) (*model.DisputeVerdictPayload, error) {
	dispute, problems, err := settle(r.Planner.DisputeVerdict(ctx, input))
	return &model.DisputeVerdictPayload{Dispute: dispute, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) WithdrawDispute(ctx context.Context, input needle.WithdrawDisputeInput) (*model.WithdrawDisputePayload, error) {
	dispute, problems, err := settle(r.Planner.WithdrawDispute(ctx, input))
	return &model.WithdrawDisputePayload{Dispute: dispute, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *verdictDisputeResolver) Contribution(ctx context.Context, objs []*needle.VerdictDispute) ([]*needle.Contribution, error) {
	return r.scope(ctx).ContributionsByID(ctx, keys(objs, func(d *needle.VerdictDispute) needle.ContributionID { return d.ContributionID }))
}

func (r *verdictDisputeResolver) Author(ctx context.Context, objs []*needle.VerdictDispute) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(d *needle.VerdictDispute) needle.UserID { return d.AuthorID }))
}

func (r *Resolver) VerdictDispute() generated.VerdictDisputeResolver {
	return &verdictDisputeResolver{r}
}

type verdictDisputeResolver struct{ *Resolver }
