package storetest

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// Invite makes people participants of the objective, each with the function the person usually has.
func (f *Factory) Invite(o *needle.Objective, people ...*needle.User) {
	f.t.Helper()
	for _, u := range people {
		f.insert(&needle.Participant{
			WorkspaceID: f.Workspace.ID, ObjectiveID: o.ID, UserID: u.ID, Function: u.Function,
			InvitedBy: f.Owner.ID, InvitedAt: Now(),
		})
	}
}

// Participant makes the owner take part in the objective, unless UserID says otherwise.
func (f *Factory) Participant(change ...func(*needle.Participant)) *needle.Participant {
	f.t.Helper()
	p := &needle.Participant{
		WorkspaceID: f.Workspace.ID, UserID: f.Owner.ID, Function: f.Owner.Function, InvitedBy: f.Owner.ID, InvitedAt: Now(),
	}
	apply(p, change)
	if p.ObjectiveID.IsZero() {
		p.ObjectiveID = or(f.objective, f.Objective).ID
	}
	f.insert(p)
	return p
}

// Stood tells that the objective was in a state at an earlier time than any it is known to have been in.
func (f *Factory) Stood(o *needle.Objective, state needle.ObjectiveState, at time.Time) {
	f.t.Helper()
	f.exec(`INSERT INTO objective_states (workspace_id, objective_id, version, state, revision, recorded_at)
		SELECT workspace_id, objective_id, min(version) - 1, ?, 1, ? FROM objective_states
		WHERE workspace_id = ? AND objective_id = ? GROUP BY 1, 2`, state, at, f.Workspace.ID, o.ID)
}

// Proposal offers a key result for the objective.
func (f *Factory) Proposal(change ...func(*needle.Proposal)) *needle.Proposal {
	f.t.Helper()
	from, to := 0.0, 50.0
	p := &needle.Proposal{
		Stamp: f.stamp(), ID: needle.NewProposalID(), Title: "Proposal " + f.next(), Kind: needle.KindMetric,
		Direction: needle.DirectionIncrease, Indicator: needle.IndicatorLagging, Unit: "%",
		Goal: needle.Goal{Baseline: &from, Target: &to}, Offer: needle.Offer{State: needle.OfferOpen, CreatedBy: f.Owner.ID},
	}
	apply(p, change)
	if p.ObjectiveID.IsZero() {
		p.ObjectiveID = or(f.objective, f.Objective).ID
	}
	f.insert(p)
	return p
}

// Suggestion offers another title for the objective.
func (f *Factory) Suggestion(change ...func(*needle.Suggestion)) *needle.Suggestion {
	f.t.Helper()
	s := &needle.Suggestion{
		Stamp: f.stamp(), ID: needle.NewSuggestionID(), Offer: needle.Offer{State: needle.OfferOpen, CreatedBy: f.Owner.ID},
	}
	apply(s, change)
	if s.SubjectID == "" {
		o := or(f.objective, f.Objective)
		s.ObjectiveID, s.SubjectID = o.ID, o.ID.String()
		s.Changes = []needle.SuggestedChange{{Field: needle.FieldTitle, From: o.Title, To: "A better title"}}
	}
	f.insert(s)
	return s
}

// Comment says something about the objective, in a thread of its own unless ThreadID says otherwise.
func (f *Factory) Comment(change ...func(*needle.Comment)) *needle.Comment {
	f.t.Helper()
	c := &needle.Comment{Stamp: f.stamp(), ID: needle.NewCommentID(), Body: "Comment " + f.next(), CreatedBy: f.Owner.ID}
	apply(c, change)
	if c.ThreadID.IsZero() {
		c.ThreadID = c.ID
	}
	if c.SubjectID == "" {
		o := or(f.objective, f.Objective)
		c.SubjectID, c.ObjectiveID = o.ID.String(), &o.ID
	}
	f.insert(c)
	return c
}

// CommentEdit tells that the comment said something else before.
func (f *Factory) CommentEdit(c *needle.Comment, body string, at time.Time) {
	f.t.Helper()
	f.insert(&needle.CommentEdit{
		WorkspaceID: f.Workspace.ID, CommentID: c.ID, Version: c.Version, Body: body, WrittenAt: c.CreatedAt, RecordedAt: at,
	})
}

type mentionRow struct {
	bun.BaseModel `bun:"table:comment_mentions"`
	WorkspaceID   needle.WorkspaceID
	CommentID     needle.CommentID
	UserID        needle.UserID
	CreatedAt     time.Time
}

// Mention tells that the comment mentions people.
func (f *Factory) Mention(c *needle.Comment, people ...*needle.User) {
	f.t.Helper()
	for _, u := range people {
		f.insert(&mentionRow{WorkspaceID: f.Workspace.ID, CommentID: c.ID, UserID: u.ID, CreatedAt: c.CreatedAt})
	}
}

// Vote opens a hidden vote about the objective.
func (f *Factory) Vote(change ...func(*needle.Vote)) *needle.Vote {
	f.t.Helper()
	v := &needle.Vote{
		Stamp: f.stamp(), ID: needle.NewVoteID(), Question: "Do you stand behind it?", Hidden: true, State: needle.VoteOpen,
		CreatedBy: f.Owner.ID,
	}
	apply(v, change)
	if v.SubjectID == "" {
		o := or(f.objective, f.Objective)
		v.SubjectID, v.ObjectiveID = o.ID.String(), &o.ID
	}
	f.insert(v)
	return v
}

// Ballot casts a person's value in a vote.
func (f *Factory) Ballot(v *needle.Vote, u *needle.User, value int, change ...func(*needle.Ballot)) *needle.Ballot {
	f.t.Helper()
	return made(f, &needle.Ballot{
		Stamp: f.stamp(), ID: needle.NewBallotID(), VoteID: v.ID, UserID: u.ID, Function: u.Function, Value: value,
	}, change)
}

// SignOff approves the objective's first revision.
func (f *Factory) SignOff(change ...func(*needle.SignOff)) *needle.SignOff {
	f.t.Helper()
	s := &needle.SignOff{
		WorkspaceID: f.Workspace.ID, ID: needle.NewSignOffID(), UserID: f.Owner.ID, Function: f.Owner.Function,
		Revision: 1, Verdict: needle.SignOffApprove, RecordedAt: Now(),
	}
	apply(s, change)
	if s.ObjectiveID.IsZero() {
		s.ObjectiveID = or(f.objective, f.Objective).ID
	}
	f.insert(s)
	return s
}

// Idea raises an idea for the pain point, unless KeyResultID says otherwise.
func (f *Factory) Idea(change ...func(*needle.Idea)) *needle.Idea {
	f.t.Helper()
	i := &needle.Idea{
		Stamp: f.stamp(), ID: needle.NewIdeaID(), Title: "Idea " + f.next(), State: needle.IdeaOpen,
		StateChangedAt: Now(), CreatedBy: f.Owner.ID,
	}
	apply(i, change)
	if i.PainPointID == nil && i.KeyResultID == nil {
		i.PainPointID = &or(f.painPoint, f.PainPoint).ID
	}
	f.insert(i)
	return i
}
