package needle

import "time"

// VoteState is where a vote stands.
type VoteState string

// The states of a vote.
const (
	VoteOpen   VoteState = "OPEN"
	VoteClosed VoteState = "CLOSED"
)

// DefaultQuestion is what a vote asks unless its opener says otherwise.
const DefaultQuestion = "How far do you stand behind this?"

// Vote asks people how far they stand behind an objective, a key result or an idea, from 1, not at all, to 5, fully.
// There is at most one open vote about a thing.
type Vote struct {
	Stamp
	ID VoteID `bun:"id,pk"`
	// SubjectID is the public id of what it is about.
	SubjectID string
	// ObjectiveID is the objective concerned; nil when there is none, as with an idea for a pain point.
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

// VoteSpread is how the ballots of a vote lie.
type VoteSpread struct {
	// Ballots is how many there are, at least one.
	Ballots int
	// Mean is their mean value.
	Mean float64
	// Median is the middle value; the mean of the two middle ones of an even number.
	Median float64
	// Low is the lowest value.
	Low int
	// High is the highest value.
	High int
	// StandardDeviation is that of the population, since the ballots are all there are; nil for a single one.
	StandardDeviation *float64
	// Agreement is 1 when all ballots are equal and 0 when half of them lie at either end of the scale; nil for a single
	// one.
	Agreement *float64
	// Histogram counts the ballots of each value, lowest value first, none left out.
	Histogram []*ValueCount
	// ByFunction tells the sides apart: team, leader, stakeholder, customer-facing. Those without a ballot are left out.
	ByFunction []*FunctionMean
}

// ValueCount is how many ballots have a value.
type ValueCount struct{ Value, Count int }

// FunctionMean is how those who spoke for one side voted.
type FunctionMean struct {
	// Function is the side.
	Function Function
	// Ballots is how many spoke for it.
	Ballots int
	// Mean is their mean value.
	Mean float64
}

// OpenVoteInput asks people about an objective, a key result or an idea; absent hidden is true.
type OpenVoteInput struct {
	SubjectID        string
	Question         *string
	Hidden           *bool
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in OpenVoteInput) Validate() error {
	c := check{prefix: "input"}
	switch IDPrefix(in.SubjectID) {
	case ObjectivePrefix, KeyResultPrefix, IdeaPrefix:
	default:
		c.add("subjectId", CodeInvalidID, "a vote is about an objective, a key result or an idea")
	}
	if in.Question != nil {
		c.text("question", *in.Question, MaxTitle)
	}
	return c.err()
}

// CloseVoteInput closes a vote for good and shows its ballots.
type CloseVoteInput struct {
	ID               VoteID
	ExpectedVersion  *int
	ClientMutationID *string
}

// VoteFilter narrows a list of votes; all given parts must hold. None of them looks at ballots, which may be hidden.
type VoteFilter struct {
	And         []*VoteFilter
	Or          []*VoteFilter
	Not         *VoteFilter
	ID          *Comparator[VoteID]
	SubjectID   *StringComparator
	ObjectiveID *Comparator[ObjectiveID]
	State       *Comparator[VoteState]
	Hidden      *bool
	CreatedBy   *Comparator[UserID]
	CreatedAt   *DateComparator
	ClosedAt    *DateComparator
}

// VoteOrderField is what votes can be ordered by.
type VoteOrderField string

// VoteByCreatedAt orders votes by when they were opened.
const VoteByCreatedAt VoteOrderField = "CREATED_AT"
