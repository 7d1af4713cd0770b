package needle

// The schema's names for bets and what people say of them.
type (
	// OutsideEventConnection is one page of outside events.
	OutsideEventConnection = Page[*OutsideEvent]
	// OutsideEventEdge is an outside event and its place in a list.
	OutsideEventEdge = Edge[*OutsideEvent]
	// OutsideEventOrder is one key of an order of outside events.
	OutsideEventOrder = Order[OutsideEventOrderField]
	// OutsideEventKindComparator compares kinds of outside events.
	OutsideEventKindComparator = Comparator[OutsideEventKind]
	// ExperimentConnection is one page of experiments.
	ExperimentConnection = Page[*Experiment]
	// ExperimentEdge is an experiment and its place in a list.
	ExperimentEdge = Edge[*Experiment]
	// ExperimentOrder is one key of an order of experiments.
	ExperimentOrder = Order[ExperimentOrderField]
	// VerdictDisputeConnection is one page of disputes.
	VerdictDisputeConnection = Page[*VerdictDispute]
	// VerdictDisputeEdge is a dispute and its place in a list.
	VerdictDisputeEdge = Edge[*VerdictDispute]
	// VerdictDisputeOrder is one key of an order of disputes.
	VerdictDisputeOrder = Order[VerdictDisputeOrderField]
	// VerdictComparator compares verdicts on bets.
	VerdictComparator = Comparator[Verdict]
)
