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

// GapReport is the list of a team's gaps in one cycle, with what it rests on.
type GapReport struct {
	// Team and Cycle are what it is about.
	Team  *Team
	Cycle *Cycle
	// Since and AsOf are the window. Nothing recorded after AsOf is in the answer.
	Since, AsOf time.Time
	// KeyResults is the number of key results that were looked at.
	KeyResults int
	// Deliveries is the number of items that the team delivered in the window.
	Deliveries int
	DataAge
	// AttributionPolicy holds the thresholds that gaps are told by.
	AttributionPolicy
	// Gaps are the lines, by kind, then by key result, then by item.
	Gaps []*Gap
}

// DataAge is how old what an answer rests on is.
type DataAge struct {
	// LatestAt is when the latest value of the key results was measured; nil when there is none.
	LatestAt *time.Time
	// TrackerReadAt is when the oldest tracker data of the work was read in full; nil when all of it is native, and when
	// some was never read.
	TrackerReadAt *time.Time
	// TrackerStale is true when that is too long ago by the policy, and when some was never read.
	TrackerStale bool
}
