package needle

// The names by which the schema knows lists of what links are made of.
type (
	// LinkVersionConnection is one page of versions of a link.
	LinkVersionConnection = Page[*LinkVersion]
	// LinkVersionEdge is a version of a link and its place in a list.
	LinkVersionEdge = Edge[*LinkVersion]
	// LinkVersionOrder is one key of an order of versions of a link.
	LinkVersionOrder = Order[LinkVersionOrderField]
	// LinkRuleKindComparator compares kinds of link rules.
	LinkRuleKindComparator = Comparator[LinkRuleKind]
)
