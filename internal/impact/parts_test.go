package impact_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// way is a goal from baseline to target that began to hold, and was recorded, on a day.
func way(baseline, target float64, day int) *needle.GoalVersion {
	return &needle.GoalVersion{Goal: needle.Goal{Baseline: &baseline, Target: &target}, ValidFrom: date(day), RecordedAt: date(day), Version: day}
}

func TestParts(t *testing.T) {
	t.Parallel()
	open := way(20, 0, 3)
	open.Target = nil
	for _, tc := range []struct {
		name     string
		checkIns []*needle.CheckIn
		goals    []*needle.GoalVersion
		want     *needle.ProgressParts
	}{
		{"no goal", []*needle.CheckIn{checkIn(1, 5, 1, 1)}, nil, nil},
		{"no value", nil, []*needle.GoalVersion{way(20, 10, 1)}, nil},
		{"no target today", []*needle.CheckIn{checkIn(1, 15, 2, 2)}, []*needle.GoalVersion{way(20, 10, 1), open}, nil},
		{
			"movement alone",
			[]*needle.CheckIn{checkIn(1, 18, 2, 2), checkIn(2, 15, 4, 4)},
			[]*needle.GoalVersion{way(20, 10, 1)},
			&needle.ProgressParts{Progress: 0.5, ByMovement: 0.5},
		},
		{
			"a target that came closer while the value stood still",
			[]*needle.CheckIn{checkIn(1, 15, 2, 2)},
			[]*needle.GoalVersion{way(20, 10, 1), way(20, 12, 3)},
			&needle.ProgressParts{Progress: 0.625, ByMovement: 0.5, ByGoalChange: 0.125, GoalChanges: 1},
		},
		{
			"movement after a change counts by the numbers of its time",
			[]*needle.CheckIn{checkIn(1, 15, 2, 2), checkIn(2, 12, 5, 5)},
			[]*needle.GoalVersion{way(20, 10, 1), way(20, 12, 3)},
			&needle.ProgressParts{Progress: 1, ByMovement: 0.875, ByGoalChange: 0.125, GoalChanges: 1},
		},
		{
			"numbers that change before anything is measured have moved nothing",
			[]*needle.CheckIn{checkIn(1, 15, 5, 5)},
			[]*needle.GoalVersion{way(20, 10, 1), way(30, 10, 3)},
			&needle.ProgressParts{Progress: 0.75, ByMovement: 0.75, GoalChanges: 1},
		},
		{
			"values from before the numbers are measured by them",
			[]*needle.CheckIn{checkIn(1, 15, 2, 2)},
			[]*needle.GoalVersion{way(20, 10, 4)},
			&needle.ProgressParts{Progress: 0.5, ByMovement: 0.5},
		},
		{
			"a goal without a target is passed over",
			[]*needle.CheckIn{checkIn(1, 15, 2, 2)},
			[]*needle.GoalVersion{way(20, 10, 1), open, way(20, 10, 5)},
			&needle.ProgressParts{Progress: 0.5, ByMovement: 0.5},
		},
		{
			"at one instant the numbers change first",
			[]*needle.CheckIn{checkIn(1, 15, 2, 2), checkIn(2, 10, 3, 3)},
			[]*needle.GoalVersion{way(20, 10, 1), way(20, 0, 3)},
			&needle.ProgressParts{Progress: 0.5, ByMovement: 0.75, ByGoalChange: -0.25, GoalChanges: 1},
		},
		{
			"thirds add up in decimals",
			[]*needle.CheckIn{checkIn(1, 1, 2, 2)},
			[]*needle.GoalVersion{way(0, 3, 1), way(0, 7, 3)},
			&needle.ProgressParts{Progress: 0.142857143, ByMovement: 0.333333333, ByGoalChange: -0.19047619, GoalChanges: 1},
		},
		{"out of all proportion", []*needle.CheckIn{checkIn(1, 1e300, 2, 2)}, []*needle.GoalVersion{way(0, 1e-300, 1)}, nil},
		{"more digits than a number keeps", []*needle.CheckIn{checkIn(1, 1e20, 2, 2)}, []*needle.GoalVersion{way(0, 1, 1)}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "parts", tc.want, impact.Parts(tc.checkIns, tc.goals, date(10)))
		})
	}
}

// drawWays draws goals of key result 1, some without a number.
func drawWays(t *rapid.T) []*needle.GoalVersion {
	goals := make([]*needle.GoalVersion, rapid.IntRange(0, 6).Draw(t, "goals"))
	number := func() *float64 {
		if rapid.IntRange(0, 5).Draw(t, "known") == 0 {
			return nil
		}
		v := drawValue(t)
		return &v
	}
	for i := range goals {
		goals[i] = &needle.GoalVersion{KeyResultID: krID(1), Goal: needle.Goal{Baseline: number(), Target: number()}, Version: i + 1}
		goals[i].ValidFrom, goals[i].RecordedAt = drawTimes(t)
	}
	return goals
}

func decimal(t fataler, v float64) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'f', -1, 64))
	if !ok {
		t.Fatalf("%v is no decimal", v)
	}
	return r
}

func TestParts_addUpToTheProgress(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkIns, goals, asOf := ofKeyResult1(drawCheckIns(t)), drawWays(t), drawHour(t, 0, 110)
		got := impact.Parts(checkIns, goals, asOf)
		want := rawProgress(checkIns, goals, asOf)
		if got == nil || want == nil {
			if (got == nil) != (want == nil) {
				t.Fatalf("the parts are %v of a progress of %v", got, want)
			}
			return
		}
		if math.Abs(got.Progress-*want) > 1e-9*max(1, math.Abs(*want)) {
			t.Fatalf("the parts tell of %v, the progress is %v", got.Progress, *want)
		}
		sum := new(big.Rat).Add(decimal(t, got.ByMovement), decimal(t, got.ByGoalChange))
		if sum.Cmp(decimal(t, got.Progress)) != 0 {
			t.Fatalf("%v and %v do not add up to %v", got.ByMovement, got.ByGoalChange, got.Progress)
		}
		if got.GoalChanges == 0 && got.ByGoalChange != 0 {
			t.Fatalf("nothing changed, and that made %v", got.ByGoalChange)
		}
	})
}

// rawProgress is the progress as the key result itself tells it from its present value and goal.
func rawProgress(checkIns []*needle.CheckIn, goals []*needle.GoalVersion, asOf time.Time) *float64 {
	now, held := impact.NewSeries(checkIns, asOf).At(asOf)
	goal := impact.GoalAsOf(goals, asOf)
	if !held || goal == nil {
		return nil
	}
	k := needle.KeyResult{Direction: needle.DirectionIncrease, Goal: goal.Goal, CurrentValue: &now.Value}
	return k.RawProgress()
}

func TestParts_orderAndWhatIsRecordedLaterChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkIns, goals, asOf := ofKeyResult1(drawCheckIns(t)), drawWays(t), drawHour(t, 0, 110)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
		known := keep(shuffle(random, checkIns), func(c *needle.CheckIn) bool { return !c.RecordedAt.After(asOf) })
		valid := keep(shuffle(random, goals), func(g *needle.GoalVersion) bool { return !g.RecordedAt.After(asOf) })
		equal(t, "parts", impact.Parts(checkIns, goals, asOf), impact.Parts(known, valid, asOf))
		equal(t, "breaches", impact.Breaches(checkIns, goals, asOf), impact.Breaches(known, valid, asOf))
	})
}

func ofKeyResult1(all []*needle.CheckIn) []*needle.CheckIn {
	return keep(all, func(c *needle.CheckIn) bool { return c.KeyResultID == krID(1) })
}
