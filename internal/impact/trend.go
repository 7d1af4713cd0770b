package impact

import (
	"math"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// MinTrendPoints is the fewest days with a value that a trend is drawn through. Below it no range of nine in ten exists:
// of three points the widest possible range holds two times in three.
const MinTrendPoints = 4

// z90 is the quantile of the standard normal distribution that leaves 5 % above it.
const z90 = 1.6448536269514722

// TrendOf returns the Theil–Sen trend of a series; nil below MinTrendPoints and when the values are too large for it.
//
// The slope is the median of the slopes (yⱼ − yᵢ)/(xⱼ − xᵢ) of all N = n(n−1)/2 pairs of points (H. Theil, A
// rank-invariant method of linear and polynomial regression analysis, Proceedings of the Nederlandse Akademie van
// Wetenschappen 53, 1950). Its range is
// taken from the ordered slopes (P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, Journal of
// the American Statistical Association 63, 1968): with C = z·√(n(n−1)(2n+5)/18) and M = ⌊(N − C)/2⌋, at least 1, it runs
// from the M-th smallest to the M-th largest slope. z is 1.645; rounding down keeps the exact level at or above 90 % for
// every n.
//
// x is the day (UTC) and each day counts once, with its last value, so neither a burst of check-ins nor the hour they
// were made at weighs in. The range assumes independent scatter about a straight line: a value that wanders, where each day builds on
// the last, has a wider one than this.
func TrendOf(s Series) *needle.Trend {
	t, _ := fit(s.daily())
	return t
}

// Forecast returns where a series will stand at end if its trend holds; nil when TrendOf is, when end lies before the
// last value, and when the result is too large for a number.
//
// For a slope b the value at end is the median of yᵢ + b·(end − xᵢ): the line whose residuals have median 0. Value takes
// the slope of the trend; Low and High take the ends of its range. No point lies after end, so the value never falls
// when the slope rises, so Low ≤ Value ≤ High. The range covers the doubt about the slope only, not the scatter of
// single values, and not what anybody will do.
func Forecast(s Series, end time.Time) *needle.Forecast {
	points := s.daily()
	trend, x := fit(points)
	if trend == nil || end.Before(points[len(points)-1].MeasuredAt) {
		return nil
	}
	// The value of a day is the one at its close, so the end of the n-th day lies n−1 days after the first.
	ahead := max(x[len(x)-1], daysBetween(points[0].MeasuredAt.Truncate(day), end)-1)
	valueFor := func(perDay float64) float64 {
		values := make([]float64, len(points))
		for i, p := range points {
			values[i] = p.Value + perDay*(ahead-x[i])
		}
		return medianOf(values)
	}
	f := &needle.Forecast{
		At: end, Value: valueFor(trend.PerDay), Points: trend.Points,
		Low: valueFor(trend.PerDayLow), High: valueFor(trend.PerDayHigh),
	}
	if !finite(f.Low, f.Value, f.High) {
		return nil
	}
	return f
}

// fit returns the trend through points of different days, and where each lies, in days after the first.
func fit(points []needle.Measurement) (*needle.Trend, []float64) {
	n := len(points)
	if n < MinTrendPoints {
		return nil, nil
	}
	x := make([]float64, n)
	first := dayOf(points[0])
	for i, p := range points {
		x[i] = float64(dayOf(p) - first)
	}
	slopes := slopesOf(points, x)
	m := rangeRank(n, z90)
	t := &needle.Trend{
		PerDayLow: nth(slopes, m-1), PerDayHigh: nth(slopes, len(slopes)-m), PerDay: medianOf(slopes), Points: n,
	}
	if !finite(t.PerDayLow, t.PerDay, t.PerDayHigh) {
		return nil, nil
	}
	return t, x
}

// slopesOf returns the slopes of all pairs of points.
func slopesOf(points []needle.Measurement, x []float64) []float64 {
	n := len(points)
	slopes := make([]float64, 0, n*(n-1)/2)
	for i := range points {
		for j := i + 1; j < n; j++ {
			slopes = append(slopes, (points[j].Value-points[i].Value)/(x[j]-x[i]))
		}
	}
	return slopes
}

// rangeRank returns Sen's M for n points: the range of the slope runs from the M-th smallest to the M-th largest.
func rangeRank(n int, z float64) int {
	pairs := float64(n*(n-1)) / 2
	c := z * math.Sqrt(float64(n*(n-1)*(2*n+5))/18)
	return max(1, int(math.Floor((pairs-c)/2)))
}

// daily returns the last value of each day that has one. Callers change nothing in it: it may be the series' own.
func (s Series) daily() []needle.Measurement {
	alone := true
	for i := 1; i < len(s.points) && alone; i++ {
		alone = dayOf(s.points[i-1]) != dayOf(s.points[i])
	}
	if alone {
		return slices.Clip(s.points)
	}
	days := make([]needle.Measurement, 0, len(s.points))
	for i, p := range s.points {
		if i+1 == len(s.points) || dayOf(p) != dayOf(s.points[i+1]) {
			days = append(days, p)
		}
	}
	return days
}

// dayOf counts the days, in UTC, up to that of a measurement.
func dayOf(m needle.Measurement) int64 {
	const seconds = int64(day / time.Second)
	at := m.MeasuredAt.Unix()
	if at < 0 {
		at -= seconds - 1 // Division rounds towards 0, and days before 1970 must not.
	}
	return at / seconds
}

func finite(vs ...float64) bool {
	return !slices.ContainsFunc(vs, func(v float64) bool { return math.IsInf(v, 0) || math.IsNaN(v) })
}
