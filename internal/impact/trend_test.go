package impact_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

var rounding = cmp.Options{cmpopts.EquateApprox(1e-9, 1e-9)}

// onDays returns a series with one value a day, measured at noon.
func onDays(days []int, values []float64) impact.Series {
	var checkIns []*needle.CheckIn
	for i, v := range values {
		c := checkIn(i+1, v, days[i], days[i])
		c.MeasuredAt = c.MeasuredAt.Add(12 * time.Hour)
		c.RecordedAt = c.MeasuredAt
		checkIns = append(checkIns, c)
	}
	return impact.NewSeries(checkIns, date(10_000))
}

// sen is the worked example of Sen, Journal of the American Statistical Association 63 (1968): slope 4. The
// line whose residuals have median 0 starts at 6 (as R's deming package tests it). At 90 % the fifth slopes from either
// end bound the slope, 15/4 and 46/11, computed apart in exact fractions.
func sen() impact.Series {
	return onDays([]int{1, 2, 3, 4, 10, 12, 18}, []float64{9, 15, 19, 20, 45, 55, 78})
}

func TestTrendOf_givesSensSlope(t *testing.T) {
	t.Parallel()
	want := &needle.Trend{PerDay: 4, PerDayLow: 15.0 / 4, PerDayHigh: 46.0 / 11, Points: 7}
	equal(t, "trend", want, impact.TrendOf(sen()), rounding)
}

func TestForecast_followsSensLine(t *testing.T) {
	t.Parallel()
	endOfDay20 := date(21)
	want := &needle.Forecast{At: endOfDay20, Value: 6 + 4*20, Low: 7.5 + 3.75*20, High: 53.0/11 + 46.0/11*20, Points: 7}
	equal(t, "forecast", want, impact.Forecast(sen(), endOfDay20), rounding)
}

func TestForecast_isUnknown(t *testing.T) {
	t.Parallel()
	far := math.MaxFloat64
	for _, tc := range []struct {
		name string
		s    impact.Series
		end  time.Time
	}{
		{"of nothing", impact.Series{}, date(30)},
		{"below four days", onDays([]int{1, 2, 3}, []float64{1, 2, 3}), date(30)},
		{"of many values on three days", onDays([]int{1, 1, 2, 2, 3, 3}, []float64{1, 2, 3, 4, 5, 6}), date(30)},
		{"for an end in the past", onDays([]int{1, 2, 3, 4}, []float64{1, 2, 3, 4}), date(4)},
		{"where a slope overflows", onDays([]int{1, 2, 3, 4}, []float64{-far, far, -far, far}), date(30)},
		{"where the result overflows", onDays([]int{1, 2, 3, 4}, []float64{0, far / 4, far / 2, far}), date(30)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "forecast", nil, impact.Forecast(tc.s, tc.end))
		})
	}
}

func TestForecast_ofAStandstillStandsStill(t *testing.T) {
	t.Parallel()
	got := impact.Forecast(onDays([]int{1, 8, 15, 22}, []float64{5, 5, 5, 5}), date(90))
	equal(t, "forecast", &needle.Forecast{At: date(90), Value: 5, Low: 5, High: 5, Points: 4}, got)
}

func TestForecast_onTheLastDayIsThatDays(t *testing.T) {
	t.Parallel()
	s := onDays([]int{1, 2, 3, 4}, []float64{1, 2, 3, 4})
	equal(t, "value on the day of the last check-in", 4.0, impact.Forecast(s, date(4).Add(13*time.Hour)).Value, rounding)
	equal(t, "value at the end of that day", 4.0, impact.Forecast(s, date(5)).Value, rounding)
	equal(t, "value a day later", 5.0, impact.Forecast(s, date(6)).Value, rounding)
}

func drawDays(t *rapid.T) ([]int, []float64) {
	var days []int
	var values []float64
	at := 0
	for range rapid.IntRange(impact.MinTrendPoints, 20).Draw(t, "days") {
		at += rapid.IntRange(1, 9).Draw(t, "gap")
		days, values = append(days, at), append(values, drawValue(t))
	}
	return days, values
}

func TestForecast_liesInItsRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := impact.Forecast(onDays(drawDays(t)), date(rapid.IntRange(200, 400).Draw(t, "end")))
		if !(f.Low <= f.Value && f.Value <= f.High) {
			t.Fatalf("%v lies outside %v to %v", f.Value, f.Low, f.High)
		}
	})
}

func TestTrend_followsAnAddedLineAndAnotherUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days, values := drawDays(t)
		a, b, unit := drawValue(t), drawValue(t), -2.0 // Upside down, too: the range turns over.
		other := make([]float64, len(values))
		for i, v := range values {
			other[i] = unit*v + a + b*float64(days[i])
		}
		end := rapid.IntRange(200, 400).Draw(t, "end")
		was, is := impact.TrendOf(onDays(days, values)), impact.TrendOf(onDays(days, other))
		equal(t, "trend", &needle.Trend{
			PerDay: unit*was.PerDay + b, PerDayLow: unit*was.PerDayHigh + b, PerDayHigh: unit*was.PerDayLow + b, Points: len(days),
		}, is, rounding)

		before, after := impact.Forecast(onDays(days, values), date(end)), impact.Forecast(onDays(days, other), date(end))
		line := a + b*float64(end-1)
		equal(t, "forecast", &needle.Forecast{
			At: date(end), Value: unit*before.Value + line, Low: unit*before.High + line, High: unit*before.Low + line,
			Points: len(days),
		}, after, rounding)
	})
}
