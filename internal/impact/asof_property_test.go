package impact_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// answer is everything that attribution says of some facts.
type answer struct {
	Attributions []*needle.Attribution
	Explanations []string
	Gaps         *needle.GapReport
	LineUp       *needle.LineUp
	Breakdowns   []*needle.Breakdown
	Charts       []*needle.Chart
	Calibration  *needle.Calibration
}

func answerOf(f needle.AttributionFacts) answer {
	e := impact.Gather(f)
	a := answer{Attributions: e.Attributions(), Gaps: e.GapReport(nil), LineUp: e.LineUp(7), Calibration: impact.Calibrate([]needle.AttributionFacts{f})}
	for _, one := range a.Attributions {
		a.Explanations = append(a.Explanations, one.Explanation())
	}
	for _, kr := range f.KeyResults {
		a.Breakdowns = append(a.Breakdowns, e.Breakdown(kr.ID, date(10), f.AsOf))
		a.Charts = append(a.Charts, e.Chart(kr.ID, needle.SignalRules()))
	}
	return a
}

// learning is one way in which Needle learns of more, at an instant, than it knew.
type learning struct {
	name  string
	learn func(t *rapid.T, f *needle.AttributionFacts, at time.Time)
}

func drawDay(t *rapid.T) time.Time { return date(rapid.IntRange(-30, quarter+40).Draw(t, "day")) }

// learnings are all ways in which facts grow. What is learnt may be dated back as far as anybody likes.
func learnings() []learning {
	link := func(t *rapid.T, f *needle.AttributionFacts) needle.ContributionVersion {
		return *rapid.SampledFrom(f.Links).Draw(t, "link")
	}
	return []learning{
		{"a check-in is entered late", func(t *rapid.T, f *needle.AttributionFacts, at time.Time) {
			c := checkIn(255, float64(rapid.IntRange(0, 300).Draw(t, "value")), 0, 0)
			c.MeasuredAt, c.RecordedAt = drawDay(t), at
			f.CheckIns = append(f.CheckIns, c)
		}},
		{"a value is corrected", func(t *rapid.T, f *needle.AttributionFacts, at time.Time) {
			c := *rapid.SampledFrom(f.CheckIns).Draw(t, "check-in")
			id := c.ID
			c.ID, c.SupersedesID, c.Value, c.RecordedAt = checkInID(254), &id, c.Value+50, at
			f.CheckIns = append(f.CheckIns, &c)
		}},
		{"a target is moved", func(t *rapid.T, f *needle.AttributionFacts, at time.Time) {
			f.Goals = append(f.Goals, &needle.GoalVersion{
				KeyResultID: krID(1), Version: 9, ValidFrom: drawDay(t), RecordedAt: at,
				Goal: needle.Goal{Baseline: ptr(1.0), Target: ptr(rapid.SampledFrom([]float64{2, 1000}).Draw(t, "target"))},
			})
		}},
		{"work is linked", func(t *rapid.T, f *needle.AttributionFacts, at time.Time) {
			*f = adding(*f, work{delivered: rapid.IntRange(0, 60).Draw(t, "delivered"), lagMax: 40})
			f.Links[len(f.Links)-1].RecordedAt, f.Transitions[len(f.Transitions)-1].RecordedAt = at, at
		}},
		{"work is unlinked", func(t *rapid.T, f *needle.AttributionFacts, at time.Time) {
			v := link(t, f)
			v.Version, v.Ended, v.ValidFrom, v.RecordedAt = 9, true, latest(drawDay(t), v.ValidFrom), at
			f.Links = append(f.Links, &v)
		}},
		{"a bet is changed", func(t *rapid.T, f *needle.AttributionFacts, at time.Time) {
			v := link(t, f)
			v.Version, v.ValidFrom, v.RecordedAt = 9, latest(drawDay(t), v.ValidFrom), at
			v.LagMaxDays, v.ExpectedLow, v.ExpectedHigh = ptr(60), ptr(1.0), ptr(99.0)
			f.Links = append(f.Links, &v)
		}},
		{"work is reopened", func(t *rapid.T, f *needle.AttributionFacts, at time.Time) {
			tr := transition(0, done, started, 0, 0)
			tr.ItemID, tr.OccurredAt, tr.RecordedAt = link(t, f).ItemID, drawDay(t), at
			f.Transitions = append(f.Transitions, tr)
		}},
		{"work is delivered again", func(t *rapid.T, f *needle.AttributionFacts, at time.Time) {
			tr := transition(0, started, done, 0, 0)
			tr.ItemID, tr.OccurredAt, tr.RecordedAt = link(t, f).ItemID, drawDay(t), at
			f.Transitions = append(f.Transitions, tr)
		}},
		{"an outside event is recorded", func(_ *rapid.T, f *needle.AttributionFacts, at time.Time) {
			f.OutsideEvents = append(f.OutsideEvents, &needle.OutsideEvent{KeyResultID: krID(1), Title: "Late news", From: date(-30), To: date(120), RecordedAt: at})
		}},
		{"an outside event is taken back", func(_ *rapid.T, f *needle.AttributionFacts, at time.Time) {
			for i, event := range f.OutsideEvents {
				gone := *event
				gone.RemovedAt, gone.RemovedBy, gone.SupersededByID = &at, ptr(needle.NewUserID()), ptr(needle.NewOutsideEventID())
				f.OutsideEvents[i] = &gone
			}
		}},
		{"an experiment is attached", func(t *rapid.T, f *needle.AttributionFacts, at time.Time) {
			f.Experiments = append(f.Experiments, &needle.Experiment{ContributionID: link(t, f).ID, Source: "a holdout", Low: 1, High: 2, RecordedAt: at})
		}},
		{"an experiment is taken back", func(_ *rapid.T, f *needle.AttributionFacts, at time.Time) {
			for i, x := range f.Experiments {
				gone := *x
				gone.RemovedAt, gone.RemovedBy = &at, ptr(needle.NewUserID())
				f.Experiments[i] = &gone
			}
		}},
		{"a key result is written", func(_ *rapid.T, f *needle.AttributionFacts, at time.Time) {
			kr := keyResult(7, needle.DirectionIncrease)
			kr.CreatedAt = at
			f.KeyResults = append(f.KeyResults, kr)
		}},
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// loose returns facts whose lists may be appended to and replaced without touching the ones given.
func loose(f needle.AttributionFacts) needle.AttributionFacts {
	f.KeyResults, f.Goals, f.CheckIns = slices.Clone(f.KeyResults), slices.Clone(f.Goals), slices.Clone(f.CheckIns)
	f.Links, f.Items, f.Transitions = slices.Clone(f.Links), slices.Clone(f.Items), slices.Clone(f.Transitions)
	f.OutsideEvents, f.Experiments = slices.Clone(f.OutsideEvents), slices.Clone(f.Experiments)
	return f
}

// TestAnswers_nothingThatIsLearntLaterChangesThem adds everything at once that Needle could learn after asOf, in any order.
func TestAnswers_nothingThatIsLearntLaterChangesThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawAttribution(t)
		grown := loose(f)
		for _, l := range rapid.Permutation(learnings()).Draw(t, "learnings") {
			l.learn(t, &grown, f.AsOf.Add(time.Duration(rapid.IntRange(1, 1e9).Draw(t, "later"))))
		}
		known := keep(grown.KeyResults, func(kr *needle.KeyResult) bool { return !kr.CreatedAt.After(f.AsOf) })
		equal(t, "key results known", len(f.KeyResults), len(known))
		before, after := answerOf(f), answerOf(mixed(grown, rapid.Uint64().Draw(t, "order")))
		after.Breakdowns, after.Charts = nil, nil // Those of key results in another order; see below.
		e := impact.Gather(grown)
		for _, kr := range f.KeyResults {
			after.Breakdowns = append(after.Breakdowns, e.Breakdown(kr.ID, date(10), f.AsOf))
			after.Charts = append(after.Charts, e.Chart(kr.ID, needle.SignalRules()))
		}
		equal(t, "what is said", before, after)
	})
}

// TestAnswers_whatIsLearntInTimeChangesThem makes sure that the property above is not kept by taking notice of nothing.
func TestAnswers_whatIsLearntInTimeChangesThem(t *testing.T) {
	t.Parallel()
	for _, l := range learnings() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			changes := rapid.Custom(func(t *rapid.T) bool {
				f := drawAttribution(t)
				grown := loose(f)
				l.learn(t, &grown, date(25)) // AsOf is day 30 at the earliest.
				return !cmp.Equal(answerOf(f), answerOf(grown))
			})
			for seed := range 300 {
				if changes.Example(seed) {
					return
				}
			}
			t.Error("it changes nothing in 300 worlds")
		})
	}
}
