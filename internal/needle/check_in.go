package needle

import (
	"bytes"
	"cmp"
	"time"
)

// CheckIn is one measured value of a key result. It is never changed: a correction is a new one that supersedes it.
type CheckIn struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	ID          CheckInID   `bun:"id,pk"`
	// KeyResultID is what was measured.
	KeyResultID KeyResultID
	// Value is in the key result's unit.
	Value float64
	// Confidence is how sure the author is that the target will be met, 0 to 1; nil when not said.
	Confidence *float64
	// Note says what lies behind the value; may be empty.
	Note string
	// MeasuredAt is when the value was true.
	MeasuredAt time.Time
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
	// AuthorID is the person; nil when a metric source wrote it.
	AuthorID *UserID
	// MetricSource names the source that wrote it; empty when a person did.
	MetricSource string
	// ExternalID is the source's own id of the value, unique per key result and source; empty when it has none.
	ExternalID string
	// SupersedesID is the check-in this one corrects.
	SupersedesID *CheckInID
	// SupersededByID is the correction of this one; nil while it stands.
	SupersededByID *CheckInID `bun:",scanonly"`
}

// IsNode marks CheckIn as a Node.
func (*CheckIn) IsNode() {}

// Compare orders the check-ins of a key result in time: what was measured later comes later. Of two that were measured at
// the same instant a person's comes after a metric source's, else the one recorded later. The last one that stands is the
// value that holds.
func (c *CheckIn) Compare(other *CheckIn) int {
	return cmp.Or(
		c.MeasuredAt.Compare(other.MeasuredAt),
		cmp.Compare(c.rank(), other.rank()),
		c.RecordedAt.Compare(other.RecordedAt),
		bytes.Compare(c.ID.UUID[:], other.ID.UUID[:]),
	)
}

// rank puts people above metric sources.
func (c *CheckIn) rank() int {
	if c.AuthorID == nil {
		return 0
	}
	return 1
}

// RecordCheckInInput records a measured value.
type RecordCheckInInput struct {
	KeyResultID      KeyResultID
	Value            float64
	Confidence       *float64
	Note             *string
	MeasuredAt       *time.Time
	SupersedesID     *CheckInID
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; a value cannot have been measured after now.
func (in RecordCheckInInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	c.finite("value", &in.Value)
	c.share("confidence", in.Confidence)
	c.upTo("note", deref(in.Note), MaxText)
	c.past("measuredAt", in.MeasuredAt, now, "a value cannot have been measured in the future")
	return c.err()
}

// CheckInFilter narrows a list of check-ins; all given parts must hold.
type CheckInFilter struct {
	And        []*CheckInFilter
	Or         []*CheckInFilter
	Not        *CheckInFilter
	Value      *NumberComparator
	MeasuredAt *DateComparator
	RecordedAt *DateComparator
	// Superseded true keeps corrected check-ins, false those that stand.
	Superseded *bool
}

// CheckInOrderField is what check-ins can be ordered by.
type CheckInOrderField string

// The order fields of check-ins.
const (
	CheckInByMeasuredAt CheckInOrderField = "MEASURED_AT"
	CheckInByRecordedAt CheckInOrderField = "RECORDED_AT"
)
