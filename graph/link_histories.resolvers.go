package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *backlogItemResolver) Links(ctx context.Context, objs []*needle.BacklogItem, keyResultID *string, asOf *time.Time, includeEnded bool, last int) ([][]*needle.Contribution, error) {
	return r.linkHistories(ctx, objs, keyResultID, asOf, includeEnded, last)
}

func (r *contributionResolver) Epic(ctx context.Context, objs []*needle.Contribution) ([]*needle.BacklogItem, error) {
	return r.scope(ctx).BacklogItemsByID(ctx, maybe(objs, func(c *needle.Contribution) *needle.BacklogItemID { return c.EpicID }))
}

func (r *contributionResolver) Container(ctx context.Context, objs []*needle.Contribution) ([]bool, error) {
	found, err := r.scope(ctx).Containers(ctx, keys(objs, contributionID))
	return spread(objs, contributionID, found, err)
}

func (r *contributionResolver) Versions(ctx context.Context, objs []*needle.Contribution, first *int, after *string, last *int, before *string, filter *needle.LinkVersionFilter, orderBy []*needle.Order[needle.LinkVersionOrderField]) ([]*needle.Page[*needle.LinkVersion], error) {
	return r.scope(ctx).VersionsByContribution(ctx, keys(objs, contributionID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *linkVersionResolver) Author(ctx context.Context, objs []*needle.LinkVersion) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(v *needle.LinkVersion) *needle.UserID { return v.AuthorID }))
}

func (r *linkVersionResolver) Rule(ctx context.Context, objs []*needle.LinkVersion) ([]*needle.LinkRule, error) {
	return r.scope(ctx).LinkRulesByID(ctx, maybe(objs, func(v *needle.LinkVersion) *needle.LinkRuleID { return v.RuleID }))
}

func (r *linkVersionResolver) Epic(ctx context.Context, objs []*needle.LinkVersion) ([]*needle.BacklogItem, error) {
	return r.scope(ctx).BacklogItemsByID(ctx, maybe(objs, func(v *needle.LinkVersion) *needle.BacklogItemID { return v.EpicID }))
}

func (r *Resolver) LinkVersion() generated.LinkVersionResolver { return &linkVersionResolver{r} }

type linkVersionResolver struct{ *Resolver }
