package impact

import (
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// GapReport returns a team's gaps of some kinds, or of all where kinds is nil, with the window, the thresholds and the age
// of the data that they rest on.
func (e *Evidence) GapReport(kinds []needle.GapKind) *needle.GapReport {
	r := &needle.GapReport{
		Team: e.facts.Team, Cycle: e.facts.Cycle, Since: e.since, AsOf: e.asOf, KeyResults: len(e.keyResults),
		DataAge: e.dataAge(), AttributionPolicy: e.facts.Policy, Gaps: e.Gaps(),
	}
	for _, item := range e.items {
		if e.delivered(item) {
			r.Deliveries++
		}
	}
	if kinds != nil {
		r.Gaps = slices.DeleteFunc(r.Gaps, func(g *needle.Gap) bool { return !slices.Contains(kinds, g.Kind) })
	}
	return r
}

// delivered reports whether an item was delivered by the team in the window.
func (e *Evidence) delivered(item *needle.BacklogItem) bool {
	return item != nil && item.TeamID == e.team && e.work[item.ID].DeliveredBetween(e.since, e.asOf)
}

// dataAge tells how old the values of the key results under review are, and the tracker data of the work that was linked to
// them or delivered in the window. Of other items it is not known at AsOf that they have anything to do with either.
func (e *Evidence) dataAge() needle.DataAge {
	var d needle.DataAge
	for _, kr := range e.keyResults {
		if n := e.series[kr.ID].measuredBy(e.asOf); n > 0 {
			d.LatestAt = latestOf(d.LatestAt, e.series[kr.ID].points[n-1].MeasuredAt)
		}
	}
	concerned := map[needle.BacklogItemID]bool{}
	for _, attempts := range e.attempts {
		for _, a := range attempts {
			concerned[a.item.ID] = true
		}
	}
	var oldest *time.Time
	for id, read := range e.facts.TrackerReadAt {
		if !concerned[id] && !e.delivered(e.items[id]) {
			continue
		}
		if oldest == nil || read.Before(*oldest) {
			oldest = &read
		}
	}
	if oldest == nil {
		return d
	}
	d.TrackerStale = stale(oldest, e.asOf, e.facts.Policy)
	if !oldest.IsZero() {
		d.TrackerReadAt = oldest
	}
	return d
}

// latestOf returns the later one of an instant and another that may be unknown.
func latestOf(last *time.Time, at time.Time) *time.Time {
	if last == nil || at.After(*last) {
		return &at
	}
	return last
}
