package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// OpenVote asks people about an objective, a key result or an idea. It answers CONFLICT while a vote about the same thing
// is open, when the objective concerned is closed, and when the idea is decided.
func (p *Planner) OpenVote(ctx context.Context, in needle.OpenVoteInput) (*needle.Vote, error) {
	var v *needle.Vote
	err := p.change(ctx, needle.ActHoldVote, in, func(ctx context.Context, a act) error {
		objective, err := a.subjectOfVote(ctx, in.SubjectID)
		if err != nil {
			return err
		}
		v = &needle.Vote{
			Stamp: a.Stamp(), ID: needle.NewVoteID(), SubjectID: in.SubjectID,
			Question: needle.Clean(or(in.Question, needle.DefaultQuestion)), Hidden: or(in.Hidden, true),
			State: needle.VoteOpen, CreatedBy: a.viewer.UserID,
		}
		if objective != nil {
			v.ObjectiveID = &objective.ID
		}
		if err := a.InsertVote(ctx, v); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, v.ID, nil, v, aboutObjective(objective))
	})
	return v, err
}

// CastBallot casts the viewer's ballot, or casts it anew. A closed vote answers CONFLICT. What is recorded says that the
// viewer voted and never how, not even of votes that everybody may look into: a vote's ballots tell that, once they may.
func (p *Planner) CastBallot(ctx context.Context, in needle.CastBallotInput) (*needle.Vote, error) {
	return p.vote(ctx, in, in.VoteID, func(ctx context.Context, a act, v *needle.Vote, own *needle.Ballot) (int, error) {
		side, err := a.side(ctx, v.ObjectiveID)
		if err != nil {
			return 0, err
		}
		more := 0
		if own == nil {
			own = &needle.Ballot{Stamp: a.Stamp(), ID: needle.NewBallotID(), VoteID: v.ID, UserID: a.viewer.UserID}
			more = 1
		}
		own.Function, own.Value, own.Reason = side, in.Value, needle.Clean(or(in.Reason, ""))
		if more == 1 {
			return more, a.InsertBallot(ctx, own)
		}
		return more, a.UpdateBallot(ctx, own)
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

// CloseVote closes a vote for good, which shows its ballots. One that is closed already answers CONFLICT.
func (p *Planner) CloseVote(ctx context.Context, in needle.CloseVoteInput) (*needle.Vote, error) {
	var v *needle.Vote
	err := p.change(ctx, needle.ActHoldVote, nil, func(ctx context.Context, a act) error {
		var err error
		if v, err = a.Vote(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(v.Version, in.ExpectedVersion); err != nil {
			return err
		}
		if v.State != needle.VoteOpen {
			return needle.Conflict("input.id", "this vote is closed already")
		}
		on, err := a.concerns(ctx, v)
		if err != nil {
			return err
		}
		before, now := *v, a.Now()
		v.State, v.ClosedAt, v.ClosedBy = needle.VoteClosed, &now, &a.viewer.UserID
		if err := a.UpdateVote(ctx, v); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbMoved, v.ID, before, v, on)
	})
	return v, err
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

// subjectOfVote holds what a vote is to be about and returns the objective concerned, nil when there is none.
func (a act) subjectOfVote(ctx context.Context, subject string) (*needle.Objective, error) {
	const field = "input.subjectId"
	switch needle.IDPrefix(subject) {
	case needle.ObjectivePrefix:
		id, err := needle.ParseObjectiveID(subject)
		if err != nil {
			return nil, needle.Invalid(field, needle.CodeInvalidID, "this is not an id")
		}
		return a.openObjective(ctx, field, id)
	case needle.KeyResultPrefix:
		id, err := needle.ParseKeyResultID(subject)
		if err != nil {
			return nil, needle.Invalid(field, needle.CodeInvalidID, "this is not an id")
		}
		_, o, err := a.openKeyResult(ctx, field, id)
		return o, err
	default:
		id, err := needle.ParseIdeaID(subject)
		if err != nil {
			return nil, needle.Invalid(field, needle.CodeInvalidID, "this is not an id")
		}
		return a.undecidedIdea(ctx, field, id)
	}
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

// concerns returns what the activities of a vote are about.
func (a act) concerns(ctx context.Context, v *needle.Vote) (about, error) {
	if v.ObjectiveID == nil {
		return about{}, nil
	}
	found, err := a.ObjectivesByID(ctx, []needle.ObjectiveID{*v.ObjectiveID})
	if err != nil {
		return about{}, err
	}
	return aboutObjective(found[0]), nil
}

// aboutObjective says that an activity concerns an objective and its team; nil is none.
func aboutObjective(o *needle.Objective) about {
	if o == nil {
		return about{}
	}
	return about{&o.TeamID, &o.ID}
}
