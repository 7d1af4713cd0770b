package needle

// The schema's names for pages, edges and orders of what pain points consist of.
type (
	// CategoryConnection is one page of categories.
	CategoryConnection = Page[*Category]
	// SegmentConnection is one page of segments.
	SegmentConnection = Page[*Segment]
	// PainReportConnection is one page of reports.
	PainReportConnection = Page[*PainReport]
	// PainMergeConnection is one page of merges.
	PainMergeConnection = Page[*PainMerge]
	// CategoryEdge is a category and its place in a list.
	CategoryEdge = Edge[*Category]
	// SegmentEdge is a segment and its place in a list.
	SegmentEdge = Edge[*Segment]
	// PainReportEdge is a report and its place in a list.
	PainReportEdge = Edge[*PainReport]
	// PainMergeEdge is a merge and its place in a list.
	PainMergeEdge = Edge[*PainMerge]
	// CategoryOrder is one key of an order of categories.
	CategoryOrder = Order[CategoryOrderField]
	// SegmentOrder is one key of an order of segments.
	SegmentOrder = Order[SegmentOrderField]
	// PainReportOrder is one key of an order of reports.
	PainReportOrder = Order[PainReportOrderField]
	// PainMergeOrder is one key of an order of merges.
	PainMergeOrder = Order[PainMergeOrderField]
)
