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

// maxSegmentWeight keeps one segment from drowning all others.
const maxSegmentWeight = 100

// segmentWeight demands a weight above 0 and at most 100; nil passes.
func (c *check) segmentWeight(field string, v *float64) {
	if v != nil && !(*v > 0 && *v <= maxSegmentWeight) {
		c.add(field, CodeOutOfRange, "this must lie above 0 and at most at 100")
	}
}

// CreateSegmentInput says what a group of customers weighs.
type CreateSegmentInput struct {
	Name             string
	Weight           float64
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CreateSegmentInput) Validate() error {
	c := check{prefix: "input"}
	c.text("name", in.Name, MaxName)
	c.segmentWeight("weight", &in.Weight)
	return c.err()
}

// UpdateSegmentInput changes a group of customers or what it weighs; absent fields stay. Every pain point that its
// customers reported is weighed anew.
type UpdateSegmentInput struct {
	ID               SegmentID
	Name             *string
	Weight           *float64
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateSegmentInput) Validate() error {
	c := check{prefix: "input"}
	if in.Name != nil {
		c.text("name", *in.Name, MaxName)
	}
	c.segmentWeight("weight", in.Weight)
	return c.err()
}

// DeleteSegmentInput removes a group of customers, which then weighs 1.
type DeleteSegmentInput struct {
	ID               SegmentID
	ClientMutationID *string
}

// SegmentFilter narrows a list of segments; all given parts must hold.
type SegmentFilter struct {
	And    []*SegmentFilter
	Or     []*SegmentFilter
	Not    *SegmentFilter
	Name   *StringComparator
	Weight *NumberComparator
}

// SegmentOrderField is what segments can be ordered by.
type SegmentOrderField string

// The order fields of segments.
const (
	SegmentByName      SegmentOrderField = "NAME"
	SegmentByCreatedAt SegmentOrderField = "CREATED_AT"
)
