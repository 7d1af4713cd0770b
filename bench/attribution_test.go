package bench_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// The size of a busy team, with 13 weeks of daily check-ins.
const busyKeyResults, busyDays, busyContributions = 50, 91, 2000

// busyTeam is a team whose deliveries come in the second half of a quarter, 40 for each key result, most of whose effect
// windows overlap. Every tenth item lies below another one.
func busyTeam() needle.AttributionFacts {
	day := func(n int) time.Time { return time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
	id := func(kind, n int) uuid.UUID { return uuid.UUID{14: byte(n >> 8), 15: byte(n), 0: byte(kind)} }
	number := func(v float64) *float64 { return &v }
	f := needle.AttributionFacts{Policy: needle.DefaultAttributionPolicy()}
	f.Team, f.Since, f.AsOf = &needle.Team{ID: needle.TeamID{UUID: id(1, 1)}}, day(0), day(busyDays)
	for n := range busyKeyResults {
		kr := &needle.KeyResult{
			ID: needle.KeyResultID{UUID: id(2, n)}, Number: n + 1, Direction: needle.DirectionIncrease, Weight: 1,
			CadenceDays: 1, LagMaxDays: 14, Stamp: needle.Stamp{CreatedAt: day(-100)},
		}
		f.KeyResults = append(f.KeyResults, kr)
		for d := range busyDays {
			f.CheckIns = append(f.CheckIns, &needle.CheckIn{
				ID: needle.CheckInID{UUID: id(3, n*busyDays+d)}, KeyResultID: kr.ID, Value: float64((d*d*(n+1))%97) / 10,
				MeasuredAt: day(d), RecordedAt: day(d),
			})
		}
	}
	for n := range busyContributions {
		item := &needle.BacklogItem{ID: needle.BacklogItemID{UUID: id(4, n)}, Number: n + 1, TeamID: f.Team.ID}
		if n%10 == 0 && n >= busyKeyResults {
			item.ParentID = &f.Items[n-busyKeyResults].ID // For the same key result.
		}
		link := &needle.ContributionVersion{RecordedAt: day(-50)}
		link.ID, link.ItemID, link.KeyResultID = needle.ContributionID{UUID: id(5, n)}, item.ID, f.KeyResults[n%busyKeyResults].ID
		link.Version, link.ValidFrom, link.ExpectedLow, link.ExpectedHigh = 1, day(-50), number(1), number(3)
		from := needle.StatusTodo
		f.Items, f.Links = append(f.Items, item), append(f.Links, link)
		f.Transitions = append(f.Transitions, &needle.ItemTransition{
			ItemID: item.ID, From: &from, To: needle.StatusDone, OccurredAt: day(45 + n%46), RecordedAt: day(45 + n%46),
		})
	}
	return f
}

// BenchmarkAttribution computes everything that a review of a busy team shows of attribution: grades, bounds, verdicts,
// gaps, the line-up test, and every key result's chart and breakdown. The goal is 20 ms of CPU, which is measured apart from
// the time that passes.
func BenchmarkAttribution(b *testing.B) {
	f := busyTeam()
	b.ReportAllocs()
	from := spent(b)
	for b.Loop() {
		e := impact.Gather(f)
		e.Gaps()
		e.LineUp(1)
		for _, kr := range f.KeyResults {
			e.Breakdown(kr.ID, f.Since, f.AsOf)
			e.Chart(kr.ID, needle.SignalRules())
		}
	}
	b.ReportMetric(float64((spent(b)-from).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

// BenchmarkGather computes the grades alone, as after a check-in.
func BenchmarkGather(b *testing.B) {
	f := busyTeam()
	b.ReportAllocs()
	for b.Loop() {
		impact.Gather(f)
	}
}

// BenchmarkExplanation words 2,000 explanations, of which a page asks for a few.
func BenchmarkExplanation(b *testing.B) {
	attributions := impact.Gather(busyTeam()).Attributions()
	b.ReportAllocs()
	for b.Loop() {
		for _, a := range attributions {
			a.Explanation()
		}
	}
}

// spent returns the CPU time of this process so far, with that of the garbage collector.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
