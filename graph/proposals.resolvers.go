package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *keyResultResolver) Proposal(ctx context.Context, objs []*needle.KeyResult) ([]*needle.Proposal, error) {
	found, err := r.scope(ctx).ProposalsByKeyResult(ctx, keys(objs, keyResultID))
	return spread(objs, keyResultID, found, err)
}

func (r *mutationResolver) ProposeKeyResult(ctx context.Context, input needle.ProposeKeyResultInput) (*model.ProposeKeyResultPayload, error) {
	proposal, problems, err := settle(r.Planner.ProposeKeyResult(ctx, input))
	return &model.ProposeKeyResultPayload{Proposal: proposal, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) AcceptProposal(ctx context.Context, input needle.AcceptProposalInput) (*model.AcceptProposalPayload, error) {
	proposal, problems, err := settle(r.Planner.AcceptProposal(ctx, input))
	return &model.AcceptProposalPayload{Proposal: proposal, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) DeclineProposal(ctx context.Context, input needle.DeclineProposalInput) (*model.DeclineProposalPayload, error) {
	proposal, problems, err := settle(r.Planner.DeclineProposal(ctx, input))
	return &model.DeclineProposalPayload{Proposal: proposal, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) WithdrawProposal(ctx context.Context, input needle.WithdrawProposalInput) (*model.WithdrawProposalPayload, error) {
	proposal, problems, err := settle(r.Planner.WithdrawProposal(ctx, input))
	return &model.WithdrawProposalPayload{Proposal: proposal, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *objectiveResolver) Proposals(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.ProposalFilter, orderBy []*needle.Order[needle.ProposalOrderField]) ([]*needle.Page[*needle.Proposal], error) {
	return r.scope(ctx).ProposalsByObjective(ctx, keys(objs, func(o *needle.Objective) needle.ObjectiveID { return o.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *proposalResolver) Objective(ctx context.Context, objs []*needle.Proposal) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, keys(objs, func(p *needle.Proposal) needle.ObjectiveID { return p.ObjectiveID }))
}

func (r *proposalResolver) DecidedBy(ctx context.Context, objs []*needle.Proposal) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(p *needle.Proposal) *needle.UserID { return p.DecidedBy }))
}

func (r *proposalResolver) KeyResult(ctx context.Context, objs []*needle.Proposal) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, maybe(objs, func(p *needle.Proposal) *needle.KeyResultID { return p.KeyResultID }))
}

func (r *proposalResolver) Comments(ctx context.Context, objs []*needle.Proposal, first *int, after *string, last *int, before *string, filter *needle.CommentFilter, orderBy []*needle.Order[needle.CommentOrderField]) ([]*needle.Page[*needle.Comment], error) {
	return r.scope(ctx).CommentsBySubject(ctx, keys(objs, func(p *needle.Proposal) string { return p.ID.String() }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *proposalResolver) CreatedBy(ctx context.Context, objs []*needle.Proposal) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(p *needle.Proposal) needle.UserID { return p.CreatedBy }))
}

func (r *Resolver) Proposal() generated.ProposalResolver { return &proposalResolver{r} }

type proposalResolver struct{ *Resolver }
