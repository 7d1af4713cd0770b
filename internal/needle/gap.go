package needle

import "time"

// GapKind is what sort of gap lies between work and results.
type GapKind string

// The kinds of gaps.
const (
	// GapOrphanWork: more delivered effort serves no key result than keeps things running.
	GapOrphanWork GapKind = "ORPHAN_WORK"
	// GapStarved: a key result has no open and no recent work.
	GapStarved GapKind = "STARVED_KEY_RESULT"
	// GapLateWork: open work would show only after the cycle's end.
	GapLateWork GapKind = "LATE_WORK"
	// GapRetroFit: work was linked after its delivery, or the key result was written after work on it began.
	GapRetroFit GapKind = "RETRO_FIT"
	// GapSpray: one item is linked to more key results than it is likely to move.
	GapSpray GapKind = "SPRAY_LINKS"
	// GapOutput: a key result counts work instead of what changes by it.
	GapOutput GapKind = "OUTPUT_KEY_RESULT"
	// GapDeadBet: the work on a key result had its time, and nothing is to be seen.
	GapDeadBet GapKind = "DEAD_BET"
)

// GapKinds lists the kinds.
func GapKinds() []GapKind {
	return []GapKind{GapOrphanWork, GapStarved, GapLateWork, GapRetroFit, GapSpray, GapOutput, GapDeadBet}
}

// Gap is one line of a list of gaps, with its evidence.
type Gap struct {
	// Kind is what sort of gap it is.
	Kind GapKind
	// KeyResult is the key result concerned; nil when it is about work alone.
	KeyResult *KeyResult
	// Items is the work concerned, by key.
	Items []*BacklogItem
	// Evidence says in one sentence what it rests on, with its numbers.
	Evidence string
}

// DeliveryForecast is when open work is likely to be delivered.
type DeliveryForecast struct {
	// At is when at the median cycle time; not before the instant it was asked at.
	At time.Time
	// MedianDays is the median cycle time, in days; nil when too few deliveries are known. At is then that instant: the
	// work cannot be delivered earlier.
	MedianDays *float64
	// Points is the number of deliveries that the median rests on.
	Points int
}
