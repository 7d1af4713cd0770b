package impact_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// TestCalibrations_cutEachTeamsOwn draws key results of several teams and cycles whose facts were read together. Each team
// is told what its own facts alone tell.
func TestCalibrations_cutEachTeamsOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := drawAttribution(t)
		teams := []*needle.Team{{ID: teamID(1)}, {ID: teamID(2)}, {ID: teamID(3)}}
		f := needle.CalibrationFacts{AttributionFacts: whole}
		f.Cycle = nil
		for n := range 2 {
			cycle := *whole.Cycle
			cycle.ID, cycle.StartsOn = cycleID(n+1), needle.Date{Time: date(-10 * n)}
			f.Cycles = append(f.Cycles, &cycle)
		}
		own := map[needle.TeamID]map[*needle.Cycle]needle.AttributionFacts{}
		for _, kr := range f.KeyResults {
			team := teams[rapid.IntRange(0, 1).Draw(t, "team")]
			cycle := f.Cycles[rapid.IntRange(0, 1).Draw(t, "cycle")]
			kr.TeamID, kr.CycleID = team.ID, cycle.ID
			if own[team.ID] == nil {
				own[team.ID] = map[*needle.Cycle]needle.AttributionFacts{}
			}
			alone, seen := own[team.ID][cycle]
			if !seen {
				alone = whole
				alone.Cycle, alone.KeyResults = cycle, nil
			}
			alone.KeyResults = append(alone.KeyResults, kr)
			own[team.ID][cycle] = alone
		}
		for i, got := range impact.Calibrations(teams, f) {
			var alone []needle.AttributionFacts
			var cycles []*needle.Cycle
			for n := range f.Cycles {
				cycle := f.Cycles[len(f.Cycles)-1-n] // The later ones begin earlier.
				if facts, ok := own[teams[i].ID][cycle]; ok {
					alone, cycles = append(alone, facts), append(cycles, cycle)
				}
			}
			want := impact.Calibrate(alone)
			want.Team, want.Since, want.AsOf, want.Cycles = teams[i], f.Since, f.AsOf, cycles
			equal(t, "calibration", want, got)
		}
	})
}

func TestCalibrations_leaveOutWhatWasNotKnown(t *testing.T) {
	t.Parallel()
	f := needle.CalibrationFacts{AttributionFacts: risen()}
	team, cycle := &needle.Team{ID: teamID(1)}, &needle.Cycle{StartsOn: needle.Date{Time: date(0)}, EndsOn: needle.Date{Time: date(89)}}
	f.Cycles = []*needle.Cycle{cycle}
	f.KeyResults[0].TeamID = team.ID
	if c := impact.Calibrations([]*needle.Team{team}, f)[0]; len(c.Cycles) != 1 || c.Judged != 1 || !c.LatestDueAt.Before(f.AsOf) {
		t.Errorf("known: %+v", c)
	}
	f.KeyResults[0].CreatedAt = f.AsOf.Add(1)
	if c := impact.Calibrations([]*needle.Team{team}, f)[0]; len(c.Cycles) != 0 || c.Judged != 0 || c.LatestDueAt != nil {
		t.Errorf("learnt of later: %+v", c)
	}
}

func TestGapReport_tellsHowOldItsDataIs(t *testing.T) {
	t.Parallel()
	f := risen()
	age := func(reads map[needle.BacklogItemID]int) needle.DataAge {
		f.TrackerReadAt = nil
		for id, day := range reads {
			if f.TrackerReadAt == nil {
				f.TrackerReadAt = map[needle.BacklogItemID]time.Time{}
			}
			f.TrackerReadAt[id] = f.AsOf.AddDate(0, 0, -day)
			if day < 0 {
				f.TrackerReadAt[id] = time.Time{}
			}
		}
		return impact.Gather(f).GapReport(nil).DataAge
	}
	latest := &f.CheckIns[len(f.CheckIns)-1].MeasuredAt
	for _, c := range f.CheckIns {
		if c.MeasuredAt.After(*latest) {
			latest = &c.MeasuredAt
		}
	}
	id, stranger := f.Items[0].ID, itemID(99)
	f.Items = append(f.Items, item(99, 0))
	at := func(days int) *time.Time { return ptr(f.AsOf.AddDate(0, 0, -days)) }
	equal(t, "native", needle.DataAge{LatestAt: latest}, age(nil))
	equal(t, "fresh", needle.DataAge{LatestAt: latest, TrackerReadAt: at(2)}, age(map[needle.BacklogItemID]int{id: 2}))
	equal(t, "stale", needle.DataAge{LatestAt: latest, TrackerReadAt: at(3), TrackerStale: true}, age(map[needle.BacklogItemID]int{id: 3}))
	equal(t, "never read", needle.DataAge{LatestAt: latest, TrackerStale: true}, age(map[needle.BacklogItemID]int{id: -1}))
	equal(t, "of work that has nothing to do with it", needle.DataAge{LatestAt: latest}, age(map[needle.BacklogItemID]int{stranger: 9}))
}
