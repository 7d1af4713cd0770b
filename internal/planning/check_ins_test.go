package planning_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestRecordCheckIn(t *testing.T) {
	t.Parallel()
	type input = needle.RecordCheckInInput
	useCase[input, needle.CheckIn]{
		do: (*planning.Planner).RecordCheckIn, action: needle.ActCheckIn, verb: needle.VerbMeasured,
		valid: func(w *world) input {
			return input{
				KeyResultID: w.keyResult, Value: 61.5, Confidence: ptr(0.7), Note: ptr("The desk is open"),
				MeasuredAt: ptr(storetest.Now().Add(-time.Hour)), SupersedesID: &w.checkIn,
			}
		},
		refused: []refusal[input]{
			{
				name: "no number, too sure, from tomorrow",
				change: func(_ *world, in *input) {
					in.Value, in.Confidence, in.MeasuredAt = math.NaN(), ptr(1.1), ptr(storetest.Now().AddDate(0, 0, 1))
				},
				want: []string{"OUT_OF_RANGE input.value", "OUT_OF_RANGE input.confidence", "OUT_OF_RANGE input.measuredAt"},
			},
			{
				name:   "a correction of another key result's check-in",
				change: func(w *world, in *input) { in.KeyResultID = w.otherResult },
				want:   []string{"INVALID input.supersedesId"},
			},
			{
				name: "a correction of what was corrected",
				arrange: func(w *world) {
					w.f.CheckIn(func(c *needle.CheckIn) { c.SupersedesID = &w.checkIn })
				},
				want: []string{"CONFLICT input.supersedesId"},
			},
			{name: "a closed objective's", arrange: closeObjective, want: []string{"CONFLICT input.keyResultId"}},
		},
		refers: []reference[input]{
			{"input.keyResultId", func(in *input, of ids) { in.KeyResultID = of.keyResult }},
			{"input.supersedesId", func(in *input, of ids) { in.SupersedesID = &of.checkIn }},
		},
	}.run(t, newHouse(t))
}

func TestRecordCheckIn_isDatedAsWhatItCorrects(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	old := must[needle.CheckIn](t)(w.scope.CheckIn(t.Context(), w.checkIn))
	got := must[needle.CheckIn](t)(w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{
		KeyResultID: w.keyResult, Value: 55, SupersedesID: &w.checkIn,
	}))
	if !got.MeasuredAt.Equal(old.MeasuredAt) || *got.AuthorID != w.owner {
		t.Errorf("the correction is %s", asJSON(t, got))
	}
	ahead := storetest.Now().Add(4 * time.Minute)
	early := must[needle.CheckIn](t)(w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: w.keyResult, Value: 56, MeasuredAt: &ahead}))
	if early.MeasuredAt.After(early.RecordedAt) {
		t.Errorf("a value was measured at %s, after it was recorded at %s", early.MeasuredAt, early.RecordedAt)
	}
}

func TestRecordCheckIn_keepsTheKeyResultsValue(t *testing.T) {
	t.Parallel()
	day := func(n int) *time.Time { return ptr(storetest.Now().AddDate(0, 0, n)) }
	w := newHouse(t).world(t) // Its check-in of 50 was measured a week ago.
	record := func(value float64, measuredAt *time.Time, corrects *needle.CheckInID) *needle.CheckIn {
		t.Helper()
		return must[needle.CheckIn](t)(w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{
			KeyResultID: w.keyResult, Value: value, MeasuredAt: measuredAt, SupersedesID: corrects, Confidence: ptr(value / 100),
		}))
	}
	want := func(value float64, at *time.Time) {
		t.Helper()
		k := must[needle.KeyResult](t)(w.scope.KeyResult(t.Context(), w.keyResult))
		if *k.CurrentValue != value || !k.CurrentAt.Equal(*at) || (k.CurrentConfidence != nil && *k.CurrentConfidence != value/100) {
			t.Errorf("the present value is %v (%v) of %s, want %v of %s", *k.CurrentValue, k.CurrentConfidence, k.CurrentAt, value, at)
		}
	}
	want(50, day(-7))
	record(30, day(-9), nil)
	want(50, day(-7))
	latest := record(70, day(-1), nil)
	want(70, day(-1))
	fixed := record(60, nil, &latest.ID)
	want(60, day(-1))
	record(20, day(-8), &fixed.ID) // The latest value had a wrong date.
	want(50, day(-7))
	record(52, day(-7), nil) // Of the same moment, but recorded later.
	want(52, day(-7))
}

func TestRecordCheckIn_followsAnySequenceOfCheckInsAndCorrections(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	rapid.Check(t, func(rt *rapid.T) {
		k := w.f.KeyResult()
		for step := range rapid.IntRange(1, 8).Draw(rt, "steps") {
			in := needle.RecordCheckInInput{KeyResultID: k.ID, Value: float64(step)}
			if rapid.Bool().Draw(rt, "dated") {
				in.MeasuredAt = ptr(storetest.Now().AddDate(0, 0, -rapid.IntRange(0, 3).Draw(rt, "days ago")))
			}
			if rapid.Bool().Draw(rt, "sure") {
				in.Confidence = ptr(rapid.Float64Range(0, 1).Draw(rt, "confidence"))
			}
			if standing := standing(t, w, k.ID); len(standing) > 0 && rapid.Bool().Draw(rt, "corrects") {
				in.SupersedesID = &rapid.SampledFrom(standing).Draw(rt, "corrected").ID
			}
			must[needle.CheckIn](t)(w.planner.RecordCheckIn(w.ctx, in))
		}
		wantPresent(t, w, k.ID)
	})
}

// standing lists the check-ins of a key result that nothing corrects, found the slow way.
func standing(t *testing.T, w *world, id needle.KeyResultID) []*needle.CheckIn {
	t.Helper()
	histories, err := w.scope.CheckInHistories(t.Context(), []needle.KeyResultID{id})
	if err != nil {
		t.Fatal(err)
	}
	corrected := map[needle.CheckInID]bool{}
	for _, c := range histories[id] {
		if c.SupersedesID != nil {
			corrected[*c.SupersedesID] = true
		}
	}
	var out []*needle.CheckIn
	for _, c := range histories[id] {
		if !corrected[c.ID] {
			out = append(out, c)
		}
	}
	return out
}

// wantPresent compares a key result's present value with what its check-ins say.
func wantPresent(t *testing.T, w *world, id needle.KeyResultID) {
	t.Helper()
	var last *needle.CheckIn
	for _, c := range standing(t, w, id) {
		person, was := c.AuthorID != nil, last != nil && last.AuthorID != nil
		if last == nil || c.MeasuredAt.After(last.MeasuredAt) ||
			(c.MeasuredAt.Equal(last.MeasuredAt) && (person && !was || person == was && !c.RecordedAt.Before(last.RecordedAt))) { // The history comes in order.
			last = c
		}
	}
	type present struct {
		Value, Confidence *float64
		At                *time.Time
	}
	k := must[needle.KeyResult](t)(w.scope.KeyResult(t.Context(), id))
	if diff := cmp.Diff(present{&last.Value, last.Confidence, &last.MeasuredAt}, present{k.CurrentValue, k.CurrentConfidence, k.CurrentAt}); diff != "" {
		t.Fatalf("the key result's value (+) is not its latest standing check-in (-):\n%s", diff)
	}
}
