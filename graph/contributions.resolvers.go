package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *contributionResolver) Item(ctx context.Context, objs []*needle.Contribution) ([]*needle.BacklogItem, error) {
	return r.scope(ctx).BacklogItemsByID(ctx, keys(objs, func(c *needle.Contribution) needle.BacklogItemID { return c.ItemID }))
}

func (r *contributionResolver) KeyResult(ctx context.Context, objs []*needle.Contribution) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, keys(objs, func(c *needle.Contribution) needle.KeyResultID { return c.KeyResultID }))
}

func (r *contributionResolver) Author(ctx context.Context, objs []*needle.Contribution) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(c *needle.Contribution) *needle.UserID { return c.AuthorID }))
}

func (r *contributionResolver) Rule(ctx context.Context, objs []*needle.Contribution) ([]*needle.LinkRule, error) {
	return r.scope(ctx).LinkRulesByID(ctx, maybe(objs, func(c *needle.Contribution) *needle.LinkRuleID { return c.RuleID }))
}

func (r *contributionResolver) EffectWindow(ctx context.Context, objs []*needle.Contribution) ([]*needle.EffectWindow, error) {
	return r.effectWindows(ctx, objs)
}

func (r *mutationResolver) Link(ctx context.Context, input needle.LinkInput) (*model.LinkPayload, error) {
	contribution, problems, err := settle(r.Planner.Link(ctx, input))
	return &model.LinkPayload{Contribution: contribution, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) Unlink(ctx context.Context, input needle.UnlinkInput) (*model.UnlinkPayload, error) {
	contribution, problems, err := settle(r.Planner.Unlink(ctx, input))
	return &model.UnlinkPayload{Contribution: contribution, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) Contribution(ctx context.Context, id string) (*needle.Contribution, error) {
	return byID(ctx, id, needle.ParseContributionID, r.scope(ctx).ContributionsByID)
}

func (r *queryResolver) Contributions(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.ContributionFilter, orderBy []*needle.Order[needle.ContributionOrderField]) (*needle.Page[*needle.Contribution], error) {
	return r.scope(ctx).Contributions(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Contribution() generated.ContributionResolver { return &contributionResolver{r} }

type contributionResolver struct{ *Resolver }
