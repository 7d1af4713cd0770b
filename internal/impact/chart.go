package impact

import (
	"math"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// falseAlarms is how many of a hundred points complete a rule by routine variation alone, where it is normal and the
// limits are known: 2·Φ(−3) beyond the limits; 2·(4p³(1 − p) + p⁴) for three of four with p = Φ(−1.5); 2·2⁻⁸ for eight
// in a row. Limits from few points raise more: by 16, five times as many points lie beyond them; by 6, seventeen times.
var falseAlarms = map[needle.SignalRule]float64{
	needle.RuleBeyondLimits: 0.27, needle.RuleThreeOfFour: 0.23, needle.RuleRunOfEight: 0.78,
}

// Chart returns the values of a series up to asOf against the natural process limits of the days before the first
// delivery, with the rules that points complete. These are the three that programs for XmR charts call D. J. Wheeler's: a
// point beyond the limits, three of four in a row nearer to one limit than to the middle, and eight in a row on one side of
// the middle. A point completes a rule when it belongs to what the rule describes and ends it; points of the
// baseline complete none.
//
// A chart is for people to look at. Grades use one rule, with limits that are wider where they rest on few points.
func Chart(s Series, firstDelivery, asOf time.Time, rules []needle.SignalRule) *needle.Chart {
	return chart(s, baselineBefore(s, firstDelivery), firstDelivery, asOf, rules)
}

// chart is Chart with what the series did before.
func chart(s Series, b *baseline, firstDelivery, asOf time.Time, rules []needle.SignalRule) *needle.Chart {
	points := Series{points: s.points[:s.measuredBy(asOf)]}.daily()
	c := &needle.Chart{RulesUsed: rules, Points: make([]*needle.ChartPoint, len(points))}
	for _, r := range rules {
		c.FalseAlarmsPerHundred += falseAlarms[r]
	}
	if b != nil {
		c.Drift, c.Limits = b.drift, b.limits()
	}
	room := make([]needle.ChartPoint, len(points))
	deviations := make([]float64, 0, len(points)) // From the middle, in reaches, of what came after the baseline.
	for i, p := range points {
		c.Points[i] = &room[i]
		room[i].Measurement, room[i].Baseline = p, p.MeasuredAt.Before(firstDelivery)
		if c.Points[i].Baseline || c.Limits == nil || !(c.Limits.Reach > 0) {
			continue
		}
		deviations = append(deviations, (p.Value-c.Limits.CentreAt(p.MeasuredAt))/c.Limits.Reach)
		for _, r := range rules {
			if completes(r, deviations) {
				c.Points[i].Rules = append(c.Points[i].Rules, r)
			}
		}
	}
	return c
}

// limits returns the natural process limits of a baseline, about its line where it was trending.
func (b *baseline) limits() *needle.Limits {
	l := &needle.Limits{At: b.points[0].MeasuredAt, Centre: b.mean, MeanMovingRange: b.meanRange, Points: len(b.points)}
	if b.drift.Clear() {
		l.Centre, l.PerDay, l.MeanMovingRange = b.line.centre, b.line.perDay, b.line.meanRange
	}
	l.Reach = naturalReach * l.MeanMovingRange
	return l
}

// completes reports whether the last of some deviations from the middle, in reaches, completes a rule.
func completes(rule needle.SignalRule, deviations []float64) bool {
	last := deviations[len(deviations)-1]
	switch rule {
	case needle.RuleBeyondLimits:
		return math.Abs(last) > 1
	case needle.RuleThreeOfFour:
		return math.Abs(last) > 0.5 && onItsSide(deviations, 4, 0.5) >= 3
	case needle.RuleRunOfEight:
		return onItsSide(deviations, 8, 0) == 8
	default:
		return false
	}
}

// onItsSide counts how many of the last so many deviations lie farther than some distance from the middle, on the side
// of the very last one.
func onItsSide(deviations []float64, last int, distance float64) int {
	n := len(deviations)
	count := 0
	for _, d := range deviations[max(0, n-last):] {
		if math.Copysign(1, deviations[n-1])*d > distance {
			count++
		}
	}
	return count
}
