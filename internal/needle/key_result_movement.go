package needle

import "time"

// KeyResultMovement is how far a key result went over a window, and what of it each piece of work may have.
type KeyResultMovement struct {
	// AsOf is the instant; nothing recorded later is in the answer.
	AsOf time.Time
	// From and To are the window's ends.
	From, To time.Time
	// Then and Now are the values that held at the two ends; nil where none was known.
	Then, Now *Measurement
	// Change is the later value less the earlier one, in the key result's unit; nil when Note says why not.
	Change *float64
	// Towards is Change signed by the key result's direction: positive is good; nil for guards, which do not move.
	Towards *float64
	// BeyondDrift is Change less what the drift comes to between the two values; nil while the drift is unknown.
	BeyondDrift *float64
	// Drift is the line that the value followed before the first delivery; nil when unknown.
	Drift *Trend
	// CheckIns is the number of values measured inside the window.
	CheckIns int
	// Parts are what work may have of the change, by link. What is planned of them and Unexplained add up to Change exactly.
	Parts []*Share
	// Unexplained is what the plan split allocates to nothing; nil where there is no change.
	Unexplained *float64
	// Note says why there is no change, or how old the data is.
	Note string
}

// KeyResultWindow is the span that is asked for of a key result.
type KeyResultWindow struct {
	// From is where it begins; nil takes the first value that is known.
	From *time.Time
	// To is where it ends; nil takes AsOf.
	To *time.Time
	// AsOf is the instant by which what is told was known; nil takes now.
	AsOf *time.Time
}

// Validate returns Errors for windows that end before they begin, or after what can be known.
func (w KeyResultWindow) Validate(now time.Time) error {
	c := check{}
	c.past("asOf", w.AsOf, now, "nothing is known of the future")
	asOf := *or(w.AsOf, &now)
	if w.From != nil {
		c.instant("from", *w.From)
	}
	if w.To != nil {
		c.instant("to", *w.To)
		if w.To.After(asOf.Add(futureSlack)) {
			c.add("to", CodeOutOfRange, "what came after asOf is not known")
		}
	}
	if w.From != nil && w.From.After(*or(w.To, &asOf)) {
		c.add("from", CodeOutOfRange, "the window begins after it ends")
	}
	return c.err()
}

// Ends returns the window's end, which is not after asOf, and the instant by which what is told was known.
func (w KeyResultWindow) Ends(now time.Time) (to, asOf time.Time) {
	asOf = *or(w.AsOf, &now)
	to = *or(w.To, &asOf)
	if to.After(asOf) {
		to = asOf
	}
	return to, asOf
}
