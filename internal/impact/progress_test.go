package impact_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// at returns a key result from 0 to 100 that stands at value.
func at(number int, weight, value float64) *needle.KeyResult {
	zero, hundred := 0.0, 100.0
	return &needle.KeyResult{
		Number: number, Weight: weight, Direction: needle.DirectionIncrease,
		Goal: needle.Goal{Baseline: &zero, Target: &hundred}, CurrentValue: &value,
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	guard := at(8, 1, 50)
	guard.Direction = needle.DirectionMaintain
	silent := at(9, 1, 0)
	silent.CurrentValue = nil
	for _, tc := range []struct {
		name string
		of   []*needle.KeyResult
		want *impact.ObjectiveProgress
	}{
		{"unknown of none", nil, nil},
		{"unknown of guards and the unmeasured", []*needle.KeyResult{guard, silent}, nil},
		{"one speaks for itself", []*needle.KeyResult{at(1, 3, 25)}, &impact.ObjectiveProgress{Mean: 0.25, Counted: 1}},
		{"weights count", []*needle.KeyResult{at(1, 1, 100), at(2, 3, 0)}, &impact.ObjectiveProgress{Mean: 0.25, Counted: 2}},
		{"what has no progress is left out, not zero", []*needle.KeyResult{at(1, 1, 50), guard, silent}, &impact.ObjectiveProgress{
			Mean: 0.5, Counted: 1, LeftOut: 2,
		}},
		{"beyond the target counts as there, and behind the start as not begun", []*needle.KeyResult{
			at(1, 1, 400), at(2, 1, -400),
		}, &impact.ObjectiveProgress{Mean: 0.5, Counted: 2}},
		{"a weight of nothing is left out", []*needle.KeyResult{at(1, 0, 50)}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "progress", tc.want, impact.Progress(tc.of))
		})
	}
}

func TestProgress_liesWithinItsKeyResultsInWhateverOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var krs []*needle.KeyResult
		for n := range rapid.IntRange(1, 8).Draw(t, "key results") {
			weight := rapid.Float64Range(0.01, 100).Draw(t, "weight")
			krs = append(krs, at(n, weight, rapid.Float64Range(-50, 150).Draw(t, "value")))
		}
		lowest, highest := 1.0, 0.0
		for _, k := range krs {
			lowest, highest = min(lowest, *k.Progress()), max(highest, *k.Progress())
		}
		got := impact.Progress(krs)
		if got.Mean < lowest-1e-12 || got.Mean > highest+1e-12 {
			t.Fatalf("mean %v lies outside %v to %v", got.Mean, lowest, highest)
		}
		again := shuffle(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 4)), krs)
		equal(t, "in another order", got, impact.Progress(again))
	})
}

func TestPace_isLinearOverTheCycle(t *testing.T) {
	t.Parallel()
	cycle := &needle.Cycle{StartsOn: needle.NewDate(date(0)), EndsOn: needle.NewDate(date(9))} // Ten days.
	for day, want := range map[int]float64{-3: 0, 0: 0, 5: 0.5, 10: 1, 30: 1} {
		equal(t, "pace", want, impact.Pace(cycle, date(day)))
	}
}
