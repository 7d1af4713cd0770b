package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *ballotResolver) Vote(ctx context.Context, objs []*needle.Ballot) ([]*needle.Vote, error) {
	return r.scope(ctx).VotesByID(ctx, keys(objs, func(b *needle.Ballot) needle.VoteID { return b.VoteID }))
}

func (r *ballotResolver) User(ctx context.Context, objs []*needle.Ballot) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(b *needle.Ballot) needle.UserID { return b.UserID }))
}

func (r *mutationResolver) CastBallot(ctx context.Context, input needle.CastBallotInput) (*model.CastBallotPayload, error) {
	vote, problems, err := settle(r.Planner.CastBallot(ctx, input))
	return &model.CastBallotPayload{Vote: vote, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) WithdrawBallot(ctx context.Context, input needle.WithdrawBallotInput) (*model.WithdrawBallotPayload, error) {
	vote, problems, err := settle(r.Planner.WithdrawBallot(ctx, input))
	return &model.WithdrawBallotPayload{Vote: vote, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *Resolver) Ballot() generated.BallotResolver { return &ballotResolver{r} }

type ballotResolver struct{ *Resolver }
