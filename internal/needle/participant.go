package needle

import (
	"strconv"
	"time"
)

// Participant is a person who takes part in writing an objective, and the side they speak for.
type Participant struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	ObjectiveID ObjectiveID `bun:"objective_id,pk"`
	UserID      UserID      `bun:"user_id,pk"`
	// Function is the side the person speaks for here.
	Function Function
	// MustSign is true for people whose approval the objective needs by name, whatever the policy says.
	MustSign bool
	// InvitedBy is who asked them; themselves when they joined.
	InvitedBy UserID
	// InvitedAt is when.
	InvitedAt time.Time
	// LeftAt is when they stopped taking part; nil while they do.
	LeftAt *time.Time
}

// TakesPart reports whether the person has not left.
func (p *Participant) TakesPart() bool { return p.LeftAt == nil }

// ParticipantInput is a person to invite. Function defaults to the one the person has in the team, LEADER for its lead,
// and else to their usual one; a person who takes part already keeps what is not said.
type ParticipantInput struct {
	UserID   UserID
	Function *Function
	MustSign *bool
}

// MaxInvited is how many people one call may invite.
const MaxInvited = 50

// InviteParticipantsInput invites people to an objective; inviting somebody again changes their place in it.
type InviteParticipantsInput struct {
	ObjectiveID      ObjectiveID
	Participants     []*ParticipantInput
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in InviteParticipantsInput) Validate() error {
	c := check{prefix: "input"}
	if n := len(in.Participants); n < 1 || n > MaxInvited {
		c.add("participants", CodeOutOfRange, "this must name 1 to "+strconv.Itoa(MaxInvited)+" people")
		return c.err()
	}
	seen := map[UserID]bool{}
	for i, p := range in.Participants {
		if seen[p.UserID] {
			c.add(indexed("participants", i, "userId"), CodeDuplicate, "this person is listed twice")
		}
		seen[p.UserID] = true
	}
	return c.err()
}

// LeaveObjectiveInput lets a person stop taking part: oneself when UserID is nil.
type LeaveObjectiveInput struct {
	ObjectiveID      ObjectiveID
	UserID           *UserID
	ClientMutationID *string
}

// Validate returns nil: the types say it all.
func (LeaveObjectiveInput) Validate() error { return nil }

// ParticipantFilter narrows a list of participants; all given parts must hold.
type ParticipantFilter struct {
	And       []*ParticipantFilter
	Or        []*ParticipantFilter
	Not       *ParticipantFilter
	UserID    *Comparator[UserID]
	Function  *Comparator[Function]
	MustSign  *bool
	InvitedAt *DateComparator
	// Left keeps those who left instead of those who take part.
	Left *bool
}

// ParticipantOrderField is what participants can be ordered by.
type ParticipantOrderField string

// ParticipantByInvitedAt orders participants by when they were invited.
const ParticipantByInvitedAt ParticipantOrderField = "INVITED_AT"
