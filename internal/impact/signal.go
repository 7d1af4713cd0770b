package impact

import (
	"math"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// naturalReach is how many mean moving ranges the natural process limits of an XmR chart lie from the middle: 3/d₂ with
// d₂ = 1.128, the mean range of two draws from a normal distribution with standard deviation 1 (D. J. Wheeler,
// Understanding Variation: The Key to Managing Chaos, SPC Press 1993; the factor is his 2.660).
const naturalReach = 2.66

// wideReach takes its place where limits rest on few points, or where values come daily, so that a quarter has many of
// them to look at: with 2.66, estimated limits would raise too many false alarms there.
const wideReach, enoughPoints = 3.1, 12

// SignalRisk is how often, at most, routine variation alone may show a signal on a key result in a quarter of 13 weeks.
// TestSimulation shows what reaches and limits come to: they keep it where values scatter independently about a level or a
// straight line, with up to 12 effect windows a quarter on weekly values and 40 on daily ones.
const SignalRisk = 0.05

// mostDailyGap is the longest mean gap between values, in days, at which they are taken to come daily.
const mostDailyGap = 3.5

// steps are, for so many points, what the difference of two further values stays within 95 times in 100, in mean moving
// ranges of the points: quantiles of |x₁ − x₂|/mR̄, all independent and normal, from 200,000 seeded draws.
// TestMargin_holdsNineteenTimesInTwenty draws others.
var steps = []struct {
	points int
	reach  float64
}{
	{6, 3.37},
	{7, 3.21},
	{8, 3.09},
	{10, 2.96},
	{12, 2.85},
	{16, 2.75},
	{20, 2.69},
	{26, 2.64},
	{35, 2.59},
	{50, 2.56},
	{70, 2.54},
	{91, 2.52},
	{182, 2.49},
}

// stepReach returns the reach of a step for so many points, of which there are at least MinBaselinePoints; between two
// numbers it is that of the lower one, which is wider.
func stepReach(points int) float64 {
	reach := steps[0].reach
	for _, s := range steps {
		if s.points <= points {
			reach = s.reach
		}
	}
	return reach
}

// baseline is what a value did by itself, before the first delivery.
type baseline struct {
	points []needle.Measurement
	// mean and meanRange are the middle and the mean moving range about it.
	mean, meanRange float64
	drift           *needle.Trend
	line            *line
	// daily is true when values come more often than every mostDailyGap days.
	daily bool
}

// line is the trend of a baseline and how values scatter about it.
type line struct {
	start                     time.Time
	perDay, centre, meanRange float64
	middleDays, spreadSq, n   float64
}

// baselineBefore returns what a series did before the first delivery; nil below MinBaselinePoints and when values are too
// large for it.
func baselineBefore(s Series, firstDelivery time.Time) *baseline {
	points := s.before(firstDelivery)
	if len(points) < MinBaselinePoints {
		return nil
	}
	drift, x := fit(points)
	if drift == nil {
		return nil
	}
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = p.Value
	}
	b := &baseline{points: points, drift: drift, line: lineThrough(points, x, drift.PerDay)}
	b.daily = x[len(x)-1]/float64(len(x)-1) <= mostDailyGap
	b.mean, b.meanRange = centreAndRange(values)
	if !finite(b.mean, b.meanRange, b.line.centre, b.line.meanRange) {
		return nil
	}
	return b
}

// centreAndRange returns the mean of values, of which there are two at least, and the mean of their moving ranges |xᵢ₊₁ − xᵢ|.
func centreAndRange(values []float64) (centre, meanRange float64) {
	last := values[0]
	for _, v := range values {
		centre += v / float64(len(values))
		meanRange += math.Abs(v-last) / float64(len(values)-1) // The first one adds nothing.
		last = v
	}
	return centre, meanRange
}

// lineThrough returns the line of a slope whose residuals have mean 0.
func lineThrough(points []needle.Measurement, x []float64, perDay float64) *line {
	l := &line{start: points[0].MeasuredAt, perDay: perDay, n: float64(len(points))}
	residuals := make([]float64, len(points))
	for i, p := range points {
		residuals[i] = p.Value - perDay*x[i]
		l.middleDays += x[i] / l.n
	}
	for i := range x {
		l.spreadSq += (x[i] - l.middleDays) * (x[i] - l.middleDays)
	}
	l.centre, l.meanRange = centreAndRange(residuals)
	return l
}

// widening is how much farther limits reach at a day because the slope is estimated too: the root of
// (1 + 1/n + (x − x̄)²/Σ(xᵢ − x̄)²) by (1 + 1/n), as for a prediction from a fitted line.
func (l *line) widening(x float64) float64 {
	level := 1 + 1/l.n
	return math.Sqrt((level + (x-l.middleDays)*(x-l.middleDays)/l.spreadSq) / level)
}

// factor is how many mean moving ranges signals lie from the middle.
func (b *baseline) factor() float64 {
	if b.daily || len(b.points) < enoughPoints {
		return wideReach
	}
	return naturalReach
}

// varied reports whether the baseline tells what routine variation is.
func (b *baseline) varied() bool { return b.meanRange > 0 && b.line.meanRange > 0 }

// limitsAt returns the limits that a measurement must leave to be a signal. They hold both what a level and what the line
// of the drift would lead to: few points rarely tell which of the two a value follows, and what one of them explains is no
// signal. The farther the line is drawn out, the less is known of where it leads.
func (b *baseline) limitsAt(t time.Time) (low, high float64) {
	level := b.factor() * b.meanRange
	x := daysBetween(b.line.start, t)
	centre, about := b.line.centre+b.line.perDay*x, b.factor()*b.line.meanRange*b.line.widening(x)
	return min(b.mean-level, centre-about), max(b.mean+level, centre+about)
}

// side tells on which side of the limits a measurement lies: −1 below, 1 above, 0 within.
func (b *baseline) side(m needle.Measurement) int {
	low, high := b.limitsAt(m.MeasuredAt)
	switch {
	case m.Value < low:
		return -1
	case m.Value > high:
		return 1
	default:
		return 0
	}
}

// judge says whether a movement is beyond routine variation, and to which side. One rule is used, a value beyond the
// limits, and one value is looked at for each window, its last: every further rule and every further look would raise more
// false alarms. Beyond them the value must also have gone farther in this very window than two values differ by routine;
// else a value that an earlier effect brought close to a limit would show a signal in every later window that it strays
// across it.
func (b *baseline) judge(m *needle.WindowMovement) (signal *needle.Signal, side int) {
	if b == nil {
		return &needle.Signal{State: needle.SignalNotAssessed}, 0
	}
	s := &needle.Signal{
		State: needle.SignalNotAssessed, Rules: 1, Factor: b.factor(), Points: len(b.points), FalseAlarmShare: SignalRisk,
	}
	s.Low, s.High = b.limitsAt(m.Now.MeasuredAt)
	if !b.varied() || !finite(s.Low, s.High) || b.side(m.Then) != 0 {
		return s, 0
	}
	s.State = needle.SignalRoutine
	if side = b.side(m.Now); side == 0 || float64(side)*b.moved(m) <= b.step() {
		return s, 0
	}
	s.State = needle.SignalSeen
	return s, side
}

// moved is how far a value went over a window, without its drift where there was a clear one.
func (b *baseline) moved(m *needle.WindowMovement) float64 {
	if b.drift.Clear() && m.BeyondDrift != nil {
		return *m.BeyondDrift
	}
	return m.Change
}

// step is what the difference of two values stays within 95 times in 100 by routine variation alone.
func (b *baseline) step() float64 {
	if b.drift.Clear() {
		return stepReach(len(b.points)) * b.line.meanRange
	}
	return stepReach(len(b.points)) * b.meanRange
}

// margin is how far the difference of two values may be off by routine variation, 95 times in 100, and by the drift
// where there was a clear one; nil while that is unknown.
func (b *baseline) margin(from, to time.Time) *float64 {
	if b == nil || !b.varied() {
		return nil
	}
	m := b.step()
	if b.drift.Clear() {
		days := daysBetween(from, to)
		m += max(math.Abs(b.drift.PerDayLow*days), math.Abs(b.drift.PerDayHigh*days))
	}
	if !finite(m) {
		return nil
	}
	return &m
}
