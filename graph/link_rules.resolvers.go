package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *linkRuleResolver) Connection(ctx context.Context, objs []*needle.LinkRule) ([]*needle.Connection, error) {
	return r.scope(ctx).ConnectionsByID(ctx, maybe(objs, func(l *needle.LinkRule) *needle.ConnectionID { return l.ConnectionID }))
}

func (r *linkRuleResolver) KeyResult(ctx context.Context, objs []*needle.LinkRule) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, keys(objs, func(l *needle.LinkRule) needle.KeyResultID { return l.KeyResultID }))
}

func (r *linkRuleResolver) Matched(ctx context.Context, objs []*needle.LinkRule) ([]int, error) {
	found, err := r.scope(ctx).RuleMatches(ctx, keys(objs, linkRuleID))
	return spread(objs, linkRuleID, found, err)
}

func (r *linkRuleResolver) Conflicts(ctx context.Context, objs []*needle.LinkRule) ([][]*needle.LinkRuleConflict, error) {
	found, err := r.scope(ctx).RuleConflicts(ctx, keys(objs, linkRuleID))
	return spread(objs, linkRuleID, found, err)
}

func (r *linkRuleResolver) CreatedBy(ctx context.Context, objs []*needle.LinkRule) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(l *needle.LinkRule) needle.UserID { return l.CreatedBy }))
}

func (r *linkRuleConflictResolver) Rule(ctx context.Context, objs []*needle.LinkRuleConflict) ([]*needle.LinkRule, error) {
	return r.scope(ctx).LinkRulesByID(ctx, keys(objs, func(c *needle.LinkRuleConflict) needle.LinkRuleID { return c.OtherID }))
}

func (r *mutationResolver) CreateLinkRule(ctx context.Context, input needle.CreateLinkRuleInput) (*model.CreateLinkRulePayload, error) {
	linkRule, problems, err := settle(r.Planner.CreateLinkRule(ctx, input))
	return &model.CreateLinkRulePayload{LinkRule: linkRule, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateLinkRule(ctx context.Context, input needle.UpdateLinkRuleInput) (*model.UpdateLinkRulePayload, error) {
	linkRule, problems, err := settle(r.Planner.UpdateLinkRule(ctx, input))
	return &model.UpdateLinkRulePayload{LinkRule: linkRule, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) DeleteLinkRule(ctx context.Context, input needle.DeleteLinkRuleInput) (*model.DeleteLinkRulePayload, error) {
	linkRule, problems, err := settle(r.Planner.DeleteLinkRule(ctx, input))
	return &model.DeleteLinkRulePayload{LinkRule: linkRule, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) LinkRule(ctx context.Context, id string) (*needle.LinkRule, error) {
	return byID(ctx, id, needle.ParseLinkRuleID, r.scope(ctx).LinkRulesByID)
}

func (r *queryResolver) LinkRules(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.LinkRuleFilter, orderBy []*needle.Order[needle.LinkRuleOrderField]) (*needle.Page[*needle.LinkRule], error) {
	return r.scope(ctx).LinkRules(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) LinkRule() generated.LinkRuleResolver { return &linkRuleResolver{r} }

func (r *Resolver) LinkRuleConflict() generated.LinkRuleConflictResolver {
	return &linkRuleConflictResolver{r}
}

type (
	linkRuleResolver         struct{ *Resolver }
	linkRuleConflictResolver struct{ *Resolver }
)
