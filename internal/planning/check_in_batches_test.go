package planning_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// ofFirstLine records a batch and returns the key result of its first line, which the first activity is about.
func ofFirstLine(h *house) func(*planning.Planner, context.Context, needle.RecordCheckInsInput) (*needle.KeyResult, error) {
	return func(p *planning.Planner, ctx context.Context, in needle.RecordCheckInsInput) (*needle.KeyResult, error) {
		batch, err := p.RecordCheckIns(ctx, in)
		if err != nil {
			return nil, err
		}
		viewer, _ := needle.ViewerFrom(ctx)
		return h.store.In(viewer.WorkspaceID).KeyResult(ctx, batch.Results[0].CheckIn.KeyResultID)
	}
}

func TestRecordCheckIns(t *testing.T) {
	t.Parallel()
	type input = needle.RecordCheckInsInput
	for name, source := range map[string]*string{"by a person": nil, "from a source": ptr("warehouse")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			external := func(id string) *string {
				if source == nil {
					return nil
				}
				return &id
			}
			useCase[input, needle.KeyResult]{
				do: ofFirstLine(h), action: needle.ActCheckIn, verb: needle.VerbMeasured,
				valid: func(w *world) input {
					var own *string
					if source != nil {
						own = ptr(*source)
					}
					return input{MetricSource: own, CheckIns: []*needle.CheckInLine{
						{KeyResultID: &w.keyResult, Value: 61.5, Confidence: ptr(0.7), Note: ptr("The desk is open"), ExternalID: external("a")},
						{KeyResultID: &w.otherResult, Value: 2, MeasuredAt: ptr(storetest.Now().Add(-time.Hour)), ExternalID: external("b")},
					}}
				},
				refused: []refusal[input]{
					{
						name: "every line's faults at once, and nothing of the others",
						change: func(_ *world, in *input) {
							in.CheckIns[1].Confidence, in.CheckIns[1].MeasuredAt = ptr(2.0), ptr(storetest.Now().AddDate(0, 0, 1))
						},
						want: []string{"OUT_OF_RANGE input.checkIns.1.confidence", "OUT_OF_RANGE input.checkIns.1.measuredAt"},
					},
					{
						name: "keys of nobody",
						change: func(_ *world, in *input) {
							for _, l := range in.CheckIns {
								l.KeyResultID, l.KeyResultKey = nil, ptr("KR-99999999999")
							}
						},
						want: []string{"NOT_FOUND input.checkIns.0.keyResultKey", "NOT_FOUND input.checkIns.1.keyResultKey"},
					},
					{name: "a closed objective's", arrange: closeObjective, want: []string{"CONFLICT input.checkIns.0.keyResultId"}},
				},
				refers: []reference[input]{
					{"input.checkIns.1.keyResultId", func(in *input, of ids) { in.CheckIns[1].KeyResultID = &of.keyResult }},
				},
			}.run(t, h)
		})
	}
}

// fromSource records values of the world's key result from a source, by their external ids.
func (w *world) fromSource(t testing.TB, lines ...*needle.CheckInLine) *needle.CheckInBatch {
	t.Helper()
	for _, l := range lines {
		if l.KeyResultID == nil {
			l.KeyResultID = &w.keyResult
		}
	}
	return must[needle.CheckInBatch](t)(w.planner.RecordCheckIns(w.ctx, needle.RecordCheckInsInput{MetricSource: ptr("warehouse"), CheckIns: lines}))
}

// told says what became of a batch, a line each.
func told(b *needle.CheckInBatch) []string {
	out := make([]string, len(b.Results))
	for i, r := range b.Results {
		out[i] = fmt.Sprintf("%d %s %v", r.Index, r.Outcome, r.CheckIn.Value)
		if r.Note != "" {
			out[i] += " " + r.Note
		}
	}
	return out
}

func wantTold(t *testing.T, b *needle.CheckInBatch, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, told(b)); diff != "" {
		t.Errorf("the lines ended otherwise:\n%s", diff)
	}
	for _, r := range b.Results {
		if r.CheckIn.SupersededByID != nil {
			t.Errorf("line %d names a check-in that does not stand", r.Index)
		}
	}
}

func TestRecordCheckIns_fromASourceLeavesAPersonsWordAlone(t *testing.T) {
	t.Parallel()
	day := func(n int) *time.Time { return ptr(storetest.Now().AddDate(0, 0, n)) }
	w := newHouse(t).world(t) // A person's check-in of 50 was measured a week ago.
	a := func(value float64, at *time.Time) *needle.CheckInLine {
		return &needle.CheckInLine{ExternalID: ptr("a"), Value: value, MeasuredAt: at}
	}
	wantTold(t, w.fromSource(t, a(60, day(-2))), "0 RECORDED 60")
	wantTold(t, w.fromSource(t, a(60, day(-2))), "0 UNCHANGED 60")
	wantTold(t, w.fromSource(t, a(60, nil)), "0 UNCHANGED 60")
	corrected := w.fromSource(t, a(62, nil))
	wantTold(t, corrected, "0 CORRECTED 62")
	if c := corrected.Results[0].CheckIn; !c.MeasuredAt.Equal(*day(-2)) || c.AuthorID != nil || c.MetricSource != "warehouse" {
		t.Errorf("the correction is %s", asJSON(t, c))
	}
	wantTold(t, w.fromSource(t, a(62, day(-3))), "0 CORRECTED 62") // The date was wrong.
	wantTold(t, w.fromSource(t, a(63, day(-7))), "0 UNCHANGED 50 a person measured at the same instant, and theirs stands")
	standing := w.fromSource(t, a(62, nil)).Results[0].CheckIn

	byHand := must[needle.CheckIn](t)(w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{
		KeyResultID: w.keyResult, Value: 58, SupersedesID: &standing.ID, MeasuredAt: day(-4),
	}))
	wantTold(t, w.fromSource(t, a(64, nil)), "0 UNCHANGED 58 a person corrected this value, and theirs stands")
	again := must[needle.CheckIn](t)(w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{
		KeyResultID: w.keyResult, Value: 59, SupersedesID: &byHand.ID,
	}))
	got := w.fromSource(t, a(62, nil), &needle.CheckInLine{ExternalID: ptr("b"), Value: 70, MeasuredAt: day(-4)})
	wantTold(t, got,
		"0 UNCHANGED 59 a person corrected this value, and theirs stands",
		"1 UNCHANGED 59 a person measured at the same instant, and theirs stands")
	if got.Results[0].CheckIn.ID != again.ID || got.Unchanged != 2 {
		t.Errorf("what stands is %s", asJSON(t, got.Results[0].CheckIn))
	}
	wantPresent(t, w, w.keyResult)
}

func TestRecordCheckIn_ofAPersonHoldsOverASourcesOfTheSameInstant(t *testing.T) {
	t.Parallel()
	at := storetest.Now().AddDate(0, 0, -1)
	w := newHouse(t).world(t)
	must[needle.CheckIn](t)(w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: w.keyResult, Value: 55, MeasuredAt: &at}))
	// As another process would have stored it that did not see the person's.
	w.f.CheckIn(func(c *needle.CheckIn) {
		c.KeyResultID, c.Value, c.MeasuredAt, c.AuthorID, c.MetricSource, c.ExternalID = w.keyResult, 90, at, nil, "warehouse", "z"
		c.RecordedAt = storetest.Now().Add(time.Hour)
	})
	latest, err := w.scope.LatestCheckIns(t.Context(), []needle.KeyResultID{w.keyResult})
	if err != nil {
		t.Fatal(err)
	}
	if v := latest[w.keyResult].Value; v != 55 {
		t.Errorf("the value is the source's %v", v)
	}
}

func TestRecordCheckIns_anyMixOfSourcesAndPeopleKeepsItsRules(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	rapid.Check(t, func(rt *rapid.T) {
		k := w.f.KeyResult()
		day := func() *time.Time {
			return ptr(storetest.Now().AddDate(0, 0, -rapid.IntRange(0, 3).Draw(rt, "days ago")))
		}
		for step := range rapid.IntRange(1, 6).Draw(rt, "steps") {
			before := standing(t, w, k.ID)
			if rapid.Bool().Draw(rt, "by a person") {
				in := needle.RecordCheckInInput{KeyResultID: k.ID, Value: float64(step), MeasuredAt: day()}
				if len(before) > 0 && rapid.Bool().Draw(rt, "corrects") {
					in.SupersedesID = &rapid.SampledFrom(before).Draw(rt, "corrected").ID
				}
				must[needle.CheckIn](t)(w.planner.RecordCheckIn(w.ctx, in))
				continue
			}
			var lines []*needle.CheckInLine
			for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID[string]).Draw(rt, "ids") {
				line := &needle.CheckInLine{KeyResultID: &k.ID, ExternalID: &id, Value: float64(rapid.IntRange(0, 2).Draw(rt, "value"))}
				if rapid.Bool().Draw(rt, "dated") {
					line.MeasuredAt = day()
				}
				lines = append(lines, line)
			}
			w.fromSource(t, lines...)
			wantPeopleStand(rt, before, standing(t, w, k.ID))
			undated := false // An undated value that is new is measured now, and a second later it is another.
			for _, l := range lines {
				undated = undated || l.MeasuredAt == nil
			}
			if again := w.fromSource(t, lines...); !undated && again.Unchanged != len(lines) {
				rt.Fatalf("sent again, the lines ended %v", told(again))
			}
			wantPeopleStand(rt, before, standing(t, w, k.ID))
		}
		if len(standing(t, w, k.ID)) > 0 {
			wantPresent(t, w, k.ID)
		}
		wantOneEach(rt, w, k.ID)
	})
}

// wantPeopleStand demands that no check-in of a person was superseded.
func wantPeopleStand(rt *rapid.T, before, after []*needle.CheckIn) {
	stands := map[needle.CheckInID]bool{}
	for _, c := range after {
		stands[c.ID] = true
	}
	for _, c := range before {
		if c.AuthorID != nil && !stands[c.ID] {
			rt.Fatalf("a person's check-in of %v was superseded by a source", c.Value)
		}
	}
}

// wantOneEach demands that at most one of a source's values of one id stands, and that at most one began their line.
func wantOneEach(t failer, w *world, id needle.KeyResultID) {
	t.Helper()
	histories, err := w.scope.CheckInHistories(w.ctx, []needle.KeyResultID{id})
	if err != nil {
		t.Fatalf("%v", err)
	}
	stand, first := map[string]int{}, map[string]int{}
	for _, c := range histories[id] {
		if c.MetricSource == "" {
			continue
		}
		if c.SupersededByID == nil {
			stand[c.ExternalID]++
		}
		if c.SupersedesID == nil {
			first[c.ExternalID]++
		}
	}
	for name, n := range first {
		if n != 1 || stand[name] > 1 {
			t.Fatalf("the source's value %q was recorded %d times and stands %d times", name, n, stand[name])
		}
	}
}

func TestRecordCheckIns_atOnceAreRecordedOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	ids := []needle.KeyResultID{w.keyResult, w.otherResult, w.f.KeyResult().ID}
	lines := func(reversed bool) []*needle.CheckInLine {
		var out []*needle.CheckInLine
		for i := range 30 {
			if reversed {
				i = 29 - i
			}
			out = append(out, &needle.CheckInLine{
				KeyResultID: &ids[i%3], ExternalID: ptr(strconv.Itoa(i)), Value: float64(i), MeasuredAt: ptr(storetest.Now().AddDate(0, 0, -i-20)),
			})
		}
		return out
	}
	batches := make([]*needle.CheckInBatch, 8)
	errs := atOnce(len(batches), func(i int) (err error) {
		batches[i], err = w.planner.RecordCheckIns(w.ctx, needle.RecordCheckInsInput{MetricSource: ptr("warehouse"), CheckIns: lines(i%2 == 0)})
		return err
	})
	wantOutcomes(t, errs, map[string]int{"": len(batches)})
	recorded := 0
	for _, b := range batches {
		recorded += b.Recorded
	}
	if recorded != 30 {
		t.Errorf("%d lines were recorded, want 30", recorded)
	}
	for _, id := range ids {
		wantOneEach(t, w, id)
		wantPresent(t, w, id)
	}
}

func TestRecordCheckIns_atOnceWithPeopleAndOtherWritersKeepThePresentValue(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	first := w.fromSource(t, &needle.CheckInLine{ExternalID: ptr("0"), Value: 1, MeasuredAt: ptr(storetest.Now().AddDate(0, 0, -1))}).Results[0].CheckIn
	errs := atOnce(18, func(i int) error {
		var err error
		switch i % 6 {
		case 0:
			_, err = w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: w.keyResult, Value: 2, SupersedesID: &first.ID})
		case 1:
			_, err = w.planner.UpdateKeyResult(w.ctx, needle.UpdateKeyResultInput{ID: w.keyResult, Title: ptr("K")})
		case 2:
			_, err = w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{ID: w.keyResult, Goal: goal(1, 90), Reason: "new"})
		case 3:
			_, err = w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: w.f.Objective().ID, ParentKeyResultID: needle.Given(&w.keyResult)})
		default:
			_, err = w.planner.RecordCheckIns(w.ctx, needle.RecordCheckInsInput{MetricSource: ptr("warehouse"), CheckIns: []*needle.CheckInLine{
				{KeyResultID: &w.otherResult, ExternalID: ptr("0"), Value: float64(i)},
				{KeyResultID: &w.keyResult, ExternalID: ptr("0"), Value: float64(i)},
			}})
		}
		return err
	})
	counts := outcomes(errs)
	if counts[""]+counts["CONFLICT input.supersedesId"] != len(errs) {
		t.Errorf("the calls answered %v", counts)
	}
	wantOneEach(t, w, w.keyResult)
	wantPresent(t, w, w.keyResult)
	wantPresent(t, w, w.otherResult)
}

func TestRecordCheckIns_costsTheSameForOneAndForMany(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	counter := storetest.CountStatements(t, w.house.store.DB())
	var keyResults []needle.KeyResultID
	for range 20 {
		keyResults = append(keyResults, w.f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = w.f.Objective().ID }).ID)
	}
	cost := func(n int, source *string) int {
		var lines []*needle.CheckInLine
		for i := range n {
			l := &needle.CheckInLine{KeyResultID: &keyResults[i%len(keyResults)], Value: float64(i), MeasuredAt: ptr(storetest.Now().Add(-time.Duration(i) * time.Hour))}
			if source != nil {
				l.ExternalID = ptr(fmt.Sprint(n, "/", i))
			}
			lines = append(lines, l)
		}
		return counter.Since(func() {
			must[needle.CheckInBatch](t)(w.planner.RecordCheckIns(w.ctx, needle.RecordCheckInsInput{MetricSource: source, CheckIns: lines}))
		})
	}
	for name, source := range map[string]*string{"a person's": nil, "a source's": ptr("warehouse")} {
		few, many := cost(2, source), cost(needle.MaxCheckIns, source)
		if few != many || many > 10 {
			t.Errorf("%s batch costs %d statements for 2 lines and %d for %d", name, few, many, needle.MaxCheckIns)
		}
	}
	if n := cost(1, nil); n > 10 {
		t.Errorf("one line costs %d statements", n)
	}
}
