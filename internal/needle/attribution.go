package needle

import "time"

// Grade is how much can be said of one piece of work and one key result. Only TESTED speaks of a cause.
type Grade string

// The grades, by how much they say.
const (
	// GradeNotDelivered: the work is not done.
	GradeNotDelivered Grade = "NOT_DELIVERED"
	// GradeTooEarly: the effect window has not ended.
	GradeTooEarly Grade = "TOO_EARLY"
	// GradeInsufficientData: something is missing, and Missing names it.
	GradeInsufficientData Grade = "INSUFFICIENT_DATA"
	// GradeNoMovementSeen: what the value did in the window lies within routine variation.
	GradeNoMovementSeen Grade = "NO_MOVEMENT_SEEN"
	// GradeSharedMovement: the value moved as wanted, and more than this work could have moved it.
	GradeSharedMovement Grade = "SHARED_MOVEMENT"
	// GradeSoleCandidate: the value moved as wanted, and no other linked work or recorded event could have moved it.
	GradeSoleCandidate Grade = "SOLE_CANDIDATE"
	// GradeMovedAgainst: the value moved the wrong way.
	GradeMovedAgainst Grade = "MOVED_AGAINST"
	// GradeTested: an experiment is attached.
	GradeTested Grade = "TESTED"
)

// Grades lists the grades in their order.
func Grades() []Grade {
	return []Grade{
		GradeNotDelivered, GradeTooEarly, GradeInsufficientData, GradeNoMovementSeen, GradeSharedMovement,
		GradeSoleCandidate, GradeMovedAgainst, GradeTested,
	}
}

// Missing is what keeps a grade from saying more.
type Missing string

// What can be missing.
const (
	// MissingTracker: what the tracker says of linked work was last read too long ago.
	MissingTracker Missing = "FRESH_TRACKER_DATA"
	// MissingBaseline: there are too few days with a value before the first delivery to know routine variation by.
	MissingBaseline Missing = "BASELINE_CHECK_INS"
	// MissingVariation: the values before the first delivery never varied, so nothing tells what is routine.
	MissingVariation Missing = "VARIATION_BEFORE"
	// MissingOpening: no value is known from about when the window opened.
	MissingOpening Missing = "CHECK_IN_AT_OPENING"
	// MissingEnd: no value is known from inside the window, about when it ended.
	MissingEnd Missing = "CHECK_IN_AT_END"
	// MissingQuiet: the value had left its routine variation before the window opened.
	MissingQuiet Missing = "ROUTINE_AT_OPENING"
	// MissingNumber: the values lie too far apart to subtract.
	MissingNumber Missing = "SUBTRACTABLE_VALUES"
)

// Doubt is why a movement has more than one candidate.
type Doubt string

// The doubts.
const (
	// DoubtOtherWork: other linked work could have moved the value in the same span.
	DoubtOtherWork Doubt = "OTHER_WORK"
	// DoubtUnlinkedWork: work could have that was linked when it was delivered and is no longer.
	DoubtUnlinkedWork Doubt = "UNLINKED_WORK"
	// DoubtOutsideEvent: an event that is no work of the team could have.
	DoubtOutsideEvent Doubt = "OUTSIDE_EVENT"
	// DoubtYoungerLink: the link was made when the movement could be seen already, so any work might have been named.
	DoubtYoungerLink Doubt = "YOUNGER_LINK"
)

// WindowMovement is how far a value went over an effect window, from what held at its opening to what held at its end.
type WindowMovement struct {
	// Then and Now are the two values.
	Then, Now Measurement
	// Change is the later value less the earlier one, in the key result's unit.
	Change float64
	// Towards is Change signed by the key result's direction: positive is good.
	Towards float64
	// BeyondDrift is Change less what the drift comes to between the two values; nil while the drift is unknown.
	BeyondDrift *float64
	// CheckIns is the number of values measured inside the window.
	CheckIns int
}

// SignalState is what limits say of a movement.
type SignalState string

// The states of a signal.
const (
	// SignalNotAssessed: nothing tells what is routine.
	SignalNotAssessed SignalState = "NOT_ASSESSED"
	// SignalRoutine: values vary as much without any reason.
	SignalRoutine SignalState = "ROUTINE_VARIATION"
	// SignalSeen: the value left its routine variation.
	SignalSeen SignalState = "SIGNAL"
)

// SignalRule is a rule by which points of a chart stand out.
type SignalRule string

// The rules.
const (
	// RuleBeyondLimits: a point lies outside the natural process limits.
	RuleBeyondLimits SignalRule = "BEYOND_LIMITS"
	// RuleThreeOfFour: three of four points in a row lie on one side, nearer to the limit than to the centre.
	RuleThreeOfFour SignalRule = "THREE_OF_FOUR_NEAR_LIMIT"
	// RuleRunOfEight: eight points in a row lie on one side of the centre.
	RuleRunOfEight SignalRule = "RUN_OF_EIGHT"
)

// SignalRules lists the rules.
func SignalRules() []SignalRule {
	return []SignalRule{RuleBeyondLimits, RuleThreeOfFour, RuleRunOfEight}
}

// Limits are what a value may do without any reason, from the days before the first delivery.
type Limits struct {
	// At is the instant of the first day that they rest on.
	At time.Time
	// Centre is the middle of the limits at that instant.
	Centre float64
	// PerDay is how far the middle moves each day; 0 unless the value was trending.
	PerDay float64
	// MeanMovingRange is the mean absolute change from day to day with a value, about the line where it was trending.
	MeanMovingRange float64
	// Reach is how far the natural process limits lie from the middle: 2.66 mean moving ranges.
	Reach float64
	// Points is the number of days with a value that they rest on.
	Points int
}

// CentreAt returns the middle of the limits at an instant.
func (l *Limits) CentreAt(t time.Time) float64 {
	return l.Centre + l.PerDay*float64(t.Sub(l.At))/float64(day)
}

// ChartPoint is one day's value of a chart and the rules by which it stands out.
type ChartPoint struct {
	Measurement
	// Baseline is true where the limits rest on it; such points break no rule.
	Baseline bool
	// Rules are the rules that it completes; none for routine variation.
	Rules []SignalRule
}

// Chart is a key result's values against the limits of the days before the first delivery.
type Chart struct {
	// Limits are the natural process limits; nil when there are too few days to know them by.
	Limits *Limits
	// Drift is the line that the value followed before; nil when there are too few days.
	Drift *Trend
	// Points are the values, the last one of each day, in order of time.
	Points []*ChartPoint
	// RulesUsed are the rules that were asked for: each finds more, and raises more false alarms.
	RulesUsed []SignalRule
	// FalseAlarmsPerHundred is how many of a hundred points of pure routine variation complete one of the rules, at
	// most, if the limits were known and not estimated.
	FalseAlarmsPerHundred float64
}

// Signal is what the limits say of a movement over one effect window.
type Signal struct {
	// State is what they say.
	State SignalState
	// Rules is the number of rules used.
	Rules int
	// Factor is how many mean moving ranges the limits lie from the middle: 2.66, and more where points are few or daily.
	Factor float64
	// Low and High are the limits at the end of the window.
	Low, High float64
	// Points is the number of days with a value that the limits rest on.
	Points int
	// FalseAlarmShare is how often, at most, routine variation alone shows a signal in a quarter, where values scatter
	// independently and normally about a level or a straight line.
	FalseAlarmShare float64
}

// Bounds is what of a movement may be one piece of work's.
type Bounds struct {
	// Low and High bound it, in the key result's unit, if values were exact.
	Low, High float64
	// Margin is how far both may be off by routine variation, 95 times in 100; nil when that is unknown.
	Margin *float64
}

// Attribution is what can be said of one piece of work and the key result it is linked to, at an instant.
type Attribution struct {
	// AsOf is the instant; nothing recorded later is in the answer.
	AsOf time.Time
	// Contribution is the link.
	Contribution *Contribution
	// Item is the work as it is now.
	Item *BacklogItem
	// KeyResult is the key result as it is now.
	KeyResult *KeyResult
	// Grade is how much can be said; nil for guards, which are held or breached and do not move.
	Grade *Grade
	// Bet is what was expected, and when it was locked.
	Bet *LockedBet
	// DeliveredAt is when the work was last delivered; nil when it is not.
	DeliveredAt *time.Time
	// OpensAt and EndsAt are the effect window's ends; nil before the delivery.
	OpensAt, EndsAt *time.Time
	// Movement is what the value did over the window; nil before it ended, and when a value is missing.
	Movement *WindowMovement
	// Drift is the line that the value followed before the first delivery; nil when unknown.
	Drift *Trend
	// Signal is what the limits say of the movement; nil before the window ended.
	Signal *Signal
	// Candidates is how many pieces of linked work, this one included, could have moved the value in the same span; 0
	// before the window ended. An item and those below it count as one.
	Candidates int
	// Unlinked is how many of them were linked when they were delivered and are no longer.
	Unlinked int
	// Events are the recorded outside events that could have.
	Events []*OutsideEvent
	// Doubts say why it is not the only candidate.
	Doubts []Doubt
	// Missing says what would have to be known to say more.
	Missing []Missing
	// BaselinePoints is the number of days with a value before the first delivery.
	BaselinePoints int
	// LatestAt is when the latest value known was measured; nil when there is none.
	LatestAt *time.Time
	// TrackerReadAt is when the oldest tracker data in the answer was read; nil when all linked work is native.
	TrackerReadAt *time.Time
	// Bounds is what of the movement may be this work's; nil without a movement.
	Bounds *Bounds
	// Verdict is how the bet came out; nil before the window ended.
	Verdict *BetVerdict
	// Experiment is the one attached, the latest of several; nil when there is none.
	Experiment *Experiment
}

// EffectWindow returns when the work may show; nil before its delivery.
func (a *Attribution) EffectWindow() *EffectWindow {
	if a.OpensAt == nil {
		return nil
	}
	return &EffectWindow{From: *a.OpensAt, To: *a.EndsAt}
}

// Share is what of a movement one contribution may have, and what the plan split gives it.
type Share struct {
	// Contribution is the link.
	Contribution *Contribution
	// Bounds is what may be its own.
	Bounds Bounds
	// Planned is what the plan split allocates to it. It is a rule for sharing out, and no finding.
	Planned float64
}

// Breakdown is a movement with its parts. The planned parts and Unexplained add up to Change exactly, in decimals.
type Breakdown struct {
	// From and To are the window's ends.
	From, To time.Time
	// Change is the later value less the earlier one, in the key result's unit, to 15 digits.
	Change float64
	// BeyondDrift is Change less what the drift comes to; nil while the drift is unknown.
	BeyondDrift *float64
	// Drift is the line that the value followed before the first delivery; nil when unknown.
	Drift *Trend
	// Shares are those of the links whose effect windows lie in the window, in whole or in part, by id.
	Shares []*Share
	// Unexplained is what the plan split allocates to nothing.
	Unexplained float64
}

// CycleTimeSpan is how far back deliveries tell how long work takes.
const CycleTimeSpan = 90 * day

// AttributionFacts is what attribution is computed from: the facts of a review and what reviews do not need. What is told
// of links rests on the facts of their key results alone; so for these neither Team, Cycle and Since are needed, nor links to
// other key results. Forecasts of deliveries rest on the team's items that were delivered within CycleTimeSpan of AsOf.
type AttributionFacts struct {
	ReviewFacts
	// OutsideEvents are all recorded for KeyResults.
	OutsideEvents []*OutsideEvent
	// Experiments are all attached to Links, and those taken back.
	Experiments []*Experiment
	// TrackerReadAt tells of mirrored items when their tracker was last read in full by AsOf, and never a later time; native
	// items are not in it. One whose tracker was never read by then has the zero time.
	TrackerReadAt map[BacklogItemID]time.Time
	// Policy holds the thresholds.
	Policy AttributionPolicy
}

// Of returns the facts for one of the teams they were read for.
func (f AttributionFacts) Of(team *Team) AttributionFacts {
	f.ReviewFacts = f.ReviewFacts.Of(team)
	return f
}
