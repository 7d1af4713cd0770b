package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *backlogItemResolver) Stage(ctx context.Context, objs []*needle.BacklogItem) ([]needle.Stage, error) {
	return r.stages(ctx, objs)
}

func (r *backlogItemResolver) Team(ctx context.Context, objs []*needle.BacklogItem) ([]*needle.Team, error) {
	return r.scope(ctx).TeamsByID(ctx, keys(objs, func(b *needle.BacklogItem) needle.TeamID { return b.TeamID }))
}

func (r *backlogItemResolver) Issue(ctx context.Context, objs []*needle.BacklogItem) ([]*needle.Issue, error) {
	return r.scope(ctx).IssuesByID(ctx, maybe(objs, func(b *needle.BacklogItem) *needle.IssueID { return b.IssueID }))
}

func (r *backlogItemResolver) Parent(ctx context.Context, objs []*needle.BacklogItem) ([]*needle.BacklogItem, error) {
	return r.scope(ctx).BacklogItemsByID(ctx, maybe(objs, func(b *needle.BacklogItem) *needle.BacklogItemID { return b.ParentID }))
}

func (r *backlogItemResolver) Children(ctx context.Context, objs []*needle.BacklogItem, first *int, after *string, last *int, before *string, filter *needle.BacklogItemFilter, orderBy []*needle.Order[needle.BacklogItemOrderField]) ([]*needle.Page[*needle.BacklogItem], error) {
	return r.scope(ctx).BacklogItemsByParent(ctx, keys(objs, func(b *needle.BacklogItem) needle.BacklogItemID { return b.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *backlogItemResolver) Idea(ctx context.Context, objs []*needle.BacklogItem) ([]*needle.Idea, error) {
	id := func(b *needle.BacklogItem) needle.BacklogItemID { return b.ID }
	found, err := r.scope(ctx).IdeasByItem(ctx, keys(objs, id))
	return spread(objs, id, found, err)
}

func (r *backlogItemResolver) Contributions(ctx context.Context, objs []*needle.BacklogItem, first *int, after *string, last *int, before *string, filter *needle.ContributionFilter, orderBy []*needle.Order[needle.ContributionOrderField]) ([]*needle.Page[*needle.Contribution], error) {
	return r.scope(ctx).ContributionsByItem(ctx, keys(objs, func(b *needle.BacklogItem) needle.BacklogItemID { return b.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *backlogItemResolver) Transitions(ctx context.Context, objs []*needle.BacklogItem, last int) ([][]*needle.ItemTransition, error) {
	id := func(b *needle.BacklogItem) needle.BacklogItemID { return b.ID }
	found, err := r.scope(ctx).Transitions(ctx, keys(objs, id))
	return latest(objs, id, found, last, err)
}

func (r *backlogItemResolver) CreatedBy(ctx context.Context, objs []*needle.BacklogItem) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(b *needle.BacklogItem) *needle.UserID { return b.CreatedBy }))
}

func (r *mutationResolver) CreateBacklogItem(ctx context.Context, input needle.CreateBacklogItemInput) (*model.CreateBacklogItemPayload, error) {
	backlogItem, problems, err := settle(r.Planner.CreateBacklogItem(ctx, input))
	return &model.CreateBacklogItemPayload{BacklogItem: backlogItem, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateBacklogItem(ctx context.Context, input needle.UpdateBacklogItemInput) (*model.UpdateBacklogItemPayload, error) {
	backlogItem, problems, err := settle(r.Planner.UpdateBacklogItem(ctx, input))
	return &model.UpdateBacklogItemPayload{BacklogItem: backlogItem, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) BacklogItem(ctx context.Context, id string) (*needle.BacklogItem, error) {
	return byID(ctx, id, needle.ParseBacklogItemID, r.scope(ctx).BacklogItemsByID)
}

func (r *queryResolver) BacklogItems(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.BacklogItemFilter, orderBy []*needle.Order[needle.BacklogItemOrderField]) (*needle.Page[*needle.BacklogItem], error) {
	return r.scope(ctx).BacklogItems(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) BacklogItem() generated.BacklogItemResolver { return &backlogItemResolver{r} }

type backlogItemResolver struct{ *Resolver }
