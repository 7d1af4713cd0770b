package needle_test

import (
	"math"
	"math/big"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func TestRelativeChange(t *testing.T) {
	t.Parallel()
	with := func(d needle.Direction, in needle.GoalInput) error {
		return keyResult(func(k *needle.KeyResult) {
			k.Direction, k.Goal, k.RelativeChange = d, in.Goal(), in.RelativeChange
		}).Validate()
	}
	up, down, hold := needle.DirectionIncrease, needle.DirectionDecrease, needle.DirectionMaintain
	halve := ptr(-0.5)
	checkRules(t, []rule{
		{"a target of its own", with(down, needle.GoalInput{Baseline: ptr(20.0), RelativeChange: halve}), ""},
		{"that the caller worked out too", with(down, needle.GoalInput{Baseline: ptr(20.0), Target: ptr(10.0), RelativeChange: halve}), ""},
		{"that disagrees", with(down, needle.GoalInput{Baseline: ptr(20.0), Target: ptr(9.0), RelativeChange: halve}), "INVALID input.goal.relativeChange"},
		{"of nothing known", with(down, needle.GoalInput{RelativeChange: halve}), "INVALID input.goal.relativeChange"},
		{"of nothing", with(up, needle.GoalInput{Baseline: ptr(0.0), RelativeChange: ptr(1.0)}), "INVALID input.goal.relativeChange"},
		{"the wrong way", with(up, needle.GoalInput{Baseline: ptr(20.0), RelativeChange: halve}), "INVALID input.goal.relativeChange"},
		{"by nothing", with(up, needle.GoalInput{Baseline: ptr(20.0), RelativeChange: ptr(0.0)}), "INVALID input.goal.relativeChange"},
		{"of debts, which a rise makes worse", with(down, needle.GoalInput{Baseline: ptr(-20.0), RelativeChange: ptr(0.5)}), ""},
		{"by no number", with(up, needle.GoalInput{Baseline: ptr(20.0), RelativeChange: ptr(math.NaN())}), "OUT_OF_RANGE input.goal.relativeChange"},
		{"beyond all numbers", with(up, needle.GoalInput{Baseline: ptr(1e300), RelativeChange: ptr(1e300)}), "OUT_OF_RANGE input.goal.relativeChange"},
		{"of a guard", with(hold, needle.GoalInput{BandLow: ptr(1.0), RelativeChange: halve}), "INVALID input.goal.relativeChange"},
	})
}

func TestChanged_isExactInDecimals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ value, share, want float64 }{
		{20, -0.5, 10}, {65.8, 0.1, 72.38}, {0.3, 2, 0.9}, {14, -0.9, 1.4}, {1.1, 0.1, 1.21}, {7, -1, 0}, {-3, -1, 0}, {9, -0.37, 5.67},
	} {
		if got := needle.Changed(tc.value, tc.share); got != tc.want || math.Signbit(got) != math.Signbit(tc.want) {
			t.Errorf("%v changed by %v is %v, want %v", tc.value, tc.share, got, tc.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		// A decimal of up to nine places, changed by whole percent.
		value := rapid.Int64Range(-1e9, 1e9).Draw(t, "value")
		places := rapid.IntRange(0, 9).Draw(t, "places")
		percent := rapid.Int64Range(-100, 900).Draw(t, "percent")
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
		exact := new(big.Rat).SetFrac(big.NewInt(value), scale)
		written, err := strconv.ParseFloat(exact.FloatString(places), 64)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := exact.Mul(exact, big.NewRat(100+percent, 100)).Float64()
		if got := needle.Changed(written, float64(percent)/100); got != want {
			t.Fatalf("%v changed by %d %% is %v, want %v", written, percent, got, want)
		}
	})
}

func TestReached_looksTheWayOfTheDirection(t *testing.T) {
	t.Parallel()
	yes, no := ptr(true), ptr(false)
	for name, tc := range map[string]struct {
		direction       needle.Direction
		value           *float64
		goal            needle.Goal
		target, stretch *bool
	}{
		"not measured":   {needle.DirectionIncrease, nil, needle.Goal{Target: ptr(5.0)}, nil, nil},
		"short of it":    {needle.DirectionIncrease, ptr(4.0), needle.Goal{Target: ptr(5.0), Stretch: ptr(6.0)}, no, no},
		"there":          {needle.DirectionIncrease, ptr(5.0), needle.Goal{Target: ptr(5.0), Stretch: ptr(6.0)}, yes, no},
		"far beyond":     {needle.DirectionIncrease, ptr(7.0), needle.Goal{Target: ptr(5.0), Stretch: ptr(6.0)}, yes, yes},
		"down there":     {needle.DirectionDecrease, ptr(5.0), needle.Goal{Target: ptr(5.0), Stretch: ptr(4.0)}, yes, no},
		"down and more":  {needle.DirectionDecrease, ptr(3.0), needle.Goal{Target: ptr(5.0), Stretch: ptr(4.0)}, yes, yes},
		"not down yet":   {needle.DirectionDecrease, ptr(6.0), needle.Goal{Target: ptr(5.0)}, no, nil},
		"no target":      {needle.DirectionDecrease, ptr(6.0), needle.Goal{}, nil, nil},
		"a guard's band": {needle.DirectionMaintain, ptr(6.0), needle.Goal{BandLow: ptr(5.0)}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &needle.KeyResult{Direction: tc.direction, CurrentValue: tc.value, Goal: tc.goal}
			for what, pair := range map[string][2]*bool{"target": {tc.target, k.TargetReached()}, "stretch": {tc.stretch, k.StretchReached()}} {
				want, got := pair[0], pair[1]
				if (want == nil) != (got == nil) || (want != nil && *want != *got) {
					t.Errorf("the %s is reached: %v, want %v", what, got, want)
				}
			}
		})
	}
}
