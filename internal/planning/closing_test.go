package planning_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// newResult adds an agreed objective with a key result from 0 to 100 that stands at 40, and one that nobody measured.
func (w *world) newResult() (o *needle.Objective, measured, silent *needle.KeyResult) {
	w.t.Helper()
	o = w.f.Objective()
	of := func(k *needle.KeyResult) { k.ObjectiveID = o.ID }
	measured, silent = w.f.KeyResult(of, func(k *needle.KeyResult) { k.Weight = 3 }), w.f.KeyResult(of)
	w.f.CheckIn(func(c *needle.CheckIn) { c.KeyResultID, c.Value = measured.ID, 40 })
	return o, measured, silent
}

func TestCloseObjective(t *testing.T) {
	t.Parallel()
	type input = needle.CloseObjectiveInput
	useCase[input, needle.Objective]{
		do: (*planning.Planner).CloseObjective, action: needle.ActMoveObjective, verb: needle.VerbMoved,
		valid: func(w *world) input {
			o, measured, _ := w.newResult()
			return input{
				ID: o.ID, Outcome: needle.OutcomePartly, Retrospective: ptr("We began late"),
				Scores: []*needle.KeyResultScore{{KeyResultID: measured.ID, Score: 0.5, Note: ptr("Half the customers")}},
			}
		},
		refused: []refusal[input]{
			{
				name:   "nothing learnt, and no score",
				change: func(_ *world, in *input) { in.Retrospective, in.Scores[0].Score = nil, 2 },
				want:   []string{"REQUIRED input.retrospective", "OUT_OF_RANGE input.scores.0.score"},
			},
			{
				name:   "another score than the numbers suggest, and nobody says why",
				change: func(_ *world, in *input) { in.Scores[0].Note = ptr(" ") },
				want:   []string{"REQUIRED input.scores.0.note"},
			},
			{
				name: "a score for another objective's key result",
				change: func(w *world, in *input) {
					in.Scores = append(in.Scores, &needle.KeyResultScore{KeyResultID: w.otherResult, Score: 1, Note: ptr("x")})
				},
				want: []string{"NOT_FOUND input.scores.1.keyResultId"},
			},
			{
				name:   "what is closed",
				change: func(w *world, in *input) { closeObjective(w); in.ID, in.Scores = w.objective, nil },
				want:   []string{"CONFLICT input.id"},
			},
		},
		refers: []reference[input]{
			{"input.id", func(in *input, of ids) { in.ID = of.objective }},
			{"input.scores.0.keyResultId", func(in *input, of ids) { in.Scores[0].KeyResultID = of.keyResult }},
		},
	}.run(t, newHouse(t))
}

func TestCloseObjective_scoresByNumbersAndByPeople(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	o, measured, silent := w.newResult()
	guard := w.f.KeyResult(func(k *needle.KeyResult) {
		k.ObjectiveID, k.Direction, k.Goal = o.ID, needle.DirectionMaintain, needle.Goal{BandHigh: ptr(10.0)}
	})
	w.f.CheckIn(func(c *needle.CheckIn) { c.KeyResultID, c.Value = guard.ID, 11 })
	scores := func() map[needle.KeyResultID]*float64 {
		out := map[needle.KeyResultID]*float64{}
		for _, id := range []needle.KeyResultID{measured.ID, silent.ID, guard.ID} {
			out[id] = must[needle.KeyResult](t)(w.scope.KeyResult(t.Context(), id)).Score
		}
		return out
	}
	want := func(objective *float64, o *needle.Objective, each map[needle.KeyResultID]*float64) {
		t.Helper()
		if diff := cmp.Diff(objective, o.Score); diff != "" {
			t.Errorf("the objective's score is another:\n%s", diff)
		}
		if diff := cmp.Diff(each, scores()); diff != "" {
			t.Errorf("the key results' scores are others:\n%s", diff)
		}
		wantStored(t, w, o)
	}
	none := map[needle.KeyResultID]*float64{measured.ID: nil, silent.ID: nil, guard.ID: nil}

	closed := must[needle.Objective](t)(w.planner.CloseObjective(w.ctx, needle.CloseObjectiveInput{
		ID: o.ID, Outcome: needle.OutcomePartly, Retrospective: ptr("We began late"),
	}))
	want(ptr(0.3), closed, map[needle.KeyResultID]*float64{measured.ID: ptr(0.4), silent.ID: nil, guard.ID: ptr(0.0)})

	reopened := must[needle.Objective](t)(w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: o.ID, To: needle.ObjectiveAgreed}))
	want(nil, reopened, none)
	if reopened.Outcome != nil || reopened.Retrospective != "" {
		t.Errorf("the objective that was reopened is %s", asJSON(t, reopened))
	}

	again := must[needle.Objective](t)(w.planner.CloseObjective(w.ctx, needle.CloseObjectiveInput{
		ID: o.ID, Outcome: needle.OutcomeDropped, Scores: []*needle.KeyResultScore{
			{KeyResultID: silent.ID, Score: 1, Note: ptr("Everybody says so")}, {KeyResultID: measured.ID, Score: 0.4},
		},
	}))
	want(ptr(0.44), again, map[needle.KeyResultID]*float64{measured.ID: ptr(0.4), silent.ID: ptr(1.0), guard.ID: ptr(0.0)})
	if note := must[needle.KeyResult](t)(w.scope.KeyResult(t.Context(), silent.ID)).ScoreNote; note != "Everybody says so" {
		t.Errorf("the note is %q", note)
	}
}

func TestCloseObjective_keepsCheckInsOutFromThenOn(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 4 {
		o, measured, _ := w.newResult()
		errs := atOnce(8, func(i int) error {
			if i == 0 {
				_, err := w.planner.CloseObjective(w.ctx, needle.CloseObjectiveInput{ID: o.ID, Outcome: needle.OutcomeDropped})
				return err
			}
			if i%2 == 0 {
				_, err := w.planner.RecordCheckIns(w.ctx, needle.RecordCheckInsInput{
					CheckIns: []*needle.CheckInLine{{KeyResultID: &measured.ID, Value: float64(10 * i)}},
				})
				return err
			}
			_, err := w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: measured.ID, Value: float64(10 * i)})
			return err
		})
		counts := outcomes(errs)
		if counts[""]+counts["CONFLICT input.keyResultId"]+counts["CONFLICT input.checkIns.0.keyResultId"] != len(errs) || errs[0] != nil {
			t.Fatalf("the calls answered %v", counts)
		}
		// What it was closed with is what it stands at: nothing came in between or after.
		k := must[needle.KeyResult](t)(w.scope.KeyResult(t.Context(), measured.ID))
		if *k.Score != *k.SuggestedScore() {
			t.Errorf("it was scored %v and stands at %v", *k.Score, *k.SuggestedScore())
		}
		wantPresent(t, w, measured.ID)
	}
}

func TestCarryOverObjective(t *testing.T) {
	t.Parallel()
	type input = needle.CarryOverObjectiveInput
	useCase[input, needle.Objective]{
		do: (*planning.Planner).CarryOverObjective, action: needle.ActMoveObjective, verb: needle.VerbCreated,
		valid: func(w *world) input {
			o, measured, _ := w.newResult()
			w.close(o)
			return input{ID: o.ID, CycleID: w.laterCycle(needle.CyclePlanning), Title: ptr("Faster still"), KeyResultIDs: []needle.KeyResultID{measured.ID}}
		},
		refused: []refusal[input]{
			{name: "an empty title", change: func(_ *world, in *input) { in.Title = ptr("") }, want: []string{"REQUIRED input.title"}},
			{name: "one that goes on as it is", change: func(w *world, in *input) { in.ID = w.objective }, want: []string{"CONFLICT input.id"}},
			{name: "into its own cycle", change: func(w *world, in *input) { in.CycleID = w.cycle }, want: []string{"INVALID input.cycleId"}},
			{
				name:   "into a closed cycle",
				change: func(w *world, in *input) { in.CycleID = w.laterCycle(needle.CycleClosed) },
				want:   []string{"CONFLICT input.cycleId"},
			},
			{
				name:   "another objective's key result",
				change: func(w *world, in *input) { in.KeyResultIDs = append(in.KeyResultIDs, w.otherResult) },
				want:   []string{"NOT_FOUND input.keyResultIds.1"},
			},
			{
				name: "a second time",
				change: func(w *world, in *input) {
					must[needle.Objective](w.t)(w.planner.CarryOverObjective(w.ctx, *in))
				},
				want: []string{"CONFLICT input.cycleId"},
			},
		},
		refers: []reference[input]{
			{"input.id", func(in *input, of ids) { in.ID = of.objective }},
			{"input.cycleId", func(in *input, of ids) { in.CycleID = of.cycle }},
			{"input.keyResultIds.0", func(in *input, of ids) { in.KeyResultIDs[0] = of.keyResult }},
		},
	}.run(t, newHouse(t))
}

// close ends an objective by its numbers.
func (w *world) close(o *needle.Objective) {
	w.t.Helper()
	must[needle.Objective](w.t)(w.planner.CloseObjective(w.ctx, needle.CloseObjectiveInput{
		ID: o.ID, Outcome: needle.OutcomePartly, Retrospective: ptr("We began late"),
	}))
}

// laterCycle makes a cycle that starts after the world's.
func (w *world) laterCycle(state needle.CycleState) needle.CycleID {
	w.t.Helper()
	return w.f.Cycle(func(c *needle.Cycle) {
		c.State, c.StartsOn, c.EndsOn = state, needle.NewDate(storetest.Now().AddDate(0, 1, 0)), needle.NewDate(storetest.Now().AddDate(0, 4, 0))
	}).ID
}
