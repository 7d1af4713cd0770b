package planning_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func goal(baseline, target float64) needle.GoalInput {
	return needle.GoalInput{Baseline: &baseline, Target: &target}
}

func TestCreateKeyResult(t *testing.T) {
	t.Parallel()
	type input = needle.CreateKeyResultInput
	useCase[input, needle.KeyResult]{
		do: (*planning.Planner).CreateKeyResult, action: needle.ActWriteKeyResult, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{
				ObjectiveID: w.objective, Title: "Days to a refund", Wording: ptr("halve them"), Unit: ptr("days"),
				Direction: ptr(needle.DirectionDecrease), Goal: goal(20, 10), Weight: ptr(2.5), OwnerID: &w.user,
				CadenceDays: ptr(14), LagMinDays: ptr(1), LagMaxDays: ptr(5),
			}
		},
		refused: []refusal[input]{
			{
				name:   "no title and a target that lies the wrong way",
				change: func(_ *world, in *input) { in.Title, in.Direction = "", nil },
				want:   []string{"REQUIRED input.title", "INVALID input.goal.target"},
			},
			{
				name: "numbers off their scales",
				change: func(_ *world, in *input) {
					in.Weight, in.CadenceDays, in.LagMinDays, in.LagMaxDays = ptr(math.NaN()), ptr(0), ptr(9), ptr(8)
				},
				want: []string{"OUT_OF_RANGE input.weight", "OUT_OF_RANGE input.cadenceDays", "INVALID input.lagMaxDays"},
			},
			{
				name: "a band and a target at once",
				change: func(_ *world, in *input) {
					in.Direction, in.Goal.BandLow, in.Goal.BandHigh = ptr(needle.DirectionMaintain), ptr(2.0), ptr(1.0)
				},
				want: []string{"INVALID input.goal.bandHigh", "INVALID input.goal.target"},
			},
			{
				name:   "a baseline that is no number",
				change: func(_ *world, in *input) { in.Goal = needle.GoalInput{Baseline: ptr(math.Inf(-1))} },
				want:   []string{"OUT_OF_RANGE input.goal.baseline"},
			},
			{name: "a closed objective", arrange: closeObjective, want: []string{"CONFLICT input.objectiveId"}},
		},
		refers: []reference[input]{
			{"input.objectiveId", func(in *input, of ids) { in.ObjectiveID = of.objective }},
			{"input.ownerId", func(in *input, of ids) { in.OwnerID = &of.user }},
		},
	}.run(t, newHouse(t))
}

func TestCreateKeyResult_fillsInWhatIsNotSaid(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	got := must[needle.KeyResult](t)(w.planner.CreateKeyResult(w.ctx, needle.CreateKeyResultInput{
		ObjectiveID: w.objective, Title: "The new desk is open", Kind: ptr(needle.KindMilestone),
	}))
	want := &needle.KeyResult{
		Stamp: got.Stamp, ID: got.ID, Number: 3, ObjectiveID: w.objective, TeamID: w.team, CycleID: w.cycle,
		Title: "The new desk is open", Kind: needle.KindMilestone, Direction: needle.DirectionIncrease,
		Indicator: needle.IndicatorLagging, Goal: needle.Goal{Baseline: ptr(0.0), Target: ptr(1.0)}, Weight: 1,
		CadenceDays: 7, LagMinDays: 0, LagMaxDays: 28, CreatedBy: w.owner,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the key result is another:\n%s", diff)
	}
	wantGoals(t, w, got.ID, &needle.GoalVersion{Goal: want.Goal, Reason: "first written", ValidFrom: got.CreatedAt})
}

func TestUpdateKeyResult(t *testing.T) {
	t.Parallel()
	type input = needle.UpdateKeyResultInput
	useCase[input, needle.KeyResult]{
		do: (*planning.Planner).UpdateKeyResult, action: needle.ActWriteKeyResult, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{
				ID: w.keyResult, Title: ptr("Refunds in a week"), Wording: ptr("most of them"), Unit: ptr("share"),
				Indicator: ptr(needle.IndicatorLeading), Weight: ptr(3.0), OwnerID: needle.Given(&w.user), CadenceDays: ptr(14),
				LagMinDays: ptr(1), LagMaxDays: ptr(2),
			}
		},
		refused: []refusal[input]{
			{
				name: "an empty title, no weight and a lag above the longest",
				change: func(_ *world, in *input) {
					in.Title, in.Weight, in.LagMinDays, in.LagMaxDays = ptr(""), ptr(0.0), ptr(29), nil
				},
				want: []string{"REQUIRED input.title", "OUT_OF_RANGE input.weight", "INVALID input.lagMaxDays"},
			},
			{name: "a closed objective's", arrange: closeObjective, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{
			{"input.id", func(in *input, of ids) { in.ID = of.keyResult }},
			{"input.ownerId", func(in *input, of ids) { in.OwnerID = needle.Given(&of.user) }},
		},
	}.run(t, newHouse(t))
}

func TestChangeGoal(t *testing.T) {
	t.Parallel()
	type input = needle.ChangeGoalInput
	useCase[input, needle.KeyResult]{
		do: (*planning.Planner).ChangeGoal, action: needle.ActWriteKeyResult, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{ID: w.keyResult, Goal: goal(10, 90), Reason: "The baseline was a guess", ValidFrom: ptr(storetest.Now())}
		},
		refused: []refusal[input]{
			{
				name:   "no reason, from tomorrow",
				change: func(_ *world, in *input) { in.Reason, in.ValidFrom = "", ptr(storetest.Now().AddDate(0, 0, 1)) },
				want:   []string{"REQUIRED input.reason", "OUT_OF_RANGE input.validFrom"},
			},
			{
				name:   "a target that lies the wrong way",
				change: func(_ *world, in *input) { in.Goal = goal(90, 10) },
				want:   []string{"INVALID input.goal.target"},
			},
			{name: "a closed objective's", arrange: closeObjective, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.keyResult }}},
	}.run(t, newHouse(t))
}

func TestChangeGoal_keepsEveryVersion(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	k := must[needle.KeyResult](t)(w.scope.KeyResult(t.Context(), w.keyResult))
	first := &needle.GoalVersion{Goal: k.Goal, ValidFrom: k.CreatedAt}
	change := func(in needle.GoalInput, reason string, from *time.Time) *needle.KeyResult {
		t.Helper()
		return must[needle.KeyResult](t)(w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{
			ID: w.keyResult, Goal: in, Reason: reason, ValidFrom: from,
		}))
	}
	ahead := storetest.Now().Add(time.Minute) // A caller's clock that runs ahead.
	second := change(goal(10, 90), "measured anew", &ahead)
	if second.UpdatedAt.Before(*second.CurrentAt) || *second.Target != 90 {
		t.Errorf("the key result is %s", asJSON(t, second))
	}
	earlier := storetest.Now().AddDate(0, 0, -30)
	third := change(goal(5, 95), "found in the minutes", &earlier)
	if diff := cmp.Diff(second.Goal, third.Goal); diff != "" {
		t.Errorf("numbers of the past became the present ones:\n%s", diff)
	}
	wantGoals(t, w, w.keyResult, first,
		&needle.GoalVersion{Goal: goal(10, 90).Goal(), Reason: "measured anew"},
		&needle.GoalVersion{Goal: goal(5, 95).Goal(), Reason: "found in the minutes", ValidFrom: earlier})
	histories, err := w.scope.GoalHistories(t.Context(), []needle.KeyResultID{w.keyResult})
	if err != nil {
		t.Fatal(err)
	}
	if v := histories[w.keyResult][1]; !v.ValidFrom.Before(ahead) {
		t.Errorf("numbers begin to hold at %s, after they were recorded at %s", v.ValidFrom, v.RecordedAt)
	}
}

// wantGoals compares a key result's history; instants that are zero in want may be any.
func wantGoals(t *testing.T, w *world, id needle.KeyResultID, want ...*needle.GoalVersion) {
	t.Helper()
	histories, err := w.scope.GoalHistories(t.Context(), []needle.KeyResultID{id})
	if err != nil {
		t.Fatal(err)
	}
	got := histories[id]
	for i, v := range want {
		v.KeyResultID, v.AuthorID = id, w.owner
		if i < len(got) && v.ValidFrom.IsZero() {
			v.ValidFrom = got[i].ValidFrom
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(needle.GoalVersion{}, "RecordedAt", "Version")); diff != "" {
		t.Errorf("the history of goals is another:\n%s", diff)
	}
}
