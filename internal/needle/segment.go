package needle

// Segment is a group of customers and what their pain weighs; a segment that has no row weighs 1.
type Segment struct {
	Stamp
	ID SegmentID `bun:"id,pk"`
	// Name is what evidence and reports refer to, as in "enterprise"; compared without case.
	Name string
	// Weight multiplies the pain of the segment's customers, above 0 and at most 100.
	Weight float64
}

// IsNode marks Segment as a Node.
func (*Segment) IsNode() {}
