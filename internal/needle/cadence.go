package needle

import "time"

const day = 24 * time.Hour

// DueAt returns when the next check-in falls due: one cadence after the latest value, and for the first one after the key
// result was written.
func (k *KeyResult) DueAt() time.Time {
	last := k.CreatedAt
	if k.CurrentAt != nil {
		last = *k.CurrentAt
	}
	return last.Add(time.Duration(k.CadenceDays) * day)
}

// Overdue reports whether a check-in is late at now.
func (k *KeyResult) Overdue(now time.Time) bool { return now.After(k.DueAt()) }

// OverdueDays returns how many whole days a check-in is late at now; 0 when it is not late, or not by a day yet.
func (k *KeyResult) OverdueDays(now time.Time) int {
	return max(0, int(now.Sub(k.DueAt())/day))
}

// Clock returns the instant as of which an objective's key results are graded: now, or when the objective was closed.
// Nothing falls due after the close, and a health does not worsen.
func (o *Objective) Clock(now time.Time) time.Time {
	if o.State == ObjectiveClosed && o.StateChangedAt.Before(now) {
		return o.StateChangedAt
	}
	return now
}

// KnownAt returns the instant as of which a question is answered: the one asked for, now when there is none. It answers
// OUT_OF_RANGE for the future, of which nothing is known.
func KnownAt(asOf *time.Time, now time.Time) (time.Time, error) {
	c := check{}
	c.past("asOf", asOf, now, "nothing is known of the future")
	return *or(asOf, &now), c.err()
}
