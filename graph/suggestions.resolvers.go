package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *keyResultResolver) Suggestions(ctx context.Context, objs []*needle.KeyResult, first *int, after *string, last *int, before *string, filter *needle.SuggestionFilter, orderBy []*needle.Order[needle.SuggestionOrderField]) ([]*needle.Page[*needle.Suggestion], error) {
	return r.scope(ctx).SuggestionsByKeyResult(ctx, keys(objs, keyResultID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) SuggestObjective(ctx context.Context, input needle.SuggestObjectiveInput) (*model.SuggestObjectivePayload, error) {
	suggestion, problems, err := settle(r.Planner.SuggestObjective(ctx, input))
	return &model.SuggestObjectivePayload{Suggestion: suggestion, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) SuggestKeyResult(ctx context.Context, input needle.SuggestKeyResultInput) (*model.SuggestKeyResultPayload, error) {
	suggestion, problems, err := settle(r.Planner.SuggestKeyResult(ctx, input))
	return &model.SuggestKeyResultPayload{Suggestion: suggestion, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) AcceptSuggestion(ctx context.Context, input needle.AcceptSuggestionInput) (*model.AcceptSuggestionPayload, error) {
	suggestion, problems, err := settle(r.Planner.AcceptSuggestion(ctx, input))
	return &model.AcceptSuggestionPayload{Suggestion: suggestion, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) DeclineSuggestion(ctx context.Context, input needle.DeclineSuggestionInput) (*model.DeclineSuggestionPayload, error) {
	suggestion, problems, err := settle(r.Planner.DeclineSuggestion(ctx, input))
	return &model.DeclineSuggestionPayload{Suggestion: suggestion, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) WithdrawSuggestion(ctx context.Context, input needle.WithdrawSuggestionInput) (*model.WithdrawSuggestionPayload, error) {
	suggestion, problems, err := settle(r.Planner.WithdrawSuggestion(ctx, input))
	return &model.WithdrawSuggestionPayload{Suggestion: suggestion, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *objectiveResolver) Suggestions(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.SuggestionFilter, orderBy []*needle.Order[needle.SuggestionOrderField]) ([]*needle.Page[*needle.Suggestion], error) {
	return r.scope(ctx).SuggestionsByObjective(ctx, keys(objs, func(o *needle.Objective) needle.ObjectiveID { return o.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *suggestedChangeResolver) Diff(ctx context.Context, objs []*needle.SuggestedChange) ([][]*needle.DiffPart, error) {
	return diffs(objs), nil
}

func (r *suggestionResolver) Subject(ctx context.Context, objs []*needle.Suggestion) ([]needle.Node, error) {
	return r.suggestible(ctx, objs)
}

func (r *suggestionResolver) Objective(ctx context.Context, objs []*needle.Suggestion) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, keys(objs, func(s *needle.Suggestion) needle.ObjectiveID { return s.ObjectiveID }))
}

func (r *suggestionResolver) Stale(ctx context.Context, objs []*needle.Suggestion) ([]bool, error) {
	return r.stale(ctx, objs)
}

func (r *suggestionResolver) DecidedBy(ctx context.Context, objs []*needle.Suggestion) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(s *needle.Suggestion) *needle.UserID { return s.DecidedBy }))
}

func (r *suggestionResolver) Comments(ctx context.Context, objs []*needle.Suggestion, first *int, after *string, last *int, before *string, filter *needle.CommentFilter, orderBy []*needle.Order[needle.CommentOrderField]) ([]*needle.Page[*needle.Comment], error) {
	return r.scope(ctx).CommentsBySubject(ctx, keys(objs, func(s *needle.Suggestion) string { return s.ID.String() }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *suggestionResolver) CreatedBy(ctx context.Context, objs []*needle.Suggestion) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(s *needle.Suggestion) needle.UserID { return s.CreatedBy }))
}

func (r *Resolver) SuggestedChange() generated.SuggestedChangeResolver {
	return &suggestedChangeResolver{r}
}

func (r *Resolver) Suggestion() generated.SuggestionResolver { return &suggestionResolver{r} }

type (
	suggestedChangeResolver struct{ *Resolver }
	suggestionResolver      struct{ *Resolver }
)
