package needle

// The names by which the schema knows lists of votes and of ballots.
type (
	// VoteConnection is one page of votes.
	VoteConnection = Page[*Vote]
	// VoteEdge is a vote and its place in a list.
	VoteEdge = Edge[*Vote]
	// VoteOrder is one key of an order of votes.
	VoteOrder = Order[VoteOrderField]
	// VoteIDComparator compares the ids of votes.
	VoteIDComparator = Comparator[VoteID]
	// VoteStateComparator compares the states of votes.
	VoteStateComparator = Comparator[VoteState]
	// BallotConnection is one page of ballots.
	BallotConnection = Page[*Ballot]
	// BallotEdge is a ballot and its place in a list.
	BallotEdge = Edge[*Ballot]
	// BallotOrder is one key of an order of ballots.
	BallotOrder = Order[BallotOrderField]
)
