package needle

import "time"

// Verdict is how a bet came out against its locked range.
type Verdict string

// The verdicts.
const (
	// VerdictInside: what may be this work's lies in the range.
	VerdictInside Verdict = "INSIDE"
	// VerdictBelow: it is less than the least that was expected.
	VerdictBelow Verdict = "BELOW"
	// VerdictAbove: it is more than the most.
	VerdictAbove Verdict = "ABOVE"
	// VerdictOpposite: it goes the other way than all that was expected.
	VerdictOpposite Verdict = "OPPOSITE"
	// VerdictUntestable: nothing can be said, and Why says why not.
	VerdictUntestable Verdict = "UNTESTABLE"
)

// Verdicts lists the verdicts.
func Verdicts() []Verdict {
	return []Verdict{VerdictInside, VerdictBelow, VerdictAbove, VerdictOpposite, VerdictUntestable}
}

// Untestable is why a bet cannot be judged.
type Untestable string

// The reasons.
const (
	// UntestableGuard: a guard does not move.
	UntestableGuard Untestable = "GUARD"
	// UntestableNoRange: no range was expected.
	UntestableNoRange Untestable = "NO_EXPECTED_RANGE"
	// UntestableNotLocked: the bet was written after work had started.
	UntestableNotLocked Untestable = "BET_AFTER_START"
	// UntestableUnread: tracker data is stale and from before the window's end, so what else was delivered is not known.
	UntestableUnread Untestable = "TRACKER_NOT_READ"
	// UntestableNoMovement: a value is missing at an end of the window.
	UntestableNoMovement Untestable = "NO_MOVEMENT_KNOWN"
	// UntestableShared: several could have moved it, and the range can neither be kept nor missed by what is this work's.
	UntestableShared Untestable = "SHARED"
	// UntestableWide: the experiment's interval reaches beyond the range.
	UntestableWide Untestable = "WIDE_INTERVAL"
)

// BetVerdict is a verdict with what it rests on.
type BetVerdict struct {
	// Verdict is how the bet came out.
	Verdict Verdict
	// Why is why it cannot be judged; nil unless UNTESTABLE.
	Why *Untestable
	// DueAt is when the window ended and the verdict fell due.
	DueAt time.Time
	// ExpectedLow and ExpectedHigh are the locked range; nil when there is none.
	ExpectedLow, ExpectedHigh *float64
	// Realised is what may be this work's: what the experiment found, where there is one; nil without a movement.
	Realised *Bounds
	// BeyondRoutine is true when the verdict would stand if the movement were off by as much as routine variation goes;
	// nil when that is unknown, where an experiment says so, and for UNTESTABLE.
	BeyondRoutine *bool
}

// Calibration is how a team's bets came out. It is never told of a person.
type Calibration struct {
	// Team is whose bets they are.
	Team *Team
	// Since and AsOf are the window: cycles that began before Since do not count, and nothing recorded after AsOf is in
	// the answer.
	Since, AsOf time.Time
	// Cycles are the cycles whose key results count, by their start.
	Cycles []*Cycle
	// Judged is the number of verdicts other than UNTESTABLE.
	Judged int
	// Untestable is the number of those that could not be judged.
	Untestable int
	// Inside is the number of those INSIDE.
	Inside int
	// InsideShare is Inside by Judged, to be about 0.8; nil when none was judged.
	InsideShare *float64
	// InsideLow and InsideHigh bound the share that the team's bets come true with, 95 times in 100; nil when none was
	// judged.
	InsideLow, InsideHigh *float64
	// RealisedToExpected is the median of what was realised by the middle of what was expected, over bets with one
	// candidate or an experiment; nil when there is none.
	RealisedToExpected *float64
	// Ratios is the number of bets in that median.
	Ratios int
	// Brier is the mean squared distance of the confidence in check-ins from what came true, 0 to 1: 0 is best, and who
	// always says 0.5 has 0.25. It is nil when there is no check-in with a confidence on a key result that is over.
	Brier *float64
	// Forecasts is the number of key results that it rests on: each counts once, however many check-ins it has.
	Forecasts int
	// ByVerdict counts every verdict.
	ByVerdict []*VerdictCount
	// LatestDueAt is when the latest of the verdicts fell due; nil when none did.
	LatestDueAt *time.Time
}

// VerdictCount is how often a verdict was given.
type VerdictCount struct {
	// Verdict is which.
	Verdict Verdict
	// Count is how often.
	Count int
}

// LineUp is whether a team's deliveries coincide with movement more than they would at other times.
type LineUp struct {
	// Team and Cycle are what it is about.
	Team  *Team
	Cycle *Cycle
	// Since and AsOf are the window. Nothing recorded after AsOf is in the answer.
	Since, AsOf time.Time
	// Percentile is how many of a hundred shifted line-ups show less movement in effect windows than the true one, with
	// half of those that show as much; nil for "cannot tell yet". Without any connection every percentile is as likely.
	Percentile *float64
	// Difference is the movement towards the goals for each day in an effect window less that for each day outside, in
	// mean absolute steps of each key result, so that units are never added; nil for "cannot tell yet".
	Difference *float64
	// Shifts is the number of shifts.
	Shifts int
	// Seed is what the shifts were drawn from.
	Seed int
	// KeyResults is the number of key results that count: with days in and days outside of effect windows, and values.
	KeyResults int
	// Deliveries is the number of deliveries for them.
	Deliveries int
	// Steps is the number of changes from value to value.
	Steps int
	DataAge
	// Note says what is missing; empty when there is a percentile.
	Note string
}

// ValidateSeed returns an Error for a seed below 0.
func ValidateSeed(seed int) error {
	var c check
	if seed < 0 {
		c.add("seed", CodeOutOfRange, "a seed is a whole number from 0")
	}
	return c.err()
}
