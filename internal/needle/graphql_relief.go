package needle

// The schema binds to these names; GraphQL has no generic types.
type (
	// ReliefCheckConnection is one page of relief checks.
	ReliefCheckConnection = Page[*ReliefCheck]
	// ReliefCheckEdge is a relief check and its place in a list.
	ReliefCheckEdge = Edge[*ReliefCheck]
	// ReliefCheckOrder is one key of an order of relief checks.
	ReliefCheckOrder = Order[ReliefCheckOrderField]
	// ReliefAnswerConnection is one page of answers of reporters.
	ReliefAnswerConnection = Page[*ReliefAnswer]
	// ReliefAnswerEdge is an answer of a reporter and its place in a list.
	ReliefAnswerEdge = Edge[*ReliefAnswer]
	// ReliefAnswerOrder is one key of an order of answers of reporters.
	ReliefAnswerOrder = Order[ReliefAnswerOrderField]
	// ReliefReplyComparator compares what reporters say.
	ReliefReplyComparator = Comparator[ReliefReply]
)
