package needle

import "time"

// VoteState is where a vote stands.
type VoteState string

// The states of a vote.
const (
	VoteOpen   VoteState = "OPEN"
	VoteClosed VoteState = "CLOSED"
)

// Vote asks people how far they stand behind an objective, a key result or an idea, from 1, not at all, to 5, fully.
// There is at most one open vote about a thing.
type Vote struct {
	Stamp
	ID VoteID `bun:"id,pk"`
	// SubjectID is the public id of what it is about.
	SubjectID string
	// ObjectiveID is the objective concerned; nil when there is none.
	ObjectiveID *ObjectiveID
	// Question is what is asked.
	Question string
	// Hidden votes show nobody the ballots of others until they are closed.
	Hidden bool
	// State is where it stands.
	State VoteState
	// ClosedAt is when it was closed; nil while OPEN.
	ClosedAt *time.Time
	// ClosedBy closed it.
	ClosedBy *UserID
	// CreatedBy opened it.
	CreatedBy UserID
}

// IsNode marks Vote as a Node.
func (*Vote) IsNode() {}

// Ballot is a person's answer in a vote; it may change until the vote is closed.
type Ballot struct {
	Stamp
	VoteID VoteID `bun:"vote_id,pk"`
	UserID UserID `bun:"user_id,pk"`
	// Function is the side the person spoke for.
	Function Function
	// Value runs from 1, not at all, to 5, fully.
	Value int
	// Reason says why; may be empty.
	Reason string
}
