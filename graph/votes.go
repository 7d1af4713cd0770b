package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// What a vote shows, each for a whole level at once. The store hands out no ballot that its caller may not see.

func voteID(v *needle.Vote) needle.VoteID { return v.ID }

// viewerID is the person who asks; without one it is nobody, who has no ballots.
func viewerID(ctx context.Context) needle.UserID {
	viewer, _ := needle.ViewerFrom(ctx)
	return viewer.UserID
}

// readBallot reads the ballots among ids that the viewer may see; others answer like missing ones.
func readBallot(ctx context.Context, s store.Scope, ids []string) ([]needle.Node, error) {
	return reader(needle.ParseBallotID, func(s store.Scope, ctx context.Context, ids []needle.BallotID) ([]*needle.Ballot, error) {
		return s.BallotsByID(ctx, viewerID(ctx), ids)
	})(ctx, s, ids)
}

// spreads is how the ballots of each vote lie; null where they are hidden, and where there are none.
func (r *Resolver) spreads(ctx context.Context, objs []*needle.Vote) ([]*needle.VoteSpread, error) {
	shown, err := r.scope(ctx).ShownBallots(ctx, keys(objs, voteID))
	if err != nil {
		return nil, err
	}
	out := make([]*needle.VoteSpread, len(objs))
	for i, v := range objs {
		out[i] = impact.Spread(shown[v.ID])
	}
	return out, nil
}

// votesAbout reads one page of votes about each object.
func votesAbout[T any](ctx context.Context, r *Resolver, objs []*T, id func(*T) string, q store.VoteList) ([]*needle.Page[*needle.Vote], error) {
	return r.scope(ctx).VotesBySubject(ctx, keys(objs, id), q)
}

// firstVotes is the oldest vote about each objective; null where there was none.
func (r *Resolver) firstVotes(ctx context.Context, objs []*needle.Objective) ([]*needle.Vote, error) {
	id := func(o *needle.Objective) string { return o.ID.String() }
	found, err := r.scope(ctx).FirstVotes(ctx, keys(objs, id))
	return spread(objs, id, found, err)
}
