package needle

// The ends of the scale of a ballot.
const (
	LowestBallot  = 1
	HighestBallot = 5
)

// Ballot is a person's answer in a vote; it may change until the vote is closed.
type Ballot struct {
	Stamp
	ID BallotID `bun:"id,pk"`
	// VoteID is the vote it was cast in.
	VoteID VoteID
	// UserID cast it; a person has one ballot in a vote.
	UserID UserID
	// Function is the side the person spoke for.
	Function Function
	// Value runs from 1, not at all, to 5, fully.
	Value int
	// Reason says why; may be empty.
	Reason string
}

// IsNode marks Ballot as a Node.
func (*Ballot) IsNode() {}

// CastBallotInput casts the caller's ballot in a vote, or casts it anew.
type CastBallotInput struct {
	VoteID           VoteID
	Value            int
	Reason           *string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CastBallotInput) Validate() error {
	c := check{prefix: "input"}
	c.between("value", in.Value, LowestBallot, HighestBallot)
	c.upTo("reason", deref(in.Reason), MaxText)
	return c.err()
}

// WithdrawBallotInput takes the caller's ballot back.
type WithdrawBallotInput struct {
	VoteID           VoteID
	ClientMutationID *string
}

// BallotFilter narrows a list of ballots; all given parts must hold.
type BallotFilter struct {
	And       []*BallotFilter
	Or        []*BallotFilter
	Not       *BallotFilter
	UserID    *Comparator[UserID]
	Function  *Comparator[Function]
	Value     *NumberComparator
	CreatedAt *DateComparator
}

// BallotOrderField is what ballots can be ordered by.
type BallotOrderField string

// The order fields of ballots.
const (
	BallotByValue     BallotOrderField = "VALUE"
	BallotByCreatedAt BallotOrderField = "CREATED_AT"
)
