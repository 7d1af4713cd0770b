package impact

import (
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// MinBaselinePoints is the fewest days with a value before the first delivery that say anything about what a value does
// by itself.
const MinBaselinePoints = 6

// Drift returns the trend of a series before the first delivery for its key result: the Theil–Sen slope of the days with
// a value measured before it, with Sen's interval (see TrendOf). It is nil, unknown, below MinBaselinePoints.
func Drift(s Series, firstDelivery time.Time) *needle.Trend {
	before := s.before(firstDelivery)
	if len(before) < MinBaselinePoints {
		return nil
	}
	t, _ := fit(before)
	return t
}

// before returns the last value of each day that has one, of those measured before an instant.
func (s Series) before(t time.Time) []needle.Measurement {
	return Series{points: s.points[:s.measuredBy(t.Add(-1))]}.daily()
}

// beyondDrift returns a change between two measurements less what the drift comes to between them: Δ − b·(t₂ − t₁). It is
// nil while the drift is unknown, and when it is too large for a number.
func beyondDrift(change float64, drift *needle.Trend, from, to time.Time) *float64 {
	if drift == nil {
		return nil
	}
	beyond := change - drift.PerDay*daysBetween(from, to)
	if !finite(beyond) {
		return nil
	}
	return &beyond
}

func daysBetween(from, to time.Time) float64 { return float64(to.Sub(from)) / float64(day) }

// over returns how far a series went over a window, from the value that held at its opening to the one that held at its
// end; nil when nothing held at its opening, and when the difference is too large for a number. It is Move without the
// steps in between.
func over(s Series, direction needle.Direction, drift *needle.Trend, w Window) *needle.WindowMovement {
	first, last := s.measuredBy(w.From), s.measuredBy(w.To)
	if first == 0 || last < first {
		return nil
	}
	m := &needle.WindowMovement{Then: s.points[first-1], Now: s.points[last-1], CheckIns: last - first}
	m.Change = difference(m.Now.Value, m.Then.Value)
	if !finite(m.Change) {
		return nil
	}
	if good := towards(direction, m.Change); good != nil {
		m.Towards = *good
	}
	m.BeyondDrift = beyondDrift(m.Change, drift, m.Then.MeasuredAt, m.Now.MeasuredAt)
	return m
}
