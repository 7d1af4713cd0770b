package needle_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func TestCheckInBatches(t *testing.T) {
	t.Parallel()
	id := needle.NewKeyResultID()
	batch := func(source *string, lines ...*needle.CheckInLine) error {
		return needle.RecordCheckInsInput{MetricSource: source, CheckIns: lines}.Validate(noon())
	}
	line := func(change func(l *needle.CheckInLine)) *needle.CheckInLine {
		l := &needle.CheckInLine{KeyResultID: &id, Value: 1}
		change(l)
		return l
	}
	as := func(*needle.CheckInLine) {}
	many := make([]*needle.CheckInLine, 501)
	for i := range many {
		many[i] = line(as)
	}
	checkRules(t, []rule{
		{"one by a person", batch(nil, line(as)), ""},
		{"one by key", batch(nil, &needle.CheckInLine{KeyResultKey: ptr("kr-7")}), ""},
		{"five hundred", batch(nil, many[:500]...), ""},
		{"more", batch(nil, many...), "OUT_OF_RANGE input.checkIns"},
		{"none", batch(nil), "OUT_OF_RANGE input.checkIns"},
		{"of nothing", batch(nil, &needle.CheckInLine{}), "REQUIRED input.checkIns.0.keyResultId"},
		{"by a key and an id", batch(nil, line(func(l *needle.CheckInLine) { l.KeyResultKey = ptr("KR-7") })), "INVALID input.checkIns.0.keyResultKey"},
		{"by an objective's key", batch(nil, &needle.CheckInLine{KeyResultKey: ptr("O-7")}), "INVALID input.checkIns.0.keyResultKey"},
		{"every line's faults", batch(nil, line(func(l *needle.CheckInLine) { l.Value = math.Inf(1) }), line(as), line(func(l *needle.CheckInLine) {
			l.Confidence, l.MeasuredAt = ptr(-0.1), ptr(noon().Add(time.Hour))
		})), "OUT_OF_RANGE input.checkIns.0.value; OUT_OF_RANGE input.checkIns.2.confidence; OUT_OF_RANGE input.checkIns.2.measuredAt"},
		{"a person's with an id of its own", batch(nil, line(func(l *needle.CheckInLine) { l.ExternalID = ptr("7") })), "INVALID input.checkIns.0.externalId"},
		{"a source's", batch(ptr("warehouse"), line(func(l *needle.CheckInLine) { l.ExternalID = ptr("7") })), ""},
		{"a source's without its id", batch(ptr("warehouse"), line(as)), "REQUIRED input.checkIns.0.externalId"},
		{"a source's with an empty id", batch(ptr("warehouse"), line(func(l *needle.CheckInLine) { l.ExternalID = ptr("") })), "REQUIRED input.checkIns.0.externalId"},
		{"a source without a name", batch(ptr(" "), line(func(l *needle.CheckInLine) { l.ExternalID = ptr("7") })), "REQUIRED input.metricSource"},
	})
}

func TestClosings(t *testing.T) {
	t.Parallel()
	k := needle.NewKeyResultID()
	closing := func(outcome needle.ObjectiveOutcome, learnt string, scores ...*needle.KeyResultScore) error {
		return needle.CloseObjectiveInput{Outcome: outcome, Retrospective: &learnt, Scores: scores}.Validate()
	}
	checkRules(t, []rule{
		{"as the numbers say", closing(needle.OutcomeMissed, "Ask first"), ""},
		{"dropped, and nothing to say", closing(needle.OutcomeDropped, ""), ""},
		{"nothing learnt", closing(needle.OutcomeMissed, "\x00 "), "REQUIRED input.retrospective"},
		{"scored", closing(needle.OutcomePartly, "x", &needle.KeyResultScore{KeyResultID: k, Score: 1}), ""},
		{"scored beyond 1", closing(needle.OutcomePartly, "x", &needle.KeyResultScore{KeyResultID: k, Score: 1.01}), "OUT_OF_RANGE input.scores.0.score"},
		{"scored with no number", closing(needle.OutcomePartly, "x", &needle.KeyResultScore{KeyResultID: k, Score: math.NaN()}), "OUT_OF_RANGE input.scores.0.score"},
		{"scored twice", closing(needle.OutcomePartly, "x", &needle.KeyResultScore{KeyResultID: k}, &needle.KeyResultScore{KeyResultID: k}), "DUPLICATE input.scores.1.keyResultId"},
		{"carried over without a title", needle.CarryOverObjectiveInput{Title: ptr("")}.Validate(), "REQUIRED input.title"},
		{"carried over with too many", needle.CarryOverObjectiveInput{KeyResultIDs: make([]needle.KeyResultID, 101)}.Validate(), "OUT_OF_RANGE input.keyResultIds"},
	})
}

func TestCheckIns_haveOneOrder(t *testing.T) {
	t.Parallel()
	draw := rapid.Custom(func(t *rapid.T) *needle.CheckIn {
		c := &needle.CheckIn{
			MeasuredAt: noon().Add(minutesOf(rapid.IntRange(0, 2).Draw(t, "measured"))),
			RecordedAt: noon().Add(minutesOf(rapid.IntRange(0, 2).Draw(t, "recorded"))),
		}
		c.ID.UUID[0] = rapid.Byte().Draw(t, "id")
		if rapid.Bool().Draw(t, "by a person") {
			c.AuthorID = &needle.UserID{}
		}
		return c
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(draw, 2, 6).Draw(t, "check-ins")
		last := slices.MaxFunc(all, (*needle.CheckIn).Compare)
		for _, c := range all {
			if c.MeasuredAt.After(last.MeasuredAt) || c.MeasuredAt.Equal(last.MeasuredAt) && c.AuthorID != nil && last.AuthorID == nil {
				t.Fatalf("%+v holds and not %+v", last, c)
			}
			for _, other := range all {
				if c.Compare(other) != -other.Compare(c) {
					t.Fatalf("%+v and %+v come before each other", c, other)
				}
			}
		}
	})
}

func TestCarriedGoal_goesOnFromTheEnd(t *testing.T) {
	t.Parallel()
	goal := func(baseline, target, stretch float64) needle.Goal {
		return needle.Goal{Baseline: &baseline, Target: &target, Stretch: &stretch}
	}
	band := needle.Goal{Baseline: ptr(5.0), BandLow: ptr(1.0), BandHigh: ptr(9.0)}
	for name, tc := range map[string]struct {
		direction needle.Direction
		value     *float64
		goal      needle.Goal
		want      needle.Goal
		reason    string
	}{
		"not measured": {needle.DirectionDecrease, nil, goal(20, 10, 5), goal(20, 10, 5), "carried over from KR-7, which was never measured"},
		"on its way":   {needle.DirectionDecrease, ptr(14.0), goal(20, 10, 5), goal(14, 10, 5), "carried over from KR-7"},
		"gone back":    {needle.DirectionDecrease, ptr(30.0), goal(20, 10, 5), goal(30, 10, 5), "carried over from KR-7"},
		"there":        {needle.DirectionDecrease, ptr(10.0), goal(20, 10, 5), needle.Goal{Baseline: ptr(10.0)}, "carried over from KR-7, which reached its target of 10: set a new one"},
		"beyond":       {needle.DirectionIncrease, ptr(12.5), goal(0, 10.5, 12), needle.Goal{Baseline: ptr(12.5)}, "carried over from KR-7, which reached its target of 10.5: set a new one"},
		"no target":    {needle.DirectionIncrease, ptr(3.0), needle.Goal{Baseline: ptr(1.0)}, needle.Goal{Baseline: ptr(3.0)}, "carried over from KR-7, which had no target"},
		"a guard":      {needle.DirectionMaintain, ptr(0.5), band, needle.Goal{Baseline: ptr(0.5), BandLow: ptr(1.0), BandHigh: ptr(9.0)}, "carried over from KR-7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &needle.KeyResult{Number: 7, Direction: tc.direction, CurrentValue: tc.value, Goal: tc.goal}
			got, reason := k.CarriedGoal()
			if diff := cmp.Diff(tc.want, got); diff != "" || reason != tc.reason {
				t.Errorf("it goes on otherwise, %q:\n%s", reason, diff)
			}
		})
	}
}

func TestCarriedOn_isAlwaysValidAndBegins(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := drawKeyResult(t)
		if err := k.Validate(); err != nil {
			t.Fatalf("%+v was drawn: %v", k.Goal, err)
		}
		next, _ := k.CarriedOn(&needle.Objective{})
		if err := next.Validate(); err != nil {
			t.Fatalf("%+v goes on as %+v: %v", k, next, err)
		}
		next.CurrentValue = k.CurrentValue
		if p := next.RawProgress(); p != nil && *p != 0 {
			t.Fatalf("%+v goes on with a progress of %v", k, *p)
		}
	})
}

// drawKeyResult draws a valid key result that stands anywhere.
func drawKeyResult(t *rapid.T) *needle.KeyResult {
	eighths := func(name string, from, to int) float64 { return float64(rapid.IntRange(from, to).Draw(t, name)) / 8 }
	maybe := func(v float64) *float64 {
		if rapid.IntRange(0, 3).Draw(t, "known") == 0 {
			return nil
		}
		return &v
	}
	return keyResult(func(k *needle.KeyResult) {
		k.Direction = rapid.SampledFrom([]needle.Direction{needle.DirectionIncrease, needle.DirectionDecrease, needle.DirectionMaintain}).Draw(t, "direction")
		k.CurrentValue = maybe(eighths("value", -40, 40))
		if k.Direction == needle.DirectionMaintain {
			k.Goal = needle.Goal{Baseline: maybe(0), BandLow: ptr(eighths("floor", -40, 40))}
			return
		}
		good := 1.0
		if k.Direction == needle.DirectionDecrease {
			good = -1
		}
		start := eighths("baseline", -20, 20)
		target := start + good*eighths("way", 1, 20)
		k.Goal = needle.Goal{Baseline: maybe(start), Target: maybe(target), Stretch: maybe(target + good*eighths("more", 0, 20))}
		if rapid.Bool().Draw(t, "relative") {
			k.Baseline, k.RelativeChange = ptr(4.0), ptr(good/2)
			k.Goal = needle.GoalInput{Baseline: k.Baseline, RelativeChange: k.RelativeChange}.Goal()
		}
	})
}
