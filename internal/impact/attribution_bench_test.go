package impact_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// busyTeam is a team with 50 key results, 13 weeks of daily check-ins and 2,000 contributions.
func busyTeam() needle.AttributionFacts {
	f := needle.AttributionFacts{Policy: needle.DefaultAttributionPolicy()}
	f.Team, f.Since, f.AsOf = &needle.Team{ID: teamID(ownTeam)}, date(0), date(91)
	for kr := 1; kr <= 50; kr++ {
		k := keyResult(kr, needle.DirectionIncrease)
		k.CadenceDays, k.LagMaxDays = 1, 14
		f.KeyResults = append(f.KeyResults, k)
		for day := range 91 {
			c := checkIn(day, float64((day*day*kr)%97)/10, day, day)
			c.ID.UUID[0], c.KeyResultID = byte(kr), krID(kr)
			f.CheckIns = append(f.CheckIns, c)
		}
	}
	for n := range 2000 {
		it := item(n, 0)
		it.ID.UUID[14] = byte(n >> 8)
		v := serves(n, n, 1+n%50)
		v.ItemID, v.ExpectedLow, v.ExpectedHigh = it.ID, ptr(1.0), ptr(3.0)
		tr := transition(n, todo, done, 45+n%46, 45+n%46)
		tr.ItemID = it.ID
		f.Items, f.Links, f.Transitions = append(f.Items, it), append(f.Links, v), append(f.Transitions, tr)
	}
	return f
}

// BenchmarkAttribution grades every contribution of a busy team, finds the gaps and breaks every key result's movement
// down; the goal is 20 ms of CPU.
func BenchmarkAttribution(b *testing.B) {
	f := busyTeam()
	b.ReportAllocs()
	for b.Loop() {
		e := impact.Gather(f)
		e.Gaps()
		for _, kr := range f.KeyResults {
			e.Breakdown(kr.ID, f.Since, f.AsOf)
		}
	}
}

// BenchmarkLineUp draws 1,000 shifts of a busy team's deliveries.
func BenchmarkLineUp(b *testing.B) {
	e := impact.Gather(busyTeam())
	b.ReportAllocs()
	for b.Loop() {
		e.LineUp(1)
	}
}
