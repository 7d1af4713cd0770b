package impact

import "github.com/needle-okr/needle/internal/needle"

// judgeBet holds what may be one contribution's against the range that was expected of it when work started, both signed
// so that towards the goal is positive:
//
//   - BELOW where all that may be its own lies below the range, and OPPOSITE where that lies below 0 too while all of the
//     range lies above; for a range below 0 the same upside down.
//   - ABOVE where all of it lies above the range.
//   - INSIDE where all of it lies in the range, its ends included.
//   - UNTESTABLE otherwise, which only shared movement and wide intervals come to; and without a range, a lock or a
//     movement, and when the tracker was not read up to the window's end.
//
// Where an experiment is attached, what it found is what may be the contribution's own: nothing that was only watched says
// as much. It is called once the window has ended.
func judgeBet(r *needle.Attribution, unread bool) *needle.BetVerdict {
	v := &needle.BetVerdict{DueAt: *r.EndsAt, Realised: r.Bounds, Verdict: needle.VerdictUntestable}
	if x := r.Experiment; x != nil {
		v.Realised = &needle.Bounds{Low: x.Low, High: x.High}
	}
	var why needle.Untestable
	bet := r.Bet.Locked
	if bet != nil {
		v.ExpectedLow, v.ExpectedHigh = bet.ExpectedLow, bet.ExpectedHigh
	}
	switch {
	case r.KeyResult.Direction == needle.DirectionMaintain:
		why = needle.UntestableGuard
	case bet == nil:
		why = needle.UntestableNotLocked
	case bet.ExpectedLow == nil || bet.ExpectedHigh == nil:
		why = needle.UntestableNoRange
	case unread && r.Experiment == nil:
		why = needle.UntestableUnread
	case v.Realised == nil || lacksAValue(r.Missing) && r.Experiment == nil:
		why = needle.UntestableNoMovement
	default:
		expected, realised := span{*bet.ExpectedLow, *bet.ExpectedHigh}, span{v.Realised.Low, v.Realised.High}
		if r.KeyResult.Direction == needle.DirectionDecrease {
			expected, realised = expected.turned(), realised.turned()
		}
		v.Verdict = realised.against(expected)
		switch {
		case v.Verdict != needle.VerdictUntestable:
			v.BeyondRoutine = beyondRoutine(realised, expected, v.Verdict, v.Realised.Margin)
			return v
		case r.Experiment != nil:
			why = needle.UntestableWide
		default:
			why = needle.UntestableShared
		}
	}
	v.Why = &why
	return v
}

func lacksAValue(missing []needle.Missing) bool {
	for _, m := range missing {
		switch m {
		case needle.MissingOpening, needle.MissingEnd, needle.MissingNumber:
			return true
		default:
		}
	}
	return false
}

// beyondRoutine tells whether a verdict stands however far the movement is off by routine variation.
func beyondRoutine(realised, expected span, verdict needle.Verdict, margin *float64) *bool {
	if margin == nil {
		return nil
	}
	wide := span{realised.low - *margin, realised.high + *margin}
	stands := wide.against(expected) == verdict
	return &stands
}

// span is two ends on the line of numbers.
type span struct{ low, high float64 }

func (s span) turned() span { return span{0 - s.high, 0 - s.low} }

// against places what was realised against what was expected.
func (s span) against(expected span) needle.Verdict {
	switch {
	case expected.low > 0 && s.high < 0, expected.high < 0 && s.low > 0:
		return needle.VerdictOpposite
	case s.high < expected.low:
		return needle.VerdictBelow
	case s.low > expected.high:
		return needle.VerdictAbove
	case s.low >= expected.low && s.high <= expected.high:
		return needle.VerdictInside
	default:
		return needle.VerdictUntestable
	}
}
