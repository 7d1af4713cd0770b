package impact

import (
	"fmt"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Movement returns how far a key result went from one instant to another, with its parts, and says why not where that is
// not known; nil when nothing was known of the key result.
func (e *Evidence) Movement(id needle.KeyResultID, from, to time.Time) *needle.KeyResultMovement {
	series, known := e.series[id]
	if !known {
		return nil
	}
	m := &needle.KeyResultMovement{AsOf: e.asOf, From: from, To: to, Drift: e.drift(id)}
	if then, held := series.At(from); held {
		m.Then = &then
	}
	if now, held := series.At(to); held {
		m.Now = &now
	}
	m.CheckIns = len(series.between(from, to))
	if b := e.Breakdown(id, from, to); b != nil {
		m.Change, m.BeyondDrift, m.Parts, m.Unexplained = &b.Change, b.BeyondDrift, b.Shares, &b.Unexplained
		m.Towards = towards(e.keyResult(id).Direction, b.Change)
	}
	m.Note = movementNote(m)
	return m
}

// movementNote says why there is no change, or how many values one rests on and how old the last is.
func movementNote(m *needle.KeyResultMovement) string {
	switch {
	case m.Then == nil && m.Now == nil:
		return "no check-in by " + instant(m.To) + " is known"
	case m.Then == nil:
		return "no check-in by " + instant(m.From) + " is known to measure from"
	case m.Change == nil:
		return "the values lie too far apart to subtract"
	case m.CheckIns == 0:
		return "no check-in in the window, the value is carried forward; it was measured on " + instant(m.Now.MeasuredAt)
	default:
		return fmt.Sprintf("%s in the window; the last value was measured on %s", count(m.CheckIns, "check-in"), instant(m.Now.MeasuredAt))
	}
}

// keyResult returns a key result of which something was known.
func (e *Evidence) keyResult(id needle.KeyResultID) *needle.KeyResult {
	for _, kr := range e.keyResults {
		if kr.ID == id {
			return kr
		}
	}
	return nil
}
