package impact_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// weeklyValues returns a series with one value a week from day 0 on.
func weeklyValues(values ...float64) impact.Series {
	days := make([]int, len(values))
	for i := range days {
		days[i] = 7 * i
	}
	return onDays(days, values)
}

func TestChart_isNotDrawnFromFewerThanSixDays(t *testing.T) {
	t.Parallel()
	values := []float64{10, 12, 11, 13, 10, 12}
	for n := range len(values) {
		if c := impact.Chart(weeklyValues(values[:n]...), date(100), date(100), needle.SignalRules()); c.Limits != nil || c.Drift != nil {
			t.Errorf("limits from %d days", n)
		}
	}
	if impact.Chart(weeklyValues(values...), date(100), date(100), needle.SignalRules()).Limits == nil {
		t.Error("no limits from six days")
	}
}

func TestChart_findsWhatEachRuleDescribes(t *testing.T) {
	t.Parallel()
	before := []float64{10, 12, 10, 12, 10, 12, 10, 12, 10, 12} // Middle 11, mean moving range 2, limits 5.68 and 16.32.
	for _, tc := range []struct {
		name  string
		after []float64
		rule  needle.SignalRule
		at    int // -1 for nowhere
	}{
		{"a point beyond the upper limit", []float64{11, 16.4}, needle.RuleBeyondLimits, 1},
		{"a point beyond the lower limit", []float64{11, 5.6}, needle.RuleBeyondLimits, 1},
		{"a point just within", []float64{11, 16.3, 5.7}, needle.RuleBeyondLimits, -1},
		{"three of four near a limit", []float64{14, 11, 14, 14}, needle.RuleThreeOfFour, 3},
		{"three in a row near a limit", []float64{14, 14, 14}, needle.RuleThreeOfFour, 2},
		{"three near, on both sides", []float64{14, 8, 14, 11}, needle.RuleThreeOfFour, -1},
		{"three of five", []float64{14, 11, 11, 14, 14}, needle.RuleThreeOfFour, -1},
		{"eight above the middle", []float64{12, 12, 12, 12, 12, 12, 12, 12}, needle.RuleRunOfEight, 7},
		{"seven above the middle", []float64{12, 12, 12, 12, 12, 12, 12, 10}, needle.RuleRunOfEight, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := impact.Chart(weeklyValues(append(slices.Clone(before), tc.after...)...), date(70), date(1000), []needle.SignalRule{tc.rule})
			got := slices.IndexFunc(c.Points, func(p *needle.ChartPoint) bool { return len(p.Rules) > 0 })
			want := tc.at
			if want >= 0 {
				want += len(before)
			}
			equal(t, "first point that completes the rule", want, got)
		})
	}
}

// TestChart_falseAlarmsAreAsOftenAsSaid draws points whose limits are known, from a baseline of many.
func TestChart_falseAlarmsAreAsOftenAsSaid(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 1))
	const known, drawn = 182, 60
	for _, rule := range needle.SignalRules() {
		alarms, said, points := 0, 0.0, 0
		for range 150 {
			var days []int
			var values []float64
			for day := range known + drawn {
				days, values = append(days, day), append(values, r.NormFloat64())
			}
			c := impact.Chart(onDays(days, values), date(known), date(1000), []needle.SignalRule{rule})
			said = c.FalseAlarmsPerHundred / 100
			for _, p := range c.Points[known+8:] {
				alarms += len(p.Rules)
				points++
			}
		}
		got := float64(alarms) / float64(points)
		if got > 1.6*said || got < said/1.6 {
			t.Errorf("%s: %.4f of the points, %.4f are said", rule, got, said)
		}
	}
}

// TestMargin_holdsNineteenTimesInTwenty draws baselines and two more values each, without any effect.
func TestMargin_holdsNineteenTimesInTwenty(t *testing.T) {
	t.Parallel()
	for _, before := range []int{6, 7, 9, 12, 26, 60} {
		p := plot{before: before, every: 7, works: evenly(1, 14)}
		r := source("margin")
		held, all := 0, 0
		for range 4000 {
			b := impact.Gather(p.scene(r)).Attributions()[0].Bounds
			all++
			held += oneIf(math.Abs(b.Low) <= *b.Margin)
		}
		if s := float64(held) / float64(all); s < 0.945 || s > 0.985 {
			t.Errorf("with %d points the margin holds %.3f of the time", before, s)
		}
	}
}

func TestDrift_isSensSlopeOfWhatCameBefore(t *testing.T) {
	t.Parallel()
	want := &needle.Trend{PerDay: 4, PerDayLow: 15.0 / 4, PerDayHigh: 46.0 / 11, Points: 7}
	s := onDays([]int{1, 2, 3, 4, 10, 12, 18, 19, 20}, []float64{9, 15, 19, 20, 45, 55, 78, 1, 1})
	equal(t, "drift", want, impact.Drift(s, date(19)), rounding)
	equal(t, "drift before the sixth day", nil, impact.Drift(s, date(12)))
	if impact.Drift(s, date(13)) == nil {
		t.Error("six days make no drift")
	}
}
