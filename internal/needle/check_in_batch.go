package needle

import (
	"strconv"
	"time"
)

// MaxCheckIns is the most check-ins that are recorded at once.
const MaxCheckIns = 500

// CheckInOutcome is what became of one line of a batch.
type CheckInOutcome string

// The outcomes of a line. CORRECTED: the metric source measured anew and supersedes its own value. UNCHANGED: the value
// is there already, or a person's stands in its place.
const (
	CheckInRecorded  CheckInOutcome = "RECORDED"
	CheckInUnchanged CheckInOutcome = "UNCHANGED"
	CheckInCorrected CheckInOutcome = "CORRECTED"
)

// CheckInResult says what became of one line of a batch.
type CheckInResult struct {
	// Index is the line's place in the input, from 0.
	Index int
	// Outcome is what was done.
	Outcome CheckInOutcome
	// CheckIn is what stands: the one recorded, or the one that was left as it is.
	CheckIn *CheckIn
	// Note says why a line changed nothing although it says something else; empty otherwise.
	Note string
}

// CheckInBatch is what became of a batch, line by line.
type CheckInBatch struct {
	// Results lie parallel to the lines.
	Results []*CheckInResult
	// Recorded, Corrected and Unchanged count the outcomes.
	Recorded, Corrected, Unchanged int
}

// Add appends the result of the next line.
func (b *CheckInBatch) Add(r *CheckInResult) {
	r.Index = len(b.Results)
	b.Results = append(b.Results, r)
	switch r.Outcome {
	case CheckInRecorded:
		b.Recorded++
	case CheckInCorrected:
		b.Corrected++
	case CheckInUnchanged:
		b.Unchanged++
	}
}

// CheckInLine is one measured value of a batch.
type CheckInLine struct {
	// KeyResultID or KeyResultKey says what was measured, not both.
	KeyResultID  *KeyResultID
	KeyResultKey *string
	Value        float64
	Confidence   *float64
	Note         *string
	MeasuredAt   *time.Time
	// ExternalID is the metric source's own id of the value; people have none.
	ExternalID *string
}

// Where returns the path of the field that says which key result line i measures.
func (l CheckInLine) Where(i int) string {
	if l.KeyResultID == nil {
		return "input." + indexed("checkIns", i, "keyResultKey")
	}
	return "input." + indexed("checkIns", i, "keyResultId")
}

// RecordCheckInsInput records many measured values, all or none.
type RecordCheckInsInput struct {
	// MetricSource names the machine that measured; nil when the caller did.
	MetricSource     *string
	CheckIns         []*CheckInLine
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule, of all lines at once; values cannot have been measured after
// now.
func (in RecordCheckInsInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	if in.MetricSource != nil {
		c.text("metricSource", *in.MetricSource, MaxName)
	}
	if n := len(in.CheckIns); n < 1 || n > MaxCheckIns {
		c.add("checkIns", CodeOutOfRange, "give 1 to "+strconv.Itoa(MaxCheckIns)+" check-ins")
		return c.err()
	}
	for i, l := range in.CheckIns {
		c.line(i, l, in.MetricSource != nil, now)
	}
	return c.err()
}

func (c *check) line(i int, l *CheckInLine, bySource bool, now time.Time) {
	at := func(field string) string { return indexed("checkIns", i, field) }
	switch {
	case l.KeyResultID == nil && l.KeyResultKey == nil:
		c.add(at("keyResultId"), CodeRequired, "say what was measured, by id or by key")
	case l.KeyResultID != nil && l.KeyResultKey != nil:
		c.add(at("keyResultKey"), CodeInvalid, "say what was measured by id or by key, not both")
	case l.KeyResultKey != nil:
		if letters, _, ok := ParseKey(*l.KeyResultKey); !ok || letters != KeyResultKey {
			c.add(at("keyResultKey"), CodeInvalid, "the key of a key result looks like KR-42")
		}
	}
	c.finite(at("value"), &l.Value)
	c.share(at("confidence"), l.Confidence)
	c.upTo(at("note"), deref(l.Note), MaxText)
	c.past(at("measuredAt"), l.MeasuredAt, now, "a value cannot have been measured in the future")
	switch {
	case bySource && l.ExternalID == nil:
		c.add(at("externalId"), CodeRequired, "a metric source names its values, so that it can send them twice")
	case bySource:
		c.text(at("externalId"), *l.ExternalID, MaxTitle)
	case l.ExternalID != nil:
		c.add(at("externalId"), CodeInvalid, "only a metric source has ids of its own; name it in metricSource")
	}
}
