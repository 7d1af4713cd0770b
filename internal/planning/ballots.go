package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// CastBallot casts the viewer's ballot, or casts it anew. A closed vote answers CONFLICT. What is recorded says that the
// viewer voted and never how, not even of votes that everybody may look into: a vote's ballots tell that, once they may.
func (p *Planner) CastBallot(ctx context.Context, in needle.CastBallotInput) (*needle.Vote, error) {
	return p.vote(ctx, in, in.VoteID, func(ctx context.Context, a act, v *needle.Vote, own *needle.Ballot) (int, error) {
		if v.ObjectiveID != nil {
			team, err := a.teamOf(ctx, *v.ObjectiveID)
			if err != nil {
				return 0, err
			}
			if err := a.join(ctx, &needle.Objective{ID: *v.ObjectiveID, TeamID: *team}, a.viewer); err != nil {
				return 0, err
			}
		}
		side, err := a.side(ctx, v.ObjectiveID)
		if err != nil {
			return 0, err
		}
		fresh := own == nil
		if fresh {
			own = &needle.Ballot{Stamp: a.Stamp(), ID: needle.NewBallotID(), VoteID: v.ID, UserID: a.viewer.UserID}
		}
		own.Function, own.Value, own.Reason = side, in.Value, needle.Clean(or(in.Reason, ""))
		if fresh {
			return 1, a.InsertBallot(ctx, own)
		}
		return 0, a.UpdateBallot(ctx, own)
	})
}

// WithdrawBallot takes the viewer's ballot back. A closed vote answers CONFLICT, and so does one without a ballot of
// the viewer's.
func (p *Planner) WithdrawBallot(ctx context.Context, in needle.WithdrawBallotInput) (*needle.Vote, error) {
	return p.vote(ctx, nil, in.VoteID, func(ctx context.Context, a act, _ *needle.Vote, own *needle.Ballot) (int, error) {
		if own == nil {
			return 0, needle.Conflict("input.voteId", "you have no ballot in this vote")
		}
		return -1, a.DeleteBallot(ctx, own.ID)
	})
}

// voted is what an activity says about a vote in which somebody voted.
type voted struct{ Turnout int }

// vote is the road of everything a person does with their ballot. do is given the vote, which stays open until the end,
// and the ballot, nil when there is none; it returns how many ballots there are more. The vote's own row stays as it is,
// so that it tells nothing and closing it does not conflict.
func (p *Planner) vote(ctx context.Context, in valid, id needle.VoteID, do func(context.Context, act, *needle.Vote, *needle.Ballot) (int, error)) (*needle.Vote, error) {
	var v *needle.Vote
	err := p.change(ctx, needle.ActVote, in, func(ctx context.Context, a act) error {
		var err error
		if v, err = a.Vote(ctx, id); err != nil {
			return at("input.voteId", err)
		}
		if v.State != needle.VoteOpen {
			return needle.Conflict("input.voteId", "this vote is closed")
		}
		own, err := a.OwnBallots(ctx, a.viewer.UserID, []needle.VoteID{v.ID})
		if err != nil {
			return err
		}
		turnouts, err := a.Turnouts(ctx, []needle.VoteID{v.ID})
		if err != nil {
			return err
		}
		on, err := a.concerns(ctx, v)
		if err != nil {
			return err
		}
		more, err := do(ctx, a, v, own[v.ID])
		if err != nil {
			return err
		}
		was := turnouts[v.ID]
		return a.record(ctx, needle.VerbVoted, v.ID, voted{was}, voted{was + more}, on)
	})
	return v, err
}

// side returns the side the viewer speaks for: in writing the objective when they take part in it, else their usual one.
func (a act) side(ctx context.Context, objective *needle.ObjectiveID) (needle.Function, error) {
	if objective != nil {
		if side, err := a.SideOf(ctx, a.viewer.UserID, *objective); err != nil || side != "" {
			return side, err
		}
	}
	return a.viewer.Function, nil
}
