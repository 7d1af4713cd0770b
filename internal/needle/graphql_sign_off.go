package needle

// The schema's names for how objectives are made together.
type (
	// WorkspacePolicy is a Policy.
	WorkspacePolicy = Policy
	// ParticipantConnection is one page of participants.
	ParticipantConnection = Page[*Participant]
	// ParticipantEdge is a participant and its place in a list.
	ParticipantEdge = Edge[*Participant]
	// ParticipantOrder is one key of an order of participants.
	ParticipantOrder = Order[ParticipantOrderField]
	// SignOffConnection is one page of signatures.
	SignOffConnection = Page[*SignOff]
	// SignOffEdge is a signature and its place in a list.
	SignOffEdge = Edge[*SignOff]
	// SignOffOrder is one key of an order of signatures.
	SignOffOrder = Order[SignOffOrderField]
	// SignOffVerdictComparator compares verdicts.
	SignOffVerdictComparator = Comparator[SignOffVerdict]
)
