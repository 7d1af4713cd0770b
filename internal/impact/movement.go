package impact

import (
	"math"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Move returns how far a series went from one instant to another: the value that held at to less the one that held at
// from. It returns nil when no value held at from, when to lies before from, and when a difference of two values is too
// large for a number.
//
// Change depends on the two ends only: extra values in between change no total, and Move(a, b) and Move(b, c) add up to
// Move(a, c). Parts are the correctly rounded steps from value to value; their sum agrees with Change to within rounding
// of the largest value in the window. Two values of one instant make a step that takes no time.
func Move(s Series, direction needle.Direction, from, to time.Time) *needle.Movement {
	start, held := s.At(from)
	if !held {
		return nil
	}
	return moveFrom(start.Value, s, direction, from, to)
}

// moveFrom is Move from a given value at the window's start.
func moveFrom(start float64, s Series, direction needle.Direction, from, to time.Time) *needle.Movement {
	if to.Before(from) {
		return nil
	}
	inside := s.between(from, to)
	m := &needle.Movement{From: from, To: to, CheckIns: len(inside), Parts: make([]*needle.MovementPart, len(inside))}
	value, at := start, from
	for i, p := range inside {
		step := p.Value - value
		if math.IsInf(step, 0) {
			return nil
		}
		m.Parts[i] = &needle.MovementPart{From: at, To: p.MeasuredAt, Change: step}
		value, at = p.Value, p.MeasuredAt
	}
	m.Change = value - start
	if math.IsInf(m.Change, 0) {
		return nil
	}
	m.Towards = towards(direction, m.Change)
	return m
}

// towards signs a change by the direction, so that positive is good; nil for MAINTAIN, which does not move.
func towards(direction needle.Direction, change float64) *float64 {
	switch direction {
	case needle.DirectionIncrease:
		return &change
	case needle.DirectionDecrease:
		good := 0 - change // Not -change: no change is 0, not minus 0.
		return &good
	default:
		return nil
	}
}
