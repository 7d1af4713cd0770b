package planning_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestAttribution_whatPeopleTellLateChangesTodayAndNotYesterday(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	event := func(_ testing.TB, s *story) {
		s.event = s.f.OutsideEvent(func(e *needle.OutsideEvent) {
			e.KeyResultID, e.Title, e.From, e.To, e.RecordedAt = s.rise.ID, "Winter sale", ago(38), ago(37), ago(36)
		})
	}
	experiment := func(_ testing.TB, s *story) {
		s.tested = s.f.Experiment(func(x *needle.Experiment) { x.ContributionID, x.Source, x.RecordedAt = s.moved.ID, "A/B 7", ago(30) })
	}
	const shared = "SHARED_MOVEMENT OUTSIDE_EVENT UNTESTABLE"
	for _, l := range []lateWrite{
		{
			name: "an outside event that is recorded late",
			write: func(t testing.TB, s *story) {
				_, err := s.planner.RecordOutsideEvent(s.ctx, needle.RecordOutsideEventInput{
					KeyResultIDs: []needle.KeyResultID{s.rise.ID}, Kind: needle.EventCampaign, Title: "Winter sale", From: ago(38),
				})
				if err != nil {
					t.Fatal(err)
				}
			},
			see: toldBy, was: alone + ": ", is: shared + ": Winter sale",
		},
		{
			name: "an outside event that is corrected", arrange: event,
			write: func(t testing.TB, s *story) {
				_, err := s.planner.CorrectOutsideEvent(s.ctx, needle.CorrectOutsideEventInput{ID: s.event.ID, Title: ptr("Sale of last summer"), From: ptr(ago(200)), To: ptr(ago(180))})
				if err != nil {
					t.Fatal(err)
				}
			},
			see: toldBy, was: shared + ": Winter sale", is: alone + ": ",
		},
		{
			name: "an outside event of which only the words are corrected", arrange: event,
			write: func(t testing.TB, s *story) {
				_, err := s.planner.CorrectOutsideEvent(s.ctx, needle.CorrectOutsideEventInput{ID: s.event.ID, Title: ptr("Holiday sale")})
				if err != nil {
					t.Fatal(err)
				}
			},
			see: toldBy, was: shared + ": Winter sale", is: shared + ": Holiday sale",
		},
		{
			name: "an outside event that is taken back", arrange: event,
			write: func(t testing.TB, s *story) {
				if _, err := s.planner.RemoveOutsideEvent(s.ctx, needle.RemoveOutsideEventInput{ID: s.event.ID}); err != nil {
					t.Fatal(err)
				}
			},
			see: toldBy, was: shared + ": Winter sale", is: alone + ": ",
		},
		{
			name: "an experiment that is attached",
			write: func(t testing.TB, s *story) {
				must[needle.Experiment](t)(s.planner.AttachExperiment(s.ctx, needle.AttachExperimentInput{ContributionID: s.moved.ID, Source: "A/B 7", Estimate: 2, Low: 1, High: 3}))
			},
			see: toldBy, was: alone + ": ", is: "TESTED BELOW: A/B 7",
		},
		{
			name: "another experiment that is attached", arrange: experiment,
			write: func(t testing.TB, s *story) {
				must[needle.Experiment](t)(s.planner.AttachExperiment(s.ctx, needle.AttachExperimentInput{ContributionID: s.moved.ID, Source: "A/B 8", Estimate: 17, Low: 16, High: 18}))
			},
			see: toldBy, was: "TESTED BELOW: A/B 7", is: "TESTED INSIDE: A/B 8",
		},
		{
			name: "an experiment that is taken back", arrange: experiment,
			write: func(t testing.TB, s *story) {
				must[needle.Experiment](t)(s.planner.RemoveExperiment(s.ctx, needle.RemoveExperimentInput{ID: s.tested.ID}))
			},
			see: toldBy, was: "TESTED BELOW: A/B 7", is: alone + ": ",
		},
	} {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.run(t, h)
		})
	}
}

// toldBy sees the grade of the story's link and the events and the experiment that it rests on.
func toldBy(s *story, e *impact.Evidence, f needle.AttributionFacts) string {
	var on []string
	a := s.ofMoved(e)
	for _, event := range a.Events {
		on = append(on, event.Title)
	}
	if a.Experiment != nil {
		on = append(on, a.Experiment.Source)
	}
	return fmt.Sprintf("%s: %s", graded(s, e, f), strings.Join(on, ", "))
}

// TestAttribution_aMoveIsNeverKnownTogetherWithWhatSupersedesIt looks at the very instant at which one takes the other's
// place: work that was delivered once is in the line-up once.
func TestAttribution_aMoveIsNeverKnownTogetherWithWhatSupersedesIt(t *testing.T) {
	t.Parallel()
	s := newHouse(t).story(t)
	mirrored(t, s)
	deliveries := func(_ *story, e *impact.Evidence, _ needle.AttributionFacts) string {
		return strconv.Itoa(e.LineUp(7).Deliveries)
	}
	want := s.look(t, s.scope.Now(), deliveries)
	s.retell(t, needle.StatusDone, ago(30))
	histories, err := s.scope.TransitionHistories(t.Context(), []needle.BacklogItemID{s.work.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range histories[s.work.ID] {
		if m.SupersededAt == nil {
			continue
		}
		if got := s.look(t, *m.SupersededAt, deliveries); got != want {
			t.Errorf("when the move turned out to have been another there are %s deliveries, want %s", got, want)
		}
	}
}

// TestAttribution_factsKeepWhatWasTakenBackSince demands what asOf needs of the facts: what stood then, with when it was
// taken back, and nothing that was told later.
func TestAttribution_factsKeepWhatWasTakenBackSince(t *testing.T) {
	t.Parallel()
	s := newHouse(t).story(t)
	at := storetest.Now().AddDate(0, 0, -20)
	early := s.f.OutsideEvent(func(e *needle.OutsideEvent) { e.KeyResultID, e.RecordedAt = s.rise.ID, ago(30) })
	fixed := s.f.CorrectEvent(early, ago(25))
	s.f.CorrectEvent(fixed, ago(10))
	x := s.f.Experiment(func(x *needle.Experiment) { x.ContributionID, x.RecordedAt = s.moved.ID, ago(30) })
	s.f.Experiment(func(x *needle.Experiment) { x.ContributionID, x.RecordedAt = s.moved.ID, ago(5) })
	gone := must[needle.Experiment](t)(s.planner.RemoveExperiment(s.ctx, needle.RemoveExperimentInput{ID: x.ID}))
	for _, f := range func() []needle.AttributionFacts {
		one, team := s.known(t, at)
		return []needle.AttributionFacts{one, team}
	}() {
		if len(f.OutsideEvents) != 2 || *f.OutsideEvents[0].RemovedAt != ago(25) || *f.OutsideEvents[1].RemovedAt != ago(10) ||
			*f.OutsideEvents[1].SupersedesID != early.ID || f.OutsideEvents[1].OccurrenceID != early.ID {
			t.Errorf("the events are %s", asJSON(t, f.OutsideEvents))
		}
		if len(f.Experiments) != 1 || f.Experiments[0].ID != x.ID || !f.Experiments[0].RemovedAt.Equal(*gone.RemovedAt) {
			t.Errorf("the experiments are %s", asJSON(t, f.Experiments))
		}
	}
}
