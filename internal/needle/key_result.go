package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// KeyResultKind tells a number from a yes-or-no.
type KeyResultKind string

// The kinds of key results. A MILESTONE runs from 0, not there, to 1, there.
const (
	KindMetric    KeyResultKind = "METRIC"
	KindMilestone KeyResultKind = "MILESTONE"
)

// Direction is which way is good.
type Direction string

// The directions. MAINTAIN guards a band and is graded HELD or BREACHED, never moved.
const (
	DirectionIncrease Direction = "INCREASE"
	DirectionDecrease Direction = "DECREASE"
	DirectionMaintain Direction = "MAINTAIN"
)

// Indicator tells early signs from end results.
type Indicator string

// The indicators.
const (
	IndicatorLeading Indicator = "LEADING"
	IndicatorLagging Indicator = "LAGGING"
)

// Health is how a key result does against its pace. It never comes from finished tickets.
type Health string

// The healths. STALE: the check-in is overdue. PENDING: there is none yet, or nothing to compare it with.
const (
	HealthOnTrack  Health = "ON_TRACK"
	HealthAtRisk   Health = "AT_RISK"
	HealthOffTrack Health = "OFF_TRACK"
	HealthStale    Health = "STALE"
	HealthPending  Health = "PENDING"
)

// GuardState is how a MAINTAIN key result does.
type GuardState string

// The states of a guard.
const (
	GuardHeld     GuardState = "HELD"
	GuardBreached GuardState = "BREACHED"
)

// KeyResult is a measured outcome of an objective. People call it by its key, KR-42.
type KeyResult struct {
	Stamp
	ID KeyResultID `bun:"id,pk"`
	// Number is the counter in the key.
	Number int
	// ObjectiveID is what it measures.
	ObjectiveID ObjectiveID
	// TeamID is the objective's team.
	TeamID TeamID
	// CycleID is the objective's cycle.
	CycleID CycleID
	// Title says what is measured.
	Title string
	// Wording is how people put the goal, as in "reduce by 50 %"; empty when the numbers say it all.
	Wording string
	// Kind tells a number from a yes-or-no.
	Kind KeyResultKind
	// Direction is which way is good.
	Direction Direction
	// Indicator tells early signs from end results.
	Indicator Indicator
	// Unit is what the values count, as in "%", "ms" or "tickets/week".
	Unit string
	Goal
	// RelativeChange is the change that Wording asks for as a share of the baseline, as in -0.5 for "reduce by 50 %"; nil
	// when the target was given as such. Target holds what it comes to.
	RelativeChange *float64
	// Weight is its share in the objective's progress, relative to its siblings.
	Weight float64
	// OwnerID is who checks in; nil while nobody does.
	OwnerID *UserID
	// CadenceDays is how often a check-in is due, in days.
	CadenceDays int
	// LagMinDays is the fewest days work usually takes to show in it.
	LagMinDays int
	// LagMaxDays is the most days work usually takes to show in it.
	LagMaxDays int
	// CurrentValue is the latest check-in's value, by MeasuredAt; nil before the first.
	CurrentValue *float64
	// CurrentConfidence is that check-in's confidence; nil when it had none.
	CurrentConfidence *float64
	// CurrentAt is when that value was measured.
	CurrentAt *time.Time
	// Score is how far it got when its objective was closed, 0 to 1; nil before, and when nothing could be measured.
	Score *float64
	// ScoreNote says why a person scored it otherwise than its progress; may be empty.
	ScoreNote string
	// CarriedFromID is the key result of an earlier cycle that it continues; nil when it is new.
	CarriedFromID *KeyResultID
	// CreatedBy wrote it first.
	CreatedBy UserID
}

// IsNode marks KeyResult as a Node.
func (*KeyResult) IsNode() {}

// Key returns what people call it.
func (k *KeyResult) Key() string { return formatKey(KeyResultKey, k.Number) }

// RawProgress returns (value − baseline)/(target − baseline), unclamped; nil for guards and while a number is missing.
func (k *KeyResult) RawProgress() *float64 {
	if k.Direction == DirectionMaintain || k.CurrentValue == nil || k.Baseline == nil || k.Target == nil {
		return nil
	}
	span := *k.Target - *k.Baseline
	if span == 0 {
		return nil
	}
	p := (*k.CurrentValue - *k.Baseline) / span
	return &p
}

// Progress returns RawProgress clamped to 0 to 1.
func (k *KeyResult) Progress() *float64 {
	p := k.RawProgress()
	if p == nil {
		return nil
	}
	clamped := min(1, max(0, *p))
	return &clamped
}

// Guard returns whether a MAINTAIN key result is held; nil for other directions and before the first check-in.
func (k *KeyResult) Guard() *GuardState {
	if k.Direction != DirectionMaintain || k.CurrentValue == nil {
		return nil
	}
	g := GuardHeld
	if k.Outside(*k.CurrentValue) > 0 {
		g = GuardBreached
	}
	return &g
}

// Margins between progress and pace, as shares of the way, that separate the healths.
const (
	atRiskMargin   = 0.10
	offTrackMargin = 0.30
)

// Health grades the key result at now against its pace, the share of the way expected by then.
func (k *KeyResult) Health(pace float64, now time.Time) Health {
	if k.CurrentValue == nil {
		return HealthPending
	}
	if k.Overdue(now) {
		return HealthStale
	}
	if g := k.Guard(); g != nil {
		if *g == GuardBreached {
			return HealthOffTrack
		}
		return HealthOnTrack
	}
	p := k.RawProgress()
	switch {
	case p == nil:
		return HealthPending
	case *p >= pace-atRiskMargin:
		return HealthOnTrack
	case *p >= pace-offTrackMargin:
		return HealthAtRisk
	default:
		return HealthOffTrack
	}
}

// Forecast is where a key result will stand at the end of its cycle if its trend holds.
type Forecast struct {
	// At is the instant the forecast is for.
	At time.Time
	// Value is the expected value.
	Value float64
	// Low and High bound it.
	Low, High float64
	// Points is the number of check-ins it rests on.
	Points int
}

// CreateKeyResultInput adds a key result to an objective. A MILESTONE's numbers default to 0 and 1, to 1 and 0 where it
// shall decrease, and to a floor of 1 where it is to be maintained.
type CreateKeyResultInput struct {
	ObjectiveID      ObjectiveID
	Title            string
	Wording          *string
	Kind             *KeyResultKind
	Direction        *Direction
	Indicator        *Indicator
	Unit             *string
	Goal             GoalInput
	Weight           *float64
	OwnerID          *UserID
	CadenceDays      *int
	LagMinDays       *int
	LagMaxDays       *int
	ClientMutationID *string
}

// UpdateKeyResultInput changes a key result; absent fields stay, null clears the owner. Goals change by changeGoal.
type UpdateKeyResultInput struct {
	ID               KeyResultID
	Title            *string
	Wording          *string
	Indicator        *Indicator
	Unit             *string
	Weight           *float64
	OwnerID          graphql.Omittable[*UserID]
	CadenceDays      *int
	LagMinDays       *int
	LagMaxDays       *int
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; it is asked before a key result is stored in any way.
func (k *KeyResult) Validate() error {
	c := check{prefix: "input"}
	c.text("title", k.Title, MaxTitle)
	c.upTo("wording", k.Wording, MaxTitle)
	c.upTo("unit", k.Unit, MaxUnit)
	c.goal(k)
	if !(k.Weight > 0 && k.Weight <= 100) {
		c.add("weight", CodeOutOfRange, "this must lie above 0 and at most at 100")
	}
	c.between("cadenceDays", k.CadenceDays, 1, 366)
	c.between("lagMinDays", k.LagMinDays, 0, 730)
	c.between("lagMaxDays", k.LagMaxDays, 0, 730)
	if k.LagMinDays > k.LagMaxDays {
		c.add("lagMaxDays", CodeInvalid, "the longest lag is not below the shortest")
	}
	return c.err()
}

// KeyResultFilter narrows a list of key results; all given parts must hold.
type KeyResultFilter struct {
	And       []*KeyResultFilter
	Or        []*KeyResultFilter
	Not       *KeyResultFilter
	ID        *Comparator[KeyResultID]
	TeamID    *Comparator[TeamID]
	CycleID   *Comparator[CycleID]
	OwnerID   *Comparator[UserID]
	Title     *StringComparator
	Kind      *Comparator[KeyResultKind]
	Direction *Comparator[Direction]
	CurrentAt *DateComparator
	// Contributions keeps key results that some or no such work serves.
	Contributions *ContributionCollectionFilter
}

// KeyResultOrderField is what key results can be ordered by.
type KeyResultOrderField string

// The order fields of key results.
const (
	KeyResultByNumber    KeyResultOrderField = "NUMBER"
	KeyResultByTitle     KeyResultOrderField = "TITLE"
	KeyResultByCreatedAt KeyResultOrderField = "CREATED_AT"
	KeyResultByUpdatedAt KeyResultOrderField = "UPDATED_AT"
)
