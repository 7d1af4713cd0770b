package needle

// Names of comments, suggestions and proposals that the schema binds to.
type (
	// CommentConnection is one page of comments.
	CommentConnection = Page[*Comment]
	// CommentEdge is a comment and its place in a list.
	CommentEdge = Edge[*Comment]
	// CommentOrder is one key of an order of comments.
	CommentOrder = Order[CommentOrderField]
	// SuggestionConnection is one page of suggestions.
	SuggestionConnection = Page[*Suggestion]
	// SuggestionEdge is a suggestion and its place in a list.
	SuggestionEdge = Edge[*Suggestion]
	// SuggestionOrder is one key of an order of suggestions.
	SuggestionOrder = Order[SuggestionOrderField]
	// ProposalConnection is one page of proposals.
	ProposalConnection = Page[*Proposal]
	// ProposalEdge is a proposal and its place in a list.
	ProposalEdge = Edge[*Proposal]
	// ProposalOrder is one key of an order of proposals.
	ProposalOrder = Order[ProposalOrderField]
	// OfferStateComparator compares where offers stand.
	OfferStateComparator = Comparator[OfferState]
)
