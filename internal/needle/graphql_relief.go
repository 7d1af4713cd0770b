package needle

// The schema binds to these names; GraphQL has no generic types.
type (
	// ReliefCheckConnection is one page of relief checks.
	ReliefCheckConnection = Page[*ReliefCheck]
	// ReliefCheckEdge is a relief check and its place in a list.
	ReliefCheckEdge = Edge[*ReliefCheck]
	// ReliefCheckOrder is one key of an order of relief checks.
	ReliefCheckOrder = Order[ReliefCheckOrderField]
)
