package needle

import (
	"cmp"
	"slices"
	"time"
)

// Rung is how far a pain point has come on the ladder from being captured to being relieved.
type Rung string

// The rungs, in order.
const (
	RungCaptured  Rung = "CAPTURED"
	RungEvidenced Rung = "EVIDENCED"
	RungAdopted   Rung = "ADOPTED"
	RungMeasured  Rung = "MEASURED"
	RungWorkedOn  Rung = "WORKED_ON"
	RungDelivered Rung = "DELIVERED"
	RungRelieved  Rung = "RELIEVED"
)

// Rungs returns the rungs from the lowest to the highest.
func Rungs() []Rung {
	return []Rung{RungCaptured, RungEvidenced, RungAdopted, RungMeasured, RungWorkedOn, RungDelivered, RungRelieved}
}

// PainStanding is where one pain point stood on the ladder at an instant, and what it weighed.
type PainStanding struct {
	// PainPointID is the pain point, one that remained after the merges standing then.
	PainPointID PainPointID
	// Rung is the highest it reached.
	Rung Rung
	// WithoutEvidence is true from ADOPTED to DELIVERED when fresh evidence was too scarce to make it EVIDENCED.
	WithoutEvidence bool
	// Severity is what it was held to be then.
	Severity int
	// Reporters is how many distinct people or customers had reported it, duplicates included.
	Reporters int
	// SegmentWeight is the mean weight of their segments then; 1 without reporters.
	SegmentWeight float64
	// Weight is Severity × log2(1 + Reporters) × SegmentWeight.
	Weight float64
	// FreshEvidence is how many pieces spoke for that time.
	FreshEvidence int
	// NewestEvidenceAt is when the newest piece was observed; nil without any.
	NewestEvidenceAt *time.Time
}

// RungShare is what of the pain stood on one rung.
type RungShare struct {
	// Rung is the rung.
	Rung Rung
	// Pains is how many pain points stood on it.
	Pains int
	// WithoutEvidence is how many of them had too little fresh evidence.
	WithoutEvidence int
	// Weight is what they weighed together.
	Weight float64
	// Share is their part of the whole weight, from 0 to 1; nil when nothing weighed anything.
	Share *float64
	// CumulativeShare is the part that stood on this rung or a higher one.
	CumulativeShare *float64
}

// TracedObjectives says how many active objectives answer a fresh pain.
type TracedObjectives struct {
	// Active is how many were AGREED in an ACTIVE cycle.
	Active int
	// Tracing is how many of them address a counted pain with fresh evidence.
	Tracing int
	// Share is the one by the other; nil when none was active.
	Share *float64
}

// TracedEffort says how much of the open work serves an objective that answers a fresh pain.
type TracedEffort struct {
	// Items is how many items were neither DONE nor DROPPED and had an estimate.
	Items int
	// TracingItems is how many of them serve such an objective, themselves or through an item above them.
	TracingItems int
	// Total is the estimate of all of them, in the teams' unit.
	Total float64
	// Tracing is the estimate of those that trace.
	Tracing float64
	// Share is the one by the other; nil when nothing was estimated.
	Share *float64
	// ItemsWithoutEstimate is how many open items say nothing about their effort and are not counted.
	ItemsWithoutEstimate int
}

// CustomerCentricity is how far what is done answers what customers have, and how far it answers to it, at an instant.
type CustomerCentricity struct {
	// AsOf is the instant; nothing recorded later is in the answer.
	AsOf time.Time
	// FreshDays is how long evidence spoke for the present, in days.
	FreshDays int
	// EvidenceNeeded is how many fresh pieces make a pain point EVIDENCED.
	EvidenceNeeded int
	// RelievedSince is from when on relieved pain points are counted; nil when none are.
	RelievedSince *time.Time
	// Pains is how many pain points are counted.
	Pains int
	// Weight is what they weigh together.
	Weight float64
	// FreshEvidence is how many pieces of fresh evidence they have together.
	FreshEvidence int
	// NewestEvidenceAt is when the newest of all their evidence was observed; nil without any.
	NewestEvidenceAt *time.Time
	// Rungs are all rungs, from the lowest to the highest.
	Rungs []*RungShare
	// Objectives is the second direction: from objectives back to pain.
	Objectives *TracedObjectives
	// Effort is the same for open work.
	Effort *TracedEffort
	// Complete is true when both directions hold without exception; nil when there is no pain or no active objective.
	Complete *bool
	// UncoveredPains are the live ones that no active objective addresses, heaviest first.
	UncoveredPains []*PainStanding
	// TracelessIDs are the active objectives that trace to no fresh pain, by key.
	TracelessIDs []ObjectiveID
	// Note says what the numbers rest on and what they leave out; never empty.
	Note string
}

// UncoveredCount is how many live pain points no active objective addresses.
func (c *CustomerCentricity) UncoveredCount() int { return len(c.UncoveredPains) }

// CentricityPoint is customer centricity within one cycle, at its end or as far as it has come.
type CentricityPoint struct {
	// CycleID is the cycle.
	CycleID CycleID
	// Centricity is the answer for the cycle's objectives at that instant.
	Centricity *CustomerCentricity
}

// CentricityScope narrows customer centricity to some objectives; the zero scope takes all.
type CentricityScope struct {
	// TeamID keeps the objectives and items of a team, and the pain points that its objectives address.
	TeamID *TeamID
	// CycleID keeps the objectives of a cycle.
	CycleID *CycleID
}

// PainPointVersion is what a pain point's row said from one instant on; the history is append-only.
type PainPointVersion struct {
	PainPointID PainPointID
	// Number is the counter in the key, which never changes.
	Number int
	// Version tells changes apart that were recorded at the same instant; the higher one is the later.
	Version      int
	Severity     int
	Status       PainPointStatus
	MergedIntoID *PainPointID
	RecordedAt   time.Time
}

// EvidenceTimes is when a piece of evidence was observed and when Needle learnt it.
type EvidenceTimes struct {
	PainPointID PainPointID
	ObservedAt  time.Time
	RecordedAt  time.Time
}

// ReportTimes is who reported a pain point, when, and when Needle learnt it.
type ReportTimes struct {
	ID          PainReportID
	PainPointID PainPointID
	Reporter    string
	Segment     string
	ReportedAt  time.Time
	RecordedAt  time.Time
}

// SegmentVersion is what a segment weighed from one instant on.
type SegmentVersion struct {
	SegmentID  SegmentID
	Version    int
	Name       string
	Weight     float64
	RecordedAt time.Time
}

// ObjectiveVersion is the state an objective was in from one instant on.
type ObjectiveVersion struct {
	ObjectiveID ObjectiveID
	// Number, TeamID and CycleID have no history: they are as they are now.
	Number     int
	TeamID     TeamID
	CycleID    CycleID
	Version    int
	State      ObjectiveState
	RecordedAt time.Time
}

// CycleVersion is the state a cycle was in from one instant on.
type CycleVersion struct {
	CycleID    CycleID
	Version    int
	State      CycleState
	RecordedAt time.Time
}

// AddressedPain says that an objective addressed a pain point from one instant to another.
type AddressedPain struct {
	ObjectiveID ObjectiveID
	PainPointID PainPointID
	From        time.Time
	// To is when the link ended; nil while it holds.
	To *time.Time
}

// WorkItem is what of a backlog item customer centricity needs; all of it but the children's age is as it is now.
type WorkItem struct {
	ID       BacklogItemID
	TeamID   TeamID
	ParentID *BacklogItemID
	// Effort is the estimate; nil when not estimated.
	Effort *float64
	// CreatedAt is when Needle learnt of it.
	CreatedAt time.Time
	// FirstChildAt is when Needle learnt of the first item below it; nil when there is none.
	FirstChildAt *time.Time
}

// CentricityFacts is everything that customer centricity is computed from. Slices may be in any order and may hold facts
// from after the instant asked for, which change nothing; so they are read once for many instants.
type CentricityFacts struct {
	// Policy is what the workspace says now about when evidence counts.
	Policy      Policy
	Pains       []*PainPointVersion
	Evidence    []*EvidenceTimes
	Reports     []*ReportTimes
	Segments    []*SegmentVersion
	Cycles      []*Cycle
	CycleStates []*CycleVersion
	// Objectives are all versions of the objectives, the addressed pain points and the key results of which follow.
	Objectives []*ObjectiveVersion
	Addressed  []*AddressedPain
	KeyResults []*KeyResult
	Goals      []*GoalVersion
	// Links are all versions of every contribution to KeyResults.
	Links []*ContributionVersion
	// Items are the items of Links, everything below these, and every item that was open at one of the instants.
	Items []*WorkItem
	// Transitions are all transitions of Items.
	Transitions []*ItemTransition
}

// Limits of the trend over cycles.
const (
	DefaultTrendCycles = 6
	MaxTrendCycles     = 24
)

// MaxUncovered is how many uncovered pain points are listed at most.
const MaxUncovered = MaxPage

// ValidateAsOf returns an Error for instants outside the calendar and after now, of which nothing is known; nil passes.
func ValidateAsOf(field string, asOf *time.Time, now time.Time) error {
	var c check
	c.past(field, asOf, now, "nobody knows the future")
	return c.err()
}

// ValidateTrend returns an Error for a number of cycles that is not 1 to MaxTrendCycles.
func ValidateTrend(cycles int) error {
	var c check
	c.between("cycles", cycles, 1, MaxTrendCycles)
	return c.err()
}

// ValidateUncovered returns an Error for a list's length that is not 1 to MaxUncovered.
func ValidateUncovered(first int) error {
	var c check
	c.between("first", first, 1, MaxUncovered)
	return c.err()
}

// BegunCycles returns the last n cycles that had begun at asOf by their dates, in order of their start; cycles that Needle
// learnt of later are not among them.
func BegunCycles(cycles []*Cycle, n int, asOf time.Time) []*Cycle {
	begun := slices.DeleteFunc(slices.Clone(cycles), func(c *Cycle) bool {
		return c.Start().After(asOf) || c.CreatedAt.After(asOf)
	})
	slices.SortFunc(begun, func(a, b *Cycle) int {
		return cmp.Or(a.Start().Compare(b.Start()), a.End().Compare(b.End()), cmp.Compare(a.Name, b.Name))
	})
	return begun[max(0, len(begun)-n):]
}
