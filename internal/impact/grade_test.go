package impact_test

import (
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// risen is a key result that lay about 100 for twelve weeks, got B-1 on day 1 and stands at 120 from day 7 on. As of day
// 40 the effect window, two weeks, is over.
func risen() needle.AttributionFacts {
	kr := keyResult(1, needle.DirectionIncrease)
	kr.CadenceDays, kr.LagMaxDays, kr.CreatedAt, kr.Unit = 7, 14, date(-200), "%"
	f := needle.AttributionFacts{Policy: needle.DefaultAttributionPolicy()}
	f.Team, f.Since, f.AsOf, f.KeyResults = &needle.Team{ID: teamID(ownTeam)}, date(0), date(40), []*needle.KeyResult{kr}
	for i, v := range []float64{100, 102, 99, 101, 98, 100, 103, 99, 101, 100, 98, 101, 120, 119, 121, 120, 120} {
		f.CheckIns = append(f.CheckIns, checkIn(i+1, v, 7*i-77, 7*i-77)) // The last one before the delivery on day 1.
	}
	v := work{lagMax: 14, low: 15, high: 25}.link(1)
	f.Items, f.Links = []*needle.BacklogItem{item(1, 0)}, []*needle.ContributionVersion{v}
	f.Transitions = []*needle.ItemTransition{transition(1, todo, started, -2, -2), transition(1, started, done, 1, 1)}
	return f
}

func TestGrade_firstThatAppliesCounts(t *testing.T) {
	t.Parallel()
	experiment := func(f *needle.AttributionFacts) {
		f.Experiments = []*needle.Experiment{{ContributionID: linkID(1), Source: "A/B test 7", Estimate: 12, Low: 8, High: 16, RecordedAt: date(10)}}
	}
	stale := func(f *needle.AttributionFacts) {
		f.TrackerReadAt = map[needle.BacklogItemID]time.Time{itemID(1): date(30)}
	}
	beside := func(f *needle.AttributionFacts) { *f = adding(*f, work{delivered: 5, lagMax: 7}) }
	undelivered := func(f *needle.AttributionFacts) { f.Transitions = f.Transitions[:1] }
	event := func(f *needle.AttributionFacts) {
		f.OutsideEvents = []*needle.OutsideEvent{{KeyResultID: krID(1), Title: "Spring sale", From: date(3), To: date(4), RecordedAt: date(5)}}
	}
	against := func(f *needle.AttributionFacts) { f.KeyResults[0].Direction = needle.DirectionDecrease }
	guard := func(f *needle.AttributionFacts) { f.KeyResults[0].Direction = needle.DirectionMaintain }
	lateLink := func(f *needle.AttributionFacts) { f.Links[0].RecordedAt = date(9) }
	flat := func(f *needle.AttributionFacts) {
		for _, c := range f.CheckIns[12:] {
			c.Value -= 20
		}
	}
	type change = func(*needle.AttributionFacts)
	for _, tc := range []struct {
		name    string
		changes []change
		want    needle.Grade
		missing []needle.Missing
		doubts  []needle.Doubt
	}{
		{"alone with a signal", nil, needle.GradeSoleCandidate, nil, nil},
		{"an experiment before all else", []change{experiment, stale, undelivered}, needle.GradeTested, nil, nil},
		{"an experiment that was taken back", []change{experiment, func(f *needle.AttributionFacts) { f.Experiments[0].RemovedAt = ptr(date(20)) }}, needle.GradeSoleCandidate, nil, nil},
		{"an experiment attached later", []change{experiment, func(f *needle.AttributionFacts) { f.Experiments[0].RecordedAt = date(41) }}, needle.GradeSoleCandidate, nil, nil},
		{"stale tracker data before the missing delivery", []change{stale, undelivered}, needle.GradeInsufficientData, []needle.Missing{needle.MissingTracker}, nil},
		{"not delivered", []change{undelivered}, needle.GradeNotDelivered, nil, nil},
		{"a day before the window ends", []change{func(f *needle.AttributionFacts) { f.AsOf = date(14) }}, needle.GradeTooEarly, nil, nil},
		{"at the instant the window ends", []change{func(f *needle.AttributionFacts) { f.AsOf = date(15) }}, needle.GradeSoleCandidate, nil, nil},
		{"five days before the delivery", []change{func(f *needle.AttributionFacts) { f.CheckIns = f.CheckIns[7:] }}, needle.GradeInsufficientData, []needle.Missing{needle.MissingBaseline}, nil},
		{"no check-in in the window", []change{func(f *needle.AttributionFacts) { f.CheckIns = f.CheckIns[:12] }}, needle.GradeInsufficientData, []needle.Missing{needle.MissingEnd}, nil},
		{"no check-in before", []change{func(f *needle.AttributionFacts) { f.CheckIns = f.CheckIns[12:] }}, needle.GradeInsufficientData, []needle.Missing{needle.MissingBaseline, needle.MissingOpening}, nil},
		{"nothing about the opening", []change{func(f *needle.AttributionFacts) { f.CheckIns = append(f.CheckIns[:9:9], f.CheckIns[12:]...) }}, needle.GradeInsufficientData, []needle.Missing{needle.MissingOpening}, nil},
		{"values that never varied", []change{func(f *needle.AttributionFacts) {
			for _, c := range f.CheckIns[:12] {
				c.Value = 100
			}
		}}, needle.GradeInsufficientData, []needle.Missing{needle.MissingVariation}, nil},
		{"a value that had gone before", []change{func(f *needle.AttributionFacts) {
			*f = adding(*f, work{delivered: -4, lagMax: 1})
			f.CheckIns[11].Value = 125
		}}, needle.GradeInsufficientData, []needle.Missing{needle.MissingQuiet}, nil},
		{"within routine variation", []change{flat}, needle.GradeNoMovementSeen, nil, nil},
		{"routine before shared", []change{flat, beside}, needle.GradeNoMovementSeen, nil, []needle.Doubt{needle.DoubtOtherWork}},
		{"the wrong way", []change{against}, needle.GradeMovedAgainst, nil, nil},
		{"the wrong way before shared", []change{against, beside}, needle.GradeMovedAgainst, nil, []needle.Doubt{needle.DoubtOtherWork}},
		{"shared with other work", []change{beside}, needle.GradeSharedMovement, nil, []needle.Doubt{needle.DoubtOtherWork}},
		{"shared with an event", []change{event}, needle.GradeSharedMovement, nil, []needle.Doubt{needle.DoubtOutsideEvent}},
		{"linked when it could be seen", []change{lateLink}, needle.GradeSharedMovement, nil, []needle.Doubt{needle.DoubtYoungerLink}},
		{"everything at once", []change{beside, event, lateLink}, needle.GradeSharedMovement, nil, []needle.Doubt{needle.DoubtOtherWork, needle.DoubtOutsideEvent, needle.DoubtYoungerLink}},
		{"an event that was taken back", []change{event, func(f *needle.AttributionFacts) { f.OutsideEvents[0].RemovedAt = ptr(date(6)) }}, needle.GradeSoleCandidate, nil, nil},
		{"an epic above it is the same work", []change{beside, func(f *needle.AttributionFacts) { f.Items[0].ParentID = ptr(itemID(250)) }}, needle.GradeSoleCandidate, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := risen()
			for _, c := range tc.changes {
				c(&f)
			}
			all := impact.Gather(f).Attributions()
			a := all[0]
			equal(t, "grade", tc.want, *a.Grade)
			equal(t, "missing", tc.missing, a.Missing)
			equal(t, "doubts", tc.doubts, a.Doubts)
		})
	}
	t.Run("a guard has none", func(t *testing.T) {
		t.Parallel()
		f := risen()
		guard(&f)
		equal(t, "grade", nil, impact.Gather(f).Attributions()[0].Grade)
	})
}

func TestAttribution_countsAnEpicAndItsWorkOnce(t *testing.T) {
	t.Parallel()
	f := risen()
	for n := 2; n <= 4; n++ { // B-2 is the epic of B-3 and B-4.
		v := work{lagMax: 14}.link(n)
		f.Links, f.Items = append(f.Links, v), append(f.Items, item(n, 0))
		f.Transitions = append(f.Transitions, transition(n, todo, done, 2, 2))
	}
	f.Items[2].ParentID, f.Items[3].ParentID = ptr(itemID(2)), ptr(itemID(2))
	want := map[int]int{1: 3, 2: 2, 3: 3, 4: 3} // B-2 beside B-1; B-1, B-3 and B-4 beside each other.
	for _, a := range impact.Gather(f).Attributions() {
		equal(t, "candidates beside "+a.Item.Key(), want[a.Item.Number], a.Candidates)
	}
}
