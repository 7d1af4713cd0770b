package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *keyResultResolver) Votes(ctx context.Context, objs []*needle.KeyResult, first *int, after *string, last *int, before *string, filter *needle.VoteFilter, orderBy []*needle.Order[needle.VoteOrderField]) ([]*needle.Page[*needle.Vote], error) {
	return votesAbout(ctx, r.Resolver, objs, func(k *needle.KeyResult) string { return k.ID.String() }, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) OpenVote(ctx context.Context, input needle.OpenVoteInput) (*model.OpenVotePayload, error) {
	vote, problems, err := settle(r.Planner.OpenVote(ctx, input))
	return &model.OpenVotePayload{Vote: vote, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) CloseVote(ctx context.Context, input needle.CloseVoteInput) (*model.CloseVotePayload, error) {
	vote, problems, err := settle(r.Planner.CloseVote(ctx, input))
	return &model.CloseVotePayload{Vote: vote, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *objectiveResolver) Votes(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.VoteFilter, orderBy []*needle.Order[needle.VoteOrderField]) ([]*needle.Page[*needle.Vote], error) {
	return votesAbout(ctx, r.Resolver, objs, func(o *needle.Objective) string { return o.ID.String() }, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *objectiveResolver) FirstVote(ctx context.Context, objs []*needle.Objective) ([]*needle.Vote, error) {
	return r.firstVotes(ctx, objs)
}

func (r *queryResolver) Vote(ctx context.Context, id string) (*needle.Vote, error) {
	return byID(ctx, id, needle.ParseVoteID, r.scope(ctx).VotesByID)
}

func (r *queryResolver) Votes(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.VoteFilter, orderBy []*needle.Order[needle.VoteOrderField]) (*needle.Page[*needle.Vote], error) {
	return r.scope(ctx).Votes(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *voteResolver) Subject(ctx context.Context, objs []*needle.Vote) ([]needle.Node, error) {
	return readNodes(ctx, r.scope(ctx), keys(objs, func(v *needle.Vote) string { return v.SubjectID }))
}

func (r *voteResolver) Objective(ctx context.Context, objs []*needle.Vote) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, maybe(objs, func(v *needle.Vote) *needle.ObjectiveID { return v.ObjectiveID }))
}

func (r *voteResolver) ClosedBy(ctx context.Context, objs []*needle.Vote) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(v *needle.Vote) *needle.UserID { return v.ClosedBy }))
}

func (r *voteResolver) Turnout(ctx context.Context, objs []*needle.Vote) ([]int, error) {
	found, err := r.scope(ctx).Turnouts(ctx, keys(objs, voteID))
	return spread(objs, voteID, found, err)
}

func (r *voteResolver) MyBallot(ctx context.Context, objs []*needle.Vote) ([]*needle.Ballot, error) {
	found, err := r.scope(ctx).OwnBallots(ctx, viewerID(ctx), keys(objs, voteID))
	return spread(objs, voteID, found, err)
}

func (r *voteResolver) Ballots(ctx context.Context, objs []*needle.Vote, first *int, after *string, last *int, before *string, filter *needle.BallotFilter, orderBy []*needle.Order[needle.BallotOrderField]) ([]*needle.Page[*needle.Ballot], error) {
	return r.scope(ctx).BallotsByVote(ctx, viewerID(ctx), keys(objs, voteID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *voteResolver) Spread(ctx context.Context, objs []*needle.Vote) ([]*needle.VoteSpread, error) {
	return r.spreads(ctx, objs)
}

func (r *voteResolver) CreatedBy(ctx context.Context, objs []*needle.Vote) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(v *needle.Vote) needle.UserID { return v.CreatedBy }))
}

func (r *Resolver) Vote() generated.VoteResolver { return &voteResolver{r} }

type voteResolver struct{ *Resolver }
