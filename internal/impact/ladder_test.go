package impact_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// climb is the story of a pain point that goes up the ladder, a rung every ten days from day 10.
func climb() *story {
	s := newStory()
	s.cycle(1, 0)
	s.pain(1, 4, needle.PainOpen, 10)
	s.evidence(1, 15)
	s.evidence(1, 20)
	s.objective(1, needle.ObjectiveDraft, 22)
	s.address(1, 1, 23)
	s.objective(1, needle.ObjectiveAgreed, 25)
	s.cycleIs(1, needle.CycleActive, 30)
	s.keyResult(1, 1, 32)
	s.goal(1, needle.Goal{Baseline: ptr(14.0)}, 32)
	s.goal(1, measured(), 40)
	s.item(1, 41)
	s.move(1, nil, needle.StatusTodo, 41)
	s.link(1, 1, 42)
	s.move(1, status(needle.StatusTodo), needle.StatusInProgress, 50)
	s.move(1, status(needle.StatusInProgress), needle.StatusDone, 60)
	s.pain(1, 4, needle.PainRelieved, 70)
	return s
}

// rungOf returns where pain point 1 stood at the end of a day; empty when it stood nowhere.
func rungOf(s *story, day int) needle.Rung {
	if standing := impact.Standings(s.CentricityFacts, date(day))[painID(1)]; standing != nil {
		return standing.Rung
	}
	return ""
}

func TestStandings_climbRungByRung(t *testing.T) {
	t.Parallel()
	s := climb()
	got := map[int]needle.Rung{}
	want := map[int]needle.Rung{
		9: "", 10: needle.RungCaptured, 19: needle.RungCaptured, 20: needle.RungEvidenced, 29: needle.RungEvidenced,
		30: needle.RungAdopted, 39: needle.RungAdopted, 40: needle.RungMeasured, 49: needle.RungMeasured,
		50: needle.RungWorkedOn, 59: needle.RungWorkedOn, 60: needle.RungDelivered, 69: needle.RungDelivered, 70: needle.RungRelieved,
	}
	for day := range want {
		got[day] = rungOf(s, day)
	}
	equal(t, "rungs by day", want, got)
}

func TestStandings_fallWithWhatTheyRestOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then func(*story)
		want needle.Rung
	}{
		"the work is reopened": {func(s *story) {
			s.move(1, status(needle.StatusDone), needle.StatusTodo, 65)
		}, needle.RungMeasured},
		"the work is dropped": {func(s *story) {
			s.move(1, status(needle.StatusDone), needle.StatusDropped, 65)
		}, needle.RungMeasured},
		"the link ends": {func(s *story) {
			end := *s.Links[0]
			end.Version, end.ValidFrom, end.RecordedAt, end.Ended = 2, date(65), date(65), true
			s.Links = append(s.Links, &end)
		}, needle.RungMeasured},
		"the target is taken away":         {func(s *story) { s.goal(1, needle.Goal{Baseline: ptr(14.0)}, 65) }, needle.RungAdopted},
		"the objective is proposed anew":   {func(s *story) { s.objective(1, needle.ObjectiveProposed, 65) }, needle.RungEvidenced},
		"the cycle is closed":              {func(s *story) { s.cycleIs(1, needle.CycleClosed, 65) }, needle.RungEvidenced},
		"the objective lets go of it":      {func(s *story) { s.Addressed[0].To = ptr(date(65)) }, needle.RungEvidenced},
		"it is dismissed":                  {func(s *story) { s.pain(1, 4, needle.PainDismissed, 65) }, ""},
		"it is merged into another":        {func(s *story) { s.pain(2, 3, needle.PainOpen, 1); s.merge(1, 2, 65) }, ""},
		"a merge is undone":                {func(s *story) { s.pain(2, 3, needle.PainOpen, 1); s.merge(1, 2, 62); s.pain(1, 4, needle.PainOpen, 65) }, needle.RungDelivered},
		"nothing":                          {func(*story) {}, needle.RungDelivered},
		"another objective has not begun":  {func(s *story) { s.objective(2, needle.ObjectiveAgreed, 62); s.address(2, 1, 62) }, needle.RungDelivered},
		"the work below it is in progress": {belowIsInProgress, needle.RungWorkedOn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := climb()
			c.then(s)
			equal(t, "rung", c.want, rungOf(s, 66))
		})
	}
}

// belowIsInProgress takes the work back and starts an item below it.
func belowIsInProgress(s *story) {
	s.move(1, status(needle.StatusDone), needle.StatusTodo, 62)
	parent := itemID(1)
	s.item(2, 63).ParentID = &parent
	s.move(2, nil, needle.StatusInProgress, 63)
}

func TestStandings_measuresWhatCanTell(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*needle.KeyResult)
		goal   needle.Goal
		want   needle.Rung
	}{
		"a baseline and a target": {func(*needle.KeyResult) {}, measured(), needle.RungMeasured},
		"a baseline alone":        {func(*needle.KeyResult) {}, needle.Goal{Baseline: ptr(1.0)}, needle.RungAdopted},
		"a target alone":          {func(*needle.KeyResult) {}, needle.Goal{Target: ptr(1.0)}, needle.RungAdopted},
		"a band to keep": {
			func(k *needle.KeyResult) { k.Direction = needle.DirectionMaintain }, needle.Goal{BandHigh: ptr(1.0)}, needle.RungMeasured,
		},
		"no band to keep": {
			func(k *needle.KeyResult) { k.Direction = needle.DirectionMaintain }, measured(), needle.RungAdopted,
		},
		"a milestone": {
			func(k *needle.KeyResult) { k.Kind = needle.KindMilestone }, needle.Goal{}, needle.RungMeasured,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := climb()
			c.change(s.KeyResults[0])
			s.Goals = nil
			s.goal(1, c.goal, 33)
			equal(t, "rung", c.want, rungOf(s, 40))
		})
	}
}

func TestStandings_weighsEachReporterOnce(t *testing.T) {
	t.Parallel()
	s := newStory()
	s.pain(1, 5, needle.PainOpen, 0)
	s.pain(2, 1, needle.PainOpen, 0)
	s.segment(1, "Banks", 4, 0)
	s.segment(1, "Banks", 3, 5)
	s.segment(2, "shops", 1, 0)
	s.report(1, "Ada", "shops", 1)
	s.report(1, "ADA ", "banks", 2) // She is counted once, and where she was last placed.
	s.report(1, "Bo", "", 2)
	s.report(2, "bo", "nowhere", 2)
	s.report(2, "Cy", "", 2)
	s.evidence(2, 3)
	s.merge(2, 1, 10)
	s.report(2, "Di", "banks", 20)
	standing := func(day int) *needle.PainStanding {
		return impact.Standings(s.CentricityFacts, date(day))[painID(1)]
	}
	want := func(reporters int, segmentWeight float64) *needle.PainStanding {
		return &needle.PainStanding{
			PainPointID: painID(1), Rung: needle.RungCaptured, Severity: 5, Reporters: reporters, SegmentWeight: segmentWeight,
			Weight: impact.Weight(5, reporters, segmentWeight),
		}
	}
	equal(t, "before anybody spoke", want(0, 1), standing(0))
	equal(t, "one reporter", want(1, 1), standing(1))
	equal(t, "two", want(2, 2.5), standing(4))
	equal(t, "a segment weighs less", want(2, 2), standing(9))
	merged := want(3, 5.0/3)
	merged.FreshEvidence, merged.NewestEvidenceAt = 1, ptr(date(3))
	equal(t, "a duplicate is merged", merged, standing(10))
	merged = want(4, 2)
	merged.FreshEvidence, merged.NewestEvidenceAt = 1, ptr(date(3))
	equal(t, "the duplicate is reported", merged, standing(20))
	if got := standing(10).Weight; !cmp.Equal(5*2*5.0/3, got, closely()) {
		t.Errorf("5 × log2(1 + 3) × 5/3 = %v", got)
	}
}

func TestStandings_countsEvidenceWhileItIsFresh(t *testing.T) {
	t.Parallel()
	s := climb()
	s.Objectives = nil
	for day, want := range map[int]needle.Rung{20: needle.RungEvidenced, 105: needle.RungRelieved} {
		equal(t, "rung", want, rungOf(s, day))
	}
	s.Pains = s.Pains[:1]
	equal(t, "ninety days later", needle.RungEvidenced, rungOf(s, 105))
	equal(t, "a day after that", needle.RungCaptured, rungOf(s, 106))
}

func TestStandings_showsAdoptionWithoutEvidence(t *testing.T) {
	t.Parallel()
	s := climb()
	s.Evidence = s.Evidence[:1]
	got := impact.Standings(s.CentricityFacts, date(66))[painID(1)]
	if got.Rung != needle.RungDelivered || !got.WithoutEvidence || got.FreshEvidence != 1 {
		t.Errorf("%+v", got)
	}
}

func TestStandings_survivesMergesInARing(t *testing.T) {
	t.Parallel()
	s := newStory()
	for n := 1; n <= 3; n++ {
		s.pain(n, 3, needle.PainOpen, 0)
		s.merge(n, n%3+1, 1)
	}
	equal(t, "standings", map[needle.PainPointID]*needle.PainStanding{}, impact.Standings(s.CentricityFacts, date(2)))
}
