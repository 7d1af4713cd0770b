package needle

// The schema's names of what the feed and the inbox are made of; GraphQL has no generic types.
type (
	// InboxItemConnection is one page of what waits for a person.
	InboxItemConnection = Page[*InboxItem]
	// InboxItemEdge is something that waits and its place in a list.
	InboxItemEdge = Edge[*InboxItem]
	// InboxItemOrder is one key of an order of what waits.
	InboxItemOrder = Order[InboxItemOrderField]
	// InboxKindComparator compares why things wait.
	InboxKindComparator = Comparator[InboxKind]
	// SubjectTypeComparator compares the nouns of what activities are about.
	SubjectTypeComparator = Comparator[SubjectType]
)
