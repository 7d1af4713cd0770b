package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// KeyResultSeries returns what a plot of a key result shows from one instant, or from its first value, to another; nil
// when nothing was known of it. The window cuts what is shown, not what limits and rules rest on, nor the target line, which
// leads through the whole cycle.
func (e *Evidence) KeyResultSeries(id needle.KeyResultID, cycle *needle.Cycle, from *time.Time, to time.Time, rules []needle.SignalRule) *needle.KeyResultSeries {
	chart := e.Chart(id, rules)
	if chart == nil {
		return nil
	}
	s := &needle.KeyResultSeries{AsOf: e.asOf, From: from, To: to, Chart: *chart}
	inside := func(t time.Time) bool { return !t.After(to) && (from == nil || !t.Before(*from)) }
	if n := len(chart.Points); n > 0 {
		s.LatestAt = &chart.Points[n-1].MeasuredAt
	}
	s.Points = slices.DeleteFunc(chart.Points, func(p *needle.ChartPoint) bool { return !inside(p.MeasuredAt) })
	s.TargetLine = e.targetLine(e.keyResult(id), cycle)
	for _, a := range e.attempts[id] {
		for i, d := range a.deliveries {
			if w := a.windows[i]; !d.After(to) && (from == nil || !w.To.Before(*from)) {
				s.Deliveries = append(s.Deliveries, &needle.SeriesDelivery{
					Contribution: a.link, Item: a.item, DeliveredAt: d, Window: needle.EffectWindow{From: w.From, To: w.To},
					TakenBack: a.deliveredAt == nil || !d.Equal(*a.deliveredAt), Unlinked: a.ended,
				})
			}
		}
	}
	slices.SortStableFunc(s.Deliveries, func(a, b *needle.SeriesDelivery) int {
		return cmp.Or(a.DeliveredAt.Compare(b.DeliveredAt), byItemNumber(a.Item, b.Item))
	})
	for _, event := range e.events[id] {
		if !event.From.After(to) && (from == nil || !event.To.Before(*from)) {
			s.Events = append(s.Events, event)
		}
	}
	slices.SortFunc(s.Events, compareEvents)
	return s
}

// targetLine returns the way that a value had to go over a cycle: by each goal straight from its baseline at the cycle's
// start to its target at the end, for as long as the goal held. A goal that held before the cycle's start counts from there.
// Goals that lack a number leave a gap.
func (e *Evidence) targetLine(kr *needle.KeyResult, cycle *needle.Cycle) []*needle.TargetSegment {
	if cycle == nil {
		return nil
	}
	versions := goalsBy(slices.DeleteFunc(slices.Clone(e.facts.Goals), func(g *needle.GoalVersion) bool { return g.KeyResultID != kr.ID }), e.asOf)
	var line []*needle.TargetSegment
	for i, v := range versions {
		s := &needle.TargetSegment{From: latest(v.ValidFrom, cycle.Start()), To: cycle.End()}
		if i+1 < len(versions) {
			s.To = earlier(s.To, versions[i+1].ValidFrom)
		}
		if !s.From.Before(s.To) {
			continue
		}
		if kr.Direction == needle.DirectionMaintain {
			s.BandLow, s.BandHigh = v.BandLow, v.BandHigh
		} else if v.Baseline != nil && v.Target != nil {
			s.StartValue, s.EndValue = wayAt(v.Goal, cycle, s.From), wayAt(v.Goal, cycle, s.To)
		}
		if s.StartValue != nil || s.BandLow != nil || s.BandHigh != nil {
			line = append(line, s)
		}
	}
	return line
}

// wayAt returns where a value had to be at an instant of the cycle; nil where that is no number.
func wayAt(g needle.Goal, cycle *needle.Cycle, t time.Time) *float64 {
	v := *g.Baseline + cycle.Elapsed(t)*(*g.Target-*g.Baseline)
	if !finite(v) {
		return nil
	}
	v = rounded(v, partPlaces)
	return &v
}
