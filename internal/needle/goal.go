package needle

import (
	"cmp"
	"time"
)

// Goal is the measured half of a key result: where it starts and where it should be. Every change of it is kept.
type Goal struct {
	// Baseline is the value before the work; nil while unknown.
	Baseline *float64
	// Target is the value to reach, absolute; nil for MAINTAIN and while unknown.
	Target *float64
	// Stretch is the value beyond the target that would delight; nil when there is none.
	Stretch *float64
	// BandLow is the lowest value of a guarded band; nil when it has no floor.
	BandLow *float64
	// BandHigh is the highest value of a guarded band; nil when it has no ceiling.
	BandHigh *float64
}

// GoalVersion is a goal as it was set at one time; the history is append-only.
type GoalVersion struct {
	// KeyResultID is whose goal it is.
	KeyResultID KeyResultID
	Goal
	// Reason says why it was set so.
	Reason string
	// AuthorID set it.
	AuthorID UserID
	// ValidFrom is when it began to hold.
	ValidFrom time.Time
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
	// Version tells changes apart that hold from the same instant and were recorded at the same instant; the higher one
	// is the later.
	Version int `bun:",scanonly"`
}

// TargetReached reports whether the present value is at the target or beyond it; nil for guards and while a number is
// missing.
func (k *KeyResult) TargetReached() *bool { return k.reached(k.Target) }

// StretchReached reports whether the present value is at the stretch or beyond it; nil for guards, without a stretch and
// while a number is missing.
func (k *KeyResult) StretchReached() *bool { return k.reached(k.Stretch) }

func (k *KeyResult) reached(line *float64) *bool {
	if k.CurrentValue == nil || line == nil {
		return nil
	}
	if k.Direction == DirectionMaintain {
		return nil
	}
	there := k.Direction.towards(*line, *k.CurrentValue) >= 0
	return &there
}

// GoalInput is the measured half of a key result as a caller writes it: the target as a value, or as a change of the
// baseline.
type GoalInput struct {
	Baseline *float64
	Target   *float64
	// RelativeChange is the change that is wanted as a share of the baseline, as in -0.5 for "reduce by 50 %".
	RelativeChange *float64
	Stretch        *float64
	BandLow        *float64
	BandHigh       *float64
}

// Goal returns the input in absolute numbers. A target that is given stands; whether it agrees with the relative change
// is for KeyResult.Validate to say.
func (in GoalInput) Goal() Goal {
	g := Goal{Baseline: in.Baseline, Target: in.Target, Stretch: in.Stretch, BandLow: in.BandLow, BandHigh: in.BandHigh}
	if g.Target == nil && in.RelativeChange != nil && in.Baseline != nil {
		target := Changed(*in.Baseline, *in.RelativeChange)
		g.Target = &target
	}
	return g
}

// ChangeGoalInput replaces a key result's numbers; the earlier ones stay in its history.
type ChangeGoalInput struct {
	ID               KeyResultID
	Goal             GoalInput
	Reason           string
	ValidFrom        *time.Time
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; numbers cannot begin to hold after now.
func (in ChangeGoalInput) Validate(now time.Time) error {
	c := check{prefix: "input"}
	c.text("reason", in.Reason, MaxText)
	c.past("validFrom", in.ValidFrom, now, "numbers cannot begin to hold in the future")
	return c.err()
}

func (c *check) goal(k *KeyResult) {
	c.finite("goal.baseline", k.Baseline)
	if !c.relative(k) {
		return
	}
	c.finite(targetField(k), k.Target)
	c.finite("goal.stretch", k.Stretch)
	c.finite("goal.bandLow", k.BandLow)
	c.finite("goal.bandHigh", k.BandHigh)
	if k.Direction == DirectionMaintain {
		c.band(k)
		return
	}
	if k.BandLow != nil || k.BandHigh != nil {
		c.add("goal.bandLow", CodeInvalid, "only a key result to maintain has a band")
	}
	if k.Baseline != nil && k.Target != nil && k.Direction.towards(*k.Baseline, *k.Target) <= 0 {
		c.add(targetField(k), CodeInvalid, "the target does not lie in the direction from the baseline")
	}
	if k.Target != nil && k.Stretch != nil && k.Direction.towards(*k.Target, *k.Stretch) < 0 {
		c.add("goal.stretch", CodeInvalid, "the stretch does not lie beyond the target")
	}
}

// towards tells whether the way from one value to another is good, above 0, or bad, below.
func (d Direction) towards(from, to float64) int {
	if d == DirectionDecrease {
		return cmp.Compare(from, to)
	}
	return cmp.Compare(to, from)
}

// targetField is where a caller wrote the target.
func targetField(k *KeyResult) string {
	if k.RelativeChange != nil {
		return "goal.relativeChange"
	}
	return "goal.target"
}

// relative demands that a relative change means something and comes to the target; what else is wrong with a target is
// told only then.
func (c *check) relative(k *KeyResult) bool {
	const field = "goal.relativeChange"
	change := k.RelativeChange
	switch {
	case change == nil:
		return true
	case !finite(*change):
		c.finite(field, change)
	case k.Direction == DirectionMaintain:
		return true // The band says what is wrong with a target.
	case k.Baseline == nil || *k.Baseline == 0:
		c.add(field, CodeInvalid, "a change of a share needs a baseline, other than 0")
	case k.Target == nil || *k.Target != Changed(*k.Baseline, *change):
		c.add(field, CodeInvalid, "this and the target disagree; give one of the two")
	default:
		return true
	}
	return false
}

func (c *check) band(k *KeyResult) {
	g := k.Goal
	if g.BandLow == nil && g.BandHigh == nil {
		c.add("goal.bandLow", CodeRequired, "a key result to maintain needs a floor or a ceiling")
	}
	if g.BandLow != nil && g.BandHigh != nil && *g.BandLow > *g.BandHigh {
		c.add("goal.bandHigh", CodeInvalid, "the ceiling is not below the floor")
	}
	if g.Target != nil || g.Stretch != nil || k.RelativeChange != nil {
		c.add(targetField(k), CodeInvalid, "a key result to maintain has a band instead of a target")
	}
}
