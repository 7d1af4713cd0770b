package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *contributionResolver) Experiments(ctx context.Context, objs []*needle.Contribution, first *int, after *string, last *int, before *string, filter *needle.ExperimentFilter, orderBy []*needle.Order[needle.ExperimentOrderField]) ([]*needle.Page[*needle.Experiment], error) {
	return r.scope(ctx).ExperimentsByContribution(ctx, keys(objs, contributionID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *experimentResolver) Contribution(ctx context.Context, objs []*needle.Experiment) ([]*needle.Contribution, error) {
	return r.scope(ctx).ContributionsByID(ctx, keys(objs, func(x *needle.Experiment) needle.ContributionID { return x.ContributionID }))
}

func (r *experimentResolver) Author(ctx context.Context, objs []*needle.Experiment) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(x *needle.Experiment) needle.UserID { return x.AuthorID }))
}

func (r *experimentResolver) RemovedBy(ctx context.Context, objs []*needle.Experiment) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(x *needle.Experiment) *needle.UserID { return x.RemovedBy }))
}

func (r *mutationResolver) AttachExperiment(ctx context.Context, input needle.AttachExperimentInput) (*model.AttachExperimentPayload, error) {
	experiment, problems, err := settle(r.Planner.AttachExperiment(ctx, input))
	return &model.AttachExperimentPayload{Experiment: experiment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) RemoveExperiment(ctx context.Context, input needle.RemoveExperimentInput) (*model.RemoveExperimentPayload, error) {
	experiment, problems, err := settle(r.Planner.RemoveExperiment(ctx, input))
	return &model.RemoveExperimentPayload{Experiment: experiment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *Resolver) Experiment() generated.ExperimentResolver { return &experimentResolver{r} }

type experimentResolver struct{ *Resolver }
