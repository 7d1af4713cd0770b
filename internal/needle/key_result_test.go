package needle_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func minutesOf(n int) time.Duration { return time.Duration(n) * time.Minute }

// keyResult returns a valid key result, changed.
func keyResult(change func(k *needle.KeyResult)) *needle.KeyResult {
	k := &needle.KeyResult{
		Title: "Days to a refund", Kind: needle.KindMetric, Direction: needle.DirectionDecrease,
		Goal: needle.Goal{Baseline: ptr(20.0), Target: ptr(10.0)}, Weight: 1, CadenceDays: 7, LagMaxDays: 28,
	}
	k.CreatedAt = noon()
	change(k)
	return k
}

func TestKeyResults(t *testing.T) {
	t.Parallel()
	with := func(change func(k *needle.KeyResult)) error { return keyResult(change).Validate() }
	maintain := func(g needle.Goal) error {
		return with(func(k *needle.KeyResult) { k.Direction, k.Goal = needle.DirectionMaintain, g })
	}
	goal := func(d needle.Direction, g needle.Goal) error {
		return with(func(k *needle.KeyResult) { k.Direction, k.Goal = d, g })
	}
	up, down := needle.DirectionIncrease, needle.DirectionDecrease
	checkRules(t, []rule{
		{"as it is", with(func(*needle.KeyResult) {}), ""},
		{"no title", with(func(k *needle.KeyResult) { k.Title = "" }), "REQUIRED input.title"},
		{"no numbers yet", goal(up, needle.Goal{}), ""},
		{"up that falls", goal(up, needle.Goal{Baseline: ptr(2.0), Target: ptr(1.0)}), "INVALID input.goal.target"},
		{"down that rises", goal(down, needle.Goal{Baseline: ptr(1.0), Target: ptr(2.0)}), "INVALID input.goal.target"},
		{"no way to go", goal(up, needle.Goal{Baseline: ptr(1.0), Target: ptr(1.0)}), "INVALID input.goal.target"},
		{"a stretch beyond", goal(up, needle.Goal{Baseline: ptr(1.0), Target: ptr(2.0), Stretch: ptr(3.0)}), ""},
		{"a stretch short of the target", goal(down, needle.Goal{Baseline: ptr(3.0), Target: ptr(1.0), Stretch: ptr(2.0)}), "INVALID input.goal.stretch"},
		{"a stretch short of the target, wherever it starts", goal(up, needle.Goal{Target: ptr(2.0), Stretch: ptr(1.0)}), "INVALID input.goal.stretch"},
		{"a stretch that is the target", goal(up, needle.Goal{Target: ptr(2.0), Stretch: ptr(2.0)}), ""},
		{"a band without a guard", goal(up, needle.Goal{BandHigh: ptr(1.0)}), "INVALID input.goal.bandLow"},
		{"a floor", maintain(needle.Goal{BandLow: ptr(1.0)}), ""},
		{"a point", maintain(needle.Goal{BandLow: ptr(1.0), BandHigh: ptr(1.0)}), ""},
		{"no band", maintain(needle.Goal{}), "REQUIRED input.goal.bandLow"},
		{"a band upside down", maintain(needle.Goal{BandLow: ptr(2.0), BandHigh: ptr(1.0)}), "INVALID input.goal.bandHigh"},
		{"a guard with a target", maintain(needle.Goal{BandLow: ptr(1.0), Target: ptr(1.0)}), "INVALID input.goal.target"},
		{"a target that is no number", goal(up, needle.Goal{Target: ptr(math.NaN())}), "OUT_OF_RANGE input.goal.target"},
		{"no weight", with(func(k *needle.KeyResult) { k.Weight = 0 }), "OUT_OF_RANGE input.weight"},
		{"a weight that is no number", with(func(k *needle.KeyResult) { k.Weight = math.NaN() }), "OUT_OF_RANGE input.weight"},
		{"no cadence", with(func(k *needle.KeyResult) { k.CadenceDays = 0 }), "OUT_OF_RANGE input.cadenceDays"},
		{"a lag that runs backwards", with(func(k *needle.KeyResult) { k.LagMinDays = 29 }), "INVALID input.lagMaxDays"},
		{"a lag below nothing", with(func(k *needle.KeyResult) { k.LagMinDays = -1 }), "OUT_OF_RANGE input.lagMinDays"},
		{"numbers for no reason, from the future", needle.ChangeGoalInput{ValidFrom: ptr(noon().Add(time.Hour))}.Validate(noon()), "REQUIRED input.reason; OUT_OF_RANGE input.validFrom"},
	})
}

func TestProgress_isTheShareOfTheWay(t *testing.T) {
	t.Parallel()
	number := rapid.Float64Range(-1e9, 1e9)
	rapid.Check(t, func(t *rapid.T) {
		from, to, value := number.Draw(t, "from"), number.Draw(t, "to"), number.Draw(t, "value")
		if math.Abs(from-to) < 1e-3 {
			t.Skip("no way to go")
		}
		k := keyResult(func(k *needle.KeyResult) { k.Goal = needle.Goal{Baseline: &from, Target: &to} })
		at := func(v float64) (raw, shown float64) {
			k.CurrentValue = &v
			return *k.RawProgress(), *k.Progress()
		}
		if raw, _ := at(from); raw != 0 {
			t.Errorf("at the baseline progress is %v", raw)
		}
		if raw, _ := at(to); raw != 1 {
			t.Errorf("at the target progress is %v", raw)
		}
		raw, shown := at(value)
		if shown < 0 || shown > 1 || (raw >= 0 && raw <= 1 && shown != raw) {
			t.Errorf("progress is %v, shown as %v", raw, shown)
		}
		if back := from + raw*(to-from); math.Abs(back-value) > 1e-6*(1+math.Abs(value)+math.Abs(from)) {
			t.Errorf("progress %v leads to %v, not to %v", raw, back, value)
		}
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	guard := needle.Goal{BandLow: ptr(1.0), BandHigh: ptr(2.0)}
	for name, tc := range map[string]struct {
		value *float64
		daysOld,
		cadence int
		goal *needle.Goal
		pace float64
		want needle.Health
	}{
		"before the first check-in": {value: nil, want: needle.HealthPending},
		"at its pace":               {value: ptr(15.0), pace: 0.5, want: needle.HealthOnTrack},
		"just behind":               {value: ptr(15.0), pace: 0.6, want: needle.HealthOnTrack},
		"behind":                    {value: ptr(15.0), pace: 0.7, want: needle.HealthAtRisk},
		"far behind":                {value: ptr(15.0), pace: 0.9, want: needle.HealthOffTrack},
		"gone the wrong way":        {value: ptr(25.0), pace: 0, want: needle.HealthOffTrack},
		"on the last day":           {value: ptr(15.0), daysOld: 7, pace: 0.5, want: needle.HealthOnTrack},
		"overdue":                   {value: ptr(15.0), daysOld: 8, pace: 0.5, want: needle.HealthStale},
		"nothing to compare with":   {value: ptr(15.0), goal: &needle.Goal{Baseline: ptr(1.0)}, want: needle.HealthPending},
		"a guard held":              {value: ptr(2.0), goal: &guard, pace: 1, want: needle.HealthOnTrack},
		"a guard breached":          {value: ptr(2.1), goal: &guard, want: needle.HealthOffTrack},
		"a guard breached below":    {value: ptr(0.9), goal: &guard, want: needle.HealthOffTrack},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := keyResult(func(k *needle.KeyResult) {
				k.CurrentValue = tc.value
				if tc.value != nil {
					k.CurrentAt = ptr(noon())
				}
				if tc.goal != nil {
					k.Goal = *tc.goal
				}
				if tc.goal == &guard {
					k.Direction = needle.DirectionMaintain
				}
			})
			if got := k.Health(tc.pace, noon().AddDate(0, 0, tc.daysOld)); got != tc.want {
				t.Errorf("the health is %s, want %s", got, tc.want)
			}
			if k.Direction == needle.DirectionMaintain && (k.RawProgress() != nil || k.Progress() != nil) {
				t.Error("a guard moved")
			}
			if k.Direction != needle.DirectionMaintain && k.Guard() != nil {
				t.Error("a number to move is guarded")
			}
		})
	}
}
