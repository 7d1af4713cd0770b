package impact

import (
	"bytes"
	"math"
	"strconv"
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
		step := difference(p.Value, value)
		if math.IsInf(step, 0) {
			return nil
		}
		m.Parts[i] = &needle.MovementPart{From: at, To: p.MeasuredAt, Change: step}
		value, at = p.Value, p.MeasuredAt
	}
	m.Change = difference(value, start)
	if math.IsInf(m.Change, 0) {
		return nil
	}
	m.Towards = towards(direction, m.Change)
	return m
}

// mostPlaces is the most decimal places that a float64 keeps apart near 1.
const mostPlaces = 15

// difference subtracts as people do who wrote both values down in decimals: 65.8 less 61 is 4.8, not 4.799999999999997.
// It has as many decimal places as the longer of the two; beyond mostPlaces it is the plain difference.
func difference(later, earlier float64) float64 {
	raw := later - earlier
	places := max(decimalPlaces(later), decimalPlaces(earlier))
	if places > mostPlaces || math.IsInf(raw, 0) {
		return raw
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(raw, 'f', places, 64), 64)
	if err != nil {
		return raw
	}
	return rounded + 0 // No change is 0, not minus 0.
}

// decimalPlaces counts the digits behind the point of the shortest decimal that reads back as v.
func decimalPlaces(v float64) int {
	var buffer [32]byte
	text := strconv.AppendFloat(buffer[:0], v, 'f', -1, 64)
	if point := bytes.IndexByte(text, '.'); point >= 0 {
		return len(text) - point - 1
	}
	return 0
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
