package planning_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestSuggestObjective(t *testing.T) {
	t.Parallel()
	type input = needle.SuggestObjectiveInput
	useCase[input, needle.Suggestion]{
		do: (*planning.Planner).SuggestObjective, action: needle.ActSuggest, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{ObjectiveID: w.objective, Title: ptr("Customers wait a day"), Description: ptr("At most"), Rationale: ptr("Said in every call")}
		},
		refused: []refusal[input]{
			{
				name:   "an empty title",
				change: func(_ *world, in *input) { in.Title = ptr(" ") },
				want:   []string{"REQUIRED input.title"},
			},
			{
				name:   "nothing",
				change: func(_ *world, in *input) { in.Title, in.Description = nil, nil },
				want:   []string{"INVALID input"},
			},
			{
				name: "what is there already",
				arrange: func(w *world) {
					must[needle.Objective](w.t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{
						ID: w.objective, Title: ptr("Customers wait a day"), Description: ptr("At most"),
					}))
				},
				want: []string{"INVALID input"},
			},
			{name: "for a closed objective", arrange: closeObjective, want: []string{"CONFLICT input.objectiveId"}},
		},
		refers: []reference[input]{{"input.objectiveId", func(in *input, of ids) { in.ObjectiveID = of.objective }}},
	}.run(t, newHouse(t))
}

func TestSuggestKeyResult(t *testing.T) {
	t.Parallel()
	type input = needle.SuggestKeyResultInput
	useCase[input, needle.Suggestion]{
		do: (*planning.Planner).SuggestKeyResult, action: needle.ActSuggest, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{
				KeyResultID: w.keyResult, Title: ptr("Days to a refund"), Wording: ptr("all of them"), Unit: ptr("days"),
				Goal: ptr(goal(1, 99)), Weight: ptr(2.0), Rationale: ptr("As measured by the bank"),
			}
		},
		refused: []refusal[input]{
			{
				name: "an empty title, numbers the wrong way and no weight",
				change: func(_ *world, in *input) {
					in.Title, in.Goal, in.Weight = ptr(""), ptr(goal(9, 1)), ptr(math.NaN())
				},
				want: []string{"REQUIRED input.title", "INVALID input.goal.target", "OUT_OF_RANGE input.weight"},
			},
			{
				name:   "other numbers without a reason",
				change: func(_ *world, in *input) { in.Rationale = ptr("\x00") },
				want:   []string{"REQUIRED input.rationale"},
			},
			{
				name: "nothing",
				change: func(_ *world, in *input) {
					in.Title, in.Wording, in.Unit, in.Goal, in.Weight = nil, nil, nil, nil, nil
				},
				want: []string{"INVALID input"},
			},
			{name: "for a closed objective's", arrange: closeObjective, want: []string{"CONFLICT input.keyResultId"}},
		},
		refers: []reference[input]{{"input.keyResultId", func(in *input, of ids) { in.KeyResultID = of.keyResult }}},
	}.run(t, newHouse(t))
}

func TestSuggestKeyResult_keepsOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	k, err := w.scope.KeyResult(t.Context(), w.keyResult)
	if err != nil {
		t.Fatal(err)
	}
	got := must[needle.Suggestion](t)(w.planner.SuggestKeyResult(w.ctx, needle.SuggestKeyResultInput{
		KeyResultID: k.ID, Title: &k.Title, Unit: ptr(`\u0000 "days"`), Rationale: ptr("The bank says so"), Weight: &k.Weight,
		Goal: &needle.GoalInput{Baseline: k.Baseline, Target: k.Target, Stretch: ptr(123456.75)}, ExpectedVersion: &k.Version,
	}))
	want := []needle.SuggestedChange{
		{Field: needle.FieldUnit, From: k.Unit, To: `\u0000 "days"`},
		{Field: needle.FieldStretch, From: "", To: "123456.75"},
	}
	if diff := cmp.Diff(want, got.Changes); diff != "" {
		t.Errorf("the changes are others:\n%s", diff)
	}
	wantStored(t, w, got)
}

// suggested makes a suggestion of another title for the world's objective.
func suggested(w *world, title string) needle.SuggestionID {
	w.t.Helper()
	return must[needle.Suggestion](w.t)(w.planner.SuggestObjective(w.ctx, needle.SuggestObjectiveInput{ObjectiveID: w.objective, Title: &title})).ID
}

func TestAcceptSuggestion(t *testing.T) {
	t.Parallel()
	type input = needle.AcceptSuggestionInput
	useCase[input, needle.Suggestion]{
		do: (*planning.Planner).AcceptSuggestion, action: needle.ActDecide, verb: needle.VerbMoved,
		valid: func(w *world) input { return input{ID: w.suggestion} },
		refused: []refusal[input]{
			{
				name: "one that was accepted",
				arrange: func(w *world) {
					must[needle.Suggestion](w.t)(w.planner.AcceptSuggestion(w.ctx, input{ID: w.suggestion}))
				},
				want: []string{"CONFLICT input.id"},
			},
			{
				name: "one whose text moved underneath",
				arrange: func(w *world) {
					must[needle.Objective](w.t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: w.objective, Title: ptr("By hand")}))
				},
				want: []string{"CONFLICT input.id"},
			},
			{name: "one for a closed objective", arrange: closeObjective, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.suggestion }}},
	}.run(t, newHouse(t))
}

func TestAcceptSuggestion_changesAnObjectiveAsByHand(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	before, err := w.scope.Objective(t.Context(), w.objective)
	if err != nil {
		t.Fatal(err)
	}
	s := must[needle.Suggestion](t)(w.planner.SuggestObjective(w.ctx, needle.SuggestObjectiveInput{
		ObjectiveID: w.objective, Title: ptr("Customers wait a day"), Description: ptr("At most"),
	}))
	told := len(w.activities(t))
	s = must[needle.Suggestion](t)(w.planner.AcceptSuggestion(w.ctx, needle.AcceptSuggestionInput{ID: s.ID, ExpectedVersion: ptr(1)}))
	after, err := w.scope.Objective(t.Context(), w.objective)
	if err != nil {
		t.Fatal(err)
	}
	if after.Title != "Customers wait a day" || after.Description != "At most" {
		t.Errorf("the objective is %s", asJSON(t, after))
	}
	if after.Revision != before.Revision+1 || before.State != needle.ObjectiveAgreed || after.State != needle.ObjectiveProposed {
		t.Errorf("it went from %s, revision %d, to %s, revision %d", before.State, before.Revision, after.State, after.Revision)
	}
	if s.State != needle.OfferAccepted || s.DecidedBy == nil || *s.DecidedBy != w.owner {
		t.Errorf("the suggestion is %s", asJSON(t, s))
	}
	var got []string
	for _, a := range w.activities(t)[told:] {
		got = append(got, string(a.Verb)+" "+needle.IDPrefix(a.SubjectID))
	}
	if diff := cmp.Diff([]string{"MOVED sug", "UPDATED obj", "MOVED obj"}, got); diff != "" {
		t.Errorf("the activities are others:\n%s", diff)
	}
}

func TestAcceptSuggestion_changesAKeyResultAsByHand(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	k, err := w.scope.KeyResult(t.Context(), w.keyResult)
	if err != nil {
		t.Fatal(err)
	}
	first := k.Goal
	s := must[needle.Suggestion](t)(w.planner.SuggestKeyResult(w.ctx, needle.SuggestKeyResultInput{
		KeyResultID: k.ID, Wording: ptr("nearly all"), Weight: ptr(2.5), Rationale: ptr("Ninety is enough"),
		Goal: &needle.GoalInput{Baseline: k.Baseline, Target: ptr(90.0)},
	}))
	// What the suggestion leaves alone may move, and stays as it moved.
	moved := needle.Goal{Baseline: ptr(-1.0), Target: k.Target}
	must[needle.KeyResult](t)(w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{ID: k.ID, Goal: moved.Input(), Reason: "Measured"}))
	must[needle.Suggestion](t)(w.planner.AcceptSuggestion(w.ctx, needle.AcceptSuggestionInput{ID: s.ID}))
	after, err := w.scope.KeyResult(t.Context(), k.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := needle.Goal{Baseline: ptr(-1.0), Target: ptr(90.0)}
	if diff := cmp.Diff(want, after.Goal); diff != "" || after.Wording != "nearly all" || after.Weight != 2.5 || after.Title != k.Title {
		t.Errorf("the key result is %s\n%s", asJSON(t, after), diff)
	}
	wantGoals(t, w, k.ID, &needle.GoalVersion{Goal: first}, &needle.GoalVersion{Goal: moved, Reason: "Measured"},
		&needle.GoalVersion{Goal: want, Reason: "Ninety is enough"})
}

// TestAcceptSuggestion_thatNoLongerFits accepts what was in order when it was suggested and contradicts what became of
// the rest.
func TestAcceptSuggestion_thatNoLongerFits(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	k := w.f.KeyResult(func(k *needle.KeyResult) {
		k.ObjectiveID, k.Goal = w.objective, needle.Goal{Baseline: ptr(0.0), Target: ptr(50.0)}
	})
	s := must[needle.Suggestion](t)(w.planner.SuggestKeyResult(w.ctx, needle.SuggestKeyResultInput{
		KeyResultID: k.ID, Rationale: ptr("Ten is enough"), Goal: ptr(goal(0, 10)),
	}))
	must[needle.KeyResult](t)(w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{ID: k.ID, Goal: goal(20, 50), Reason: "Measured"}))
	before := fingerprint(t, w)
	_, err := w.planner.AcceptSuggestion(w.ctx, needle.AcceptSuggestionInput{ID: s.ID})
	wantProblems(t, err, "INVALID input.id")
	if diff := cmp.Diff(before, fingerprint(t, w)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

func TestDeclineSuggestion(t *testing.T) {
	t.Parallel()
	type input = needle.DeclineSuggestionInput
	useCase[input, needle.Suggestion]{
		do: (*planning.Planner).DeclineSuggestion, action: needle.ActDecide, verb: needle.VerbMoved,
		valid: func(w *world) input { return input{ID: w.suggestion, Reason: "It is a headline"} },
		refused: []refusal[input]{
			{
				name:   "no reason",
				change: func(_ *world, in *input) { in.Reason = " " },
				want:   []string{"REQUIRED input.reason"},
			},
			{name: "one that was withdrawn", arrange: withdrawSuggestion, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.suggestion }}},
	}.run(t, newHouse(t))
}

func withdrawSuggestion(w *world) {
	w.t.Helper()
	must[needle.Suggestion](w.t)(w.planner.WithdrawSuggestion(w.ctx, needle.WithdrawSuggestionInput{ID: w.suggestion}))
}

func TestWithdrawSuggestion(t *testing.T) {
	t.Parallel()
	type input = needle.WithdrawSuggestionInput
	useCase[input, needle.Suggestion]{
		do: (*planning.Planner).WithdrawSuggestion, action: needle.ActSuggest, verb: needle.VerbMoved, ready: authored[input]("suggestions"),
		valid: func(w *world) input { return input{ID: w.suggestion} },
		refused: []refusal[input]{
			{name: "one that was withdrawn", arrange: withdrawSuggestion, want: []string{"CONFLICT input.id"}},
			{
				name:    "somebody else's",
				arrange: func(w *world) { authored[input]("suggestions")(w, needle.Viewer{UserID: w.user}, input{}) },
				want:    []string{"FORBIDDEN input.id"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.suggestion }}},
	}.run(t, newHouse(t))
}
