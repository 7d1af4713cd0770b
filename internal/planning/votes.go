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
