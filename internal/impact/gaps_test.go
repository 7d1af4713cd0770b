package impact_test

import (
	"strings"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// told lists gaps by kind, what they are about and what is said of them.
func told(gaps []*needle.Gap) []string {
	var lines []string
	for _, g := range gaps {
		line := string(g.Kind)
		if g.KeyResult != nil {
			line += " " + g.KeyResult.Key()
		}
		keys := []string{line}
		for _, i := range g.Items {
			keys = append(keys, i.Key())
		}
		lines = append(lines, strings.Join(keys, " ")+": "+g.Evidence)
	}
	return lines
}

func TestGaps(t *testing.T) {
	t.Parallel()
	orphan := func(n int, effort *float64) func(*needle.AttributionFacts) {
		return func(f *needle.AttributionFacts) {
			i := item(n, 0)
			i.Effort = effort
			f.Items = append(f.Items, i)
			f.Transitions = append(f.Transitions, transition(n, todo, done, 20, 20))
		}
	}
	type changes = []func(*needle.AttributionFacts)
	for _, tc := range []struct {
		name    string
		changes changes
		want    []string
	}{
		{"none where work and result meet", nil, nil},
		{"orphans by effort", changes{func(f *needle.AttributionFacts) { f.Items[0].Effort = ptr(6.0) }, orphan(7, ptr(3.0)), orphan(5, nil)}, []string{
			"ORPHAN_WORK B-5 B-7: 3 points of effort in 2 items (1 without an estimate) of the 9 points of effort in 3 items (1 without an estimate) delivered from 2026-10-01 to 2026-11-10 serve no key result, 33 %; 20 % is allowed for keeping things running",
		}},
		{"no orphans within the allowance", changes{func(f *needle.AttributionFacts) { f.Items[0].Effort = ptr(16.0) }, orphan(7, ptr(4.0))}, nil},
		{"orphans by number where nothing is estimated", changes{orphan(7, nil)}, []string{
			"ORPHAN_WORK B-7: 1 item of the 2 items delivered from 2026-10-01 to 2026-11-10 serve no key result, 50 %; 20 % is allowed for keeping things running",
		}},
		{"an epic above orphans once, at any height", changes{orphan(7, nil), orphan(5, nil), func(f *needle.AttributionFacts) {
			f.Items[1].ParentID, f.Items = ptr(itemID(6)), append(f.Items, item(6, 5)) // B-5 is above B-6, which is open, above B-7.
		}}, []string{
			"ORPHAN_WORK B-7: 1 item of the 2 items delivered from 2026-10-01 to 2026-11-10 serve no key result, 50 %; 20 % is allowed for keeping things running",
		}},
		{"orphans that lie below each other in a ring", changes{orphan(7, nil), orphan(5, nil), func(f *needle.AttributionFacts) {
			f.Items[1].ParentID, f.Items[2].ParentID = ptr(itemID(5)), ptr(itemID(7))
		}}, []string{
			"ORPHAN_WORK B-5 B-7: 2 items of the 3 items delivered from 2026-10-01 to 2026-11-10 serve no key result, 67 %; 20 % is allowed for keeping things running",
		}},
		{"a key result without any link", changes{func(f *needle.AttributionFacts) {
			f.KeyResults = append(f.KeyResults, keyResult(2, needle.DirectionIncrease))
		}}, []string{"STARVED_KEY_RESULT KR-2: no work is linked to it"}},
		{"a key result whose work is long done", changes{func(f *needle.AttributionFacts) { f.AsOf = date(60); f.Policy.RecentDays = 30 }}, []string{
			"STARVED_KEY_RESULT KR-1: no open and no recent work; 1 item linked, delivered last on 2026-10-02",
		}},
		{"late work by the median cycle time", changes{late, took(20, 12, 10, 30)}, []string{
			"LATE_WORK KR-1 B-2: delivered on 2026-11-22 by the median cycle time of 12.0 days over 5 deliveries, its effect window opens on 2026-11-26, after the cycle's end on 2026-11-25",
		}},
		{"no late work while too few cycle times are known", changes{late, took(20, 12, 10)}, nil},
		{"no late work by deliveries of a season ago", changes{late, took(20, 12, 10, 30), func(f *needle.AttributionFacts) {
			for _, t := range f.Transitions[len(f.Transitions)-8:] {
				t.OccurredAt = t.OccurredAt.AddDate(0, 0, -80)
			}
		}}, nil},
		{"late work even if it were delivered at once", changes{late, func(f *needle.AttributionFacts) { f.AsOf = date(53) }}, []string{
			"LATE_WORK KR-1 B-2: even if it were delivered at once, its effect window opens on 2026-11-27, after the cycle's end on 2026-11-25",
		}},
		{"a link after the delivery", changes{func(f *needle.AttributionFacts) { f.Links[0].RecordedAt = date(9) }}, []string{
			"RETRO_FIT KR-1 B-1: linked on 2026-10-10, after its delivery on 2026-10-02",
		}},
		{"links of five items after their deliveries, in one line", changes{func(f *needle.AttributionFacts) {
			for n := 2; n <= 5; n++ {
				f.Links, f.Items = append(f.Links, work{lagMax: 3}.link(n)), append(f.Items, item(n, 0))
				f.Transitions = append(f.Transitions, transition(n, todo, done, 2, 2))
			}
			for _, l := range f.Links {
				l.RecordedAt = date(9)
			}
		}}, []string{
			"RETRO_FIT KR-1 B-1 B-2 B-3 B-4 B-5: 5 items; B-1: linked on 2026-10-10, after its delivery on 2026-10-02; " +
				"B-2: linked on 2026-10-10, after its delivery on 2026-10-03; B-3: linked on 2026-10-10, after its delivery on 2026-10-03; and 2 more",
		}},
		{"a key result written after its work began", changes{func(f *needle.AttributionFacts) { f.KeyResults[0].CreatedAt = date(0) }}, []string{
			"RETRO_FIT KR-1 B-1: the key result was written on 2026-10-01, after work on it began on 2026-09-29",
		}},
		{"an item on four key results", changes{func(f *needle.AttributionFacts) {
			for kr := 11; kr <= 13; kr++ {
				v := work{}.link(kr)
				v.ItemID, v.KeyResultID = itemID(1), krID(kr)
				f.Links = append(f.Links, v)
			}
		}}, []string{"SPRAY_LINKS B-1: linked to 4 key results; more than 3 is taken for spray"}},
		{"no line for an item above that serves only other teams", changes{func(f *needle.AttributionFacts) {
			f.Items = append(f.Items, item(9, 0))
			f.Items[0].ParentID = ptr(itemID(9))
			for kr := 11; kr <= 14; kr++ {
				v := work{}.link(kr)
				v.ItemID, v.KeyResultID = itemID(9), krID(kr)
				f.Links = append(f.Links, v)
			}
		}}, nil},
		{"a unit of output", changes{func(f *needle.AttributionFacts) { f.KeyResults[0].Unit = "story points" }}, []string{
			"OUTPUT_KEY_RESULT KR-1: its unit counts what the team puts out",
		}},
		{"a value that counts deliveries", changes{counting}, []string{
			"OUTPUT_KEY_RESULT KR-1: its value went up by 2 while 2 linked items were delivered, in step at each of 4 check-ins",
		}},
		{"a dead bet", changes{func(f *needle.AttributionFacts) {
			for _, c := range f.CheckIns[12:] {
				c.Value -= 20
			}
		}}, []string{"DEAD_BET KR-1 B-1: the effect windows of 1 of 1 linked item are over, 100 %; 1 could be judged, and none showed a signal"}},
		{"no dead bet where an experiment was made", changes{func(f *needle.AttributionFacts) {
			for _, c := range f.CheckIns[12:] {
				c.Value -= 20
			}
			*f = adding(*f, work{delivered: 2, lagMax: 3})
			f.Experiments = []*needle.Experiment{{ContributionID: f.Links[1].ID, Source: "A/B test 7", Low: 1, High: 2, RecordedAt: date(9)}}
		}}, nil},
		{"no dead bet that nobody could judge", changes{func(f *needle.AttributionFacts) { f.CheckIns = nil }}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := risen()
			f.Policy.RecentDays = 45
			for _, c := range tc.changes {
				c(&f)
			}
			equal(t, "gaps", tc.want, told(impact.Gather(f).Gaps()))
		})
	}
}

// late adds open work that started on a day, in a cycle that ends on day 55, with at least four days of lag.
func late(f *needle.AttributionFacts) {
	f.AsOf = date(50)
	f.Cycle = &needle.Cycle{StartsOn: needle.Date{Time: date(0)}, EndsOn: needle.Date{Time: date(54)}}
	f.Links, f.Items = append(f.Links, work{lagMin: 4, lagMax: 8}.link(2)), append(f.Items, item(2, 0))
	f.Transitions = append(f.Transitions, transition(2, todo, started, 40, 40))
}

// took adds work of the team that took so many days and was delivered before the window, beside the item that took three.
func took(days ...int) func(*needle.AttributionFacts) {
	return func(f *needle.AttributionFacts) {
		for i, n := range days {
			f.Items = append(f.Items, item(50+i, 0))
			f.Transitions = append(f.Transitions, transition(50+i, todo, started, -30, -30), transition(50+i, started, done, n-30, n-30))
		}
	}
}

// counting makes the key result count the two items that are delivered for it.
func counting(f *needle.AttributionFacts) {
	*f = adding(*f, work{delivered: 10, lagMax: 100})
	f.CheckIns = nil
	for i, v := range []float64{40, 41, 42, 42} {
		day := []int{0, 5, 15, 30}[i]
		f.CheckIns = append(f.CheckIns, checkIn(i+1, v, day, day))
	}
}

func TestForecastDelivery(t *testing.T) {
	t.Parallel()
	policy := needle.DefaultAttributionPolicy()
	times := []float64{3, 10, 4, 30, 8}
	median := ptr(8.0)
	for _, tc := range []struct {
		name    string
		started *time.Time
		times   []float64
		want    *needle.DeliveryForecast
	}{
		{"work under way", on(18), times, &needle.DeliveryForecast{At: date(26), MedianDays: median, Points: 5}},
		{"work not begun", nil, times, &needle.DeliveryForecast{At: date(28), MedianDays: median, Points: 5}},
		{"work that takes longer", on(2), times, &needle.DeliveryForecast{At: date(20), MedianDays: median, Points: 5}},
		{"too few deliveries", on(18), times[1:], &needle.DeliveryForecast{At: date(20), Points: 4}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "forecast", tc.want, impact.ForecastDelivery(tc.started, tc.times, policy, date(20)))
		})
	}
}

func TestLineUp_cannotTellFromFewDeliveries(t *testing.T) {
	t.Parallel()
	l := impact.Gather(risen()).LineUp(1)
	if l.Percentile != nil || l.Difference != nil || l.Note == "" || l.Deliveries != 1 {
		t.Errorf("%+v", l)
	}
}

func TestCalibrate(t *testing.T) {
	t.Parallel()
	f := risen() // A rise of 18 where 15 to 25 was expected, in a cycle of 30 days that ends at 120.
	f.Cycle = &needle.Cycle{StartsOn: needle.Date{Time: date(0)}, EndsOn: needle.Date{Time: date(29)}}
	f.CheckIns[12].Confidence, f.CheckIns[13].Confidence = ptr(0.5), ptr(0.9)
	f.CheckIns[10].Confidence = ptr(0.0) // From before the cycle.
	goal := &needle.GoalVersion{KeyResultID: krID(1), Goal: needle.Goal{Baseline: ptr(100.0), Target: ptr(115.0)}, ValidFrom: date(-9), RecordedAt: date(-9)}
	f.Goals = []*needle.GoalVersion{goal}
	missed := risen()
	missed.Cycle, missed.Links[0].ExpectedLow, missed.Links[0].ExpectedHigh = f.Cycle, ptr(40.0), ptr(80.0)
	missed.Goals = []*needle.GoalVersion{{KeyResultID: krID(1), Goal: needle.Goal{Baseline: ptr(100.0), Target: ptr(150.0)}, ValidFrom: date(-9), RecordedAt: date(-9)}}
	missed.CheckIns[14].Confidence = ptr(0.8)

	c := impact.Calibrate([]needle.AttributionFacts{f, missed})
	want := &needle.Calibration{
		Judged: 2, Inside: 1, InsideShare: ptr(0.5), InsideLow: ptr(0.0125791), InsideHigh: ptr(0.9874209),
		RealisedToExpected: ptr((18.0/20 + 18.0/60) / 2), Ratios: 2,
		Brier: ptr(((0.25+0.01)/2 + 0.64) / 2), Forecasts: 2,
		ByVerdict: []*needle.VerdictCount{
			{Verdict: needle.VerdictInside, Count: 1},
			{Verdict: needle.VerdictBelow, Count: 1},
			{Verdict: needle.VerdictAbove},
			{Verdict: needle.VerdictOpposite},
			{Verdict: needle.VerdictUntestable},
		},
		LatestDueAt: ptr(date(15)),
	}
	equal(t, "calibration", want, c, approximately(1e-6))

	lowered := f // A target that is moved once the cycle is over makes no forecast come true.
	lowered.Goals = []*needle.GoalVersion{goal, {KeyResultID: krID(1), Version: 2, Goal: needle.Goal{Baseline: ptr(100.0), Target: ptr(500.0)}, ValidFrom: date(30), RecordedAt: date(35)}}
	equal(t, "Brier score", impact.Calibrate([]needle.AttributionFacts{f}).Brier, impact.Calibrate([]needle.AttributionFacts{lowered}).Brier)

	running := impact.Calibrate([]needle.AttributionFacts{risen()})
	if running.Brier != nil || running.Forecasts != 0 {
		t.Error("confidence is judged before the cycle is over")
	}
	if none := impact.Calibrate(nil); none.InsideShare != nil || none.RealisedToExpected != nil || none.Brier != nil {
		t.Errorf("of nothing: %+v", none)
	}
}
