package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *ideaResolver) PainPoint(ctx context.Context, objs []*needle.Idea) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, maybe(objs, func(i *needle.Idea) *needle.PainPointID { return i.PainPointID }))
}

func (r *ideaResolver) KeyResult(ctx context.Context, objs []*needle.Idea) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, maybe(objs, func(i *needle.Idea) *needle.KeyResultID { return i.KeyResultID }))
}

func (r *ideaResolver) Item(ctx context.Context, objs []*needle.Idea) ([]*needle.BacklogItem, error) {
	return r.scope(ctx).BacklogItemsByID(ctx, maybe(objs, func(i *needle.Idea) *needle.BacklogItemID { return i.ItemID }))
}

func (r *ideaResolver) DecidedBy(ctx context.Context, objs []*needle.Idea) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(i *needle.Idea) *needle.UserID { return i.DecidedBy }))
}

func (r *ideaResolver) CreatedBy(ctx context.Context, objs []*needle.Idea) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(i *needle.Idea) needle.UserID { return i.CreatedBy }))
}

func (r *ideaResolver) Votes(ctx context.Context, objs []*needle.Idea, first *int, after *string, last *int, before *string, filter *needle.VoteFilter, orderBy []*needle.Order[needle.VoteOrderField]) ([]*needle.Page[*needle.Vote], error) {
	return votesAbout(ctx, r.Resolver, objs, func(i *needle.Idea) string { return i.ID.String() }, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) RaiseIdea(ctx context.Context, input needle.RaiseIdeaInput) (*model.RaiseIdeaPayload, error) {
	idea, problems, err := settle(r.Planner.RaiseIdea(ctx, input))
	return &model.RaiseIdeaPayload{Idea: idea, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateIdea(ctx context.Context, input needle.UpdateIdeaInput) (*model.UpdateIdeaPayload, error) {
	idea, problems, err := settle(r.Planner.UpdateIdea(ctx, input))
	return &model.UpdateIdeaPayload{Idea: idea, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) ExploreIdea(ctx context.Context, input needle.ExploreIdeaInput) (*model.ExploreIdeaPayload, error) {
	idea, problems, err := settle(r.Planner.ExploreIdea(ctx, input))
	return &model.ExploreIdeaPayload{Idea: idea, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) ParkIdea(ctx context.Context, input needle.ParkIdeaInput) (*model.ParkIdeaPayload, error) {
	idea, problems, err := settle(r.Planner.ParkIdea(ctx, input))
	return &model.ParkIdeaPayload{Idea: idea, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) ReopenIdea(ctx context.Context, input needle.ReopenIdeaInput) (*model.ReopenIdeaPayload, error) {
	idea, problems, err := settle(r.Planner.ReopenIdea(ctx, input))
	return &model.ReopenIdeaPayload{Idea: idea, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) PromoteIdea(ctx context.Context, input needle.PromoteIdeaInput) (*model.PromoteIdeaPayload, error) {
	idea, problems, err := settle(r.Planner.PromoteIdea(ctx, input))
	return &model.PromoteIdeaPayload{Idea: idea, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) Idea(ctx context.Context, id string) (*needle.Idea, error) {
	return byID(ctx, id, needle.ParseIdeaID, r.scope(ctx).IdeasByID)
}

func (r *queryResolver) Ideas(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.IdeaFilter, orderBy []*needle.Order[needle.IdeaOrderField]) (*needle.Page[*needle.Idea], error) {
	return r.scope(ctx).Ideas(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Idea() generated.IdeaResolver { return &ideaResolver{r} }

type ideaResolver struct{ *Resolver }
