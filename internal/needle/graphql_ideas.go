package needle

// The names by which the schema knows lists of ideas.
type (
	// IdeaConnection is one page of ideas.
	IdeaConnection = Page[*Idea]
	// IdeaEdge is an idea and its place in a list.
	IdeaEdge = Edge[*Idea]
	// IdeaOrder is one key of an order of ideas.
	IdeaOrder = Order[IdeaOrderField]
	// IdeaIDComparator compares the ids of ideas.
	IdeaIDComparator = Comparator[IdeaID]
	// IdeaStateComparator compares the states of ideas.
	IdeaStateComparator = Comparator[IdeaState]
)
