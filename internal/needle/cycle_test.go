package needle_test

import (
	"math"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func TestCycles(t *testing.T) {
	t.Parallel()
	cycle := func(from, to time.Time) error {
		return needle.CreateCycleInput{Name: "Q", StartsOn: needle.NewDate(from), EndsOn: needle.NewDate(to)}.Validate()
	}
	checkRules(t, []rule{
		{"one day", cycle(noon(), noon()), ""},
		{"two years", cycle(noon(), noon().AddDate(2, 0, 0)), ""},
		{"longer", cycle(noon(), noon().AddDate(2, 0, 3)), "OUT_OF_RANGE input.endsOn"},
		{"backwards", cycle(noon(), noon().AddDate(0, 0, -1)), "INVALID input.endsOn"},
		{"before all trackers", cycle(time.Time{}, time.Time{}), "OUT_OF_RANGE input.startsOn; OUT_OF_RANGE input.endsOn"},
		{"an update without a name", needle.UpdateCycleInput{Name: ptr(" ")}.Validate(), "REQUIRED input.name"},
	})
	c := needle.Cycle{StartsOn: needle.NewDate(noon()), EndsOn: needle.NewDate(noon().AddDate(0, 0, 3))}
	for days, want := range map[float64]float64{-1: 0, 0: 0, 1: 0.25, 4: 1, 9: 1} {
		at := c.Start().Add(time.Duration(days * 24 * float64(time.Hour)))
		if got := c.Elapsed(at); math.Abs(got-want) > 1e-12 {
			t.Errorf("after %v days %v of the cycle has passed, want %v", days, got, want)
		}
	}
}

func TestCycles_moveOneStepAtATime(t *testing.T) {
	t.Parallel()
	cycles := []needle.CycleState{needle.CyclePlanning, needle.CycleActive, needle.CycleClosed}
	for i, from := range cycles {
		for j, to := range cycles {
			if got, want := (&needle.Cycle{State: from}).CanMove(to), i-j == 1 || j-i == 1; got != want {
				t.Errorf("a cycle can go from %s to %s: %v", from, to, got)
			}
		}
		if (&needle.Cycle{State: from}).CanMove("ELSEWHERE") || (&needle.Cycle{State: "ELSEWHERE"}).CanMove(from) {
			t.Errorf("a cycle can go between %s and nowhere", from)
		}
	}
}
