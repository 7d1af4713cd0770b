package planning_test

import (
	"encoding/json"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// closeObjective ends the world's objective.
func closeObjective(w *world) {
	w.t.Helper()
	must[needle.Objective](w.t)(w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{
		ID: w.objective, To: needle.ObjectiveClosed, Outcome: ptr(needle.OutcomePartly), Retrospective: ptr("We began late"),
	}))
}

func TestCreateObjective(t *testing.T) {
	t.Parallel()
	type input = needle.CreateObjectiveInput
	useCase[input, needle.Objective]{
		do: (*planning.Planner).CreateObjective, action: needle.ActWriteObjective, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{
				TeamID: w.team, CycleID: w.cycle, Title: "Refunds are fast", Description: ptr("And said to be"),
				PainPointIDs: []needle.PainPointID{w.pain}, ParentObjectiveID: &w.objective,
			}
		},
		refused: []refusal[input]{
			{
				name:   "no title and two parents",
				change: func(w *world, in *input) { in.Title, in.ParentKeyResultID = "", &w.keyResult },
				want:   []string{"REQUIRED input.title", "INVALID input.parentKeyResultId"},
			},
			{
				name: "a closed cycle",
				change: func(w *world, in *input) {
					in.CycleID = w.f.Cycle(func(c *needle.Cycle) { c.State = needle.CycleClosed }).ID
				},
				want: []string{"CONFLICT input.cycleId"},
			},
		},
		refers: []reference[input]{
			{"input.teamId", func(in *input, of ids) { in.TeamID = of.team }},
			{"input.cycleId", func(in *input, of ids) { in.CycleID = of.cycle }},
			{"input.painPointIds.1", func(in *input, of ids) { in.PainPointIDs = append(in.PainPointIDs, of.pain) }},
			{"input.parentObjectiveId", func(in *input, of ids) { in.ParentObjectiveID = &of.objective }},
			{"input.parentKeyResultId", func(in *input, of ids) { in.ParentObjectiveID, in.ParentKeyResultID = nil, &of.keyResult }},
		},
	}.run(t, newHouse(t))
}

// laterObjective is of a cycle that starts after the world's.
func laterObjective(w *world) *needle.Objective {
	w.t.Helper()
	cycle := w.f.Cycle(func(c *needle.Cycle) {
		c.StartsOn, c.EndsOn = needle.NewDate(c.EndsOn.AddDate(0, 0, 1)), needle.NewDate(c.EndsOn.AddDate(0, 3, 0))
	})
	return w.f.Objective(func(o *needle.Objective) { o.CycleID = cycle.ID })
}

func TestUpdateObjective_mayServeOneOfAnEarlierCycle(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	later := laterObjective(w)
	o := must[needle.Objective](t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{
		ID: later.ID, ParentKeyResultID: needle.Given(&w.keyResult),
	}))
	if o.ParentKeyResultID == nil || *o.ParentKeyResultID != w.keyResult {
		t.Errorf("it is %s", asJSON(t, o))
	}
	_, err := w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: w.objective, ParentObjectiveID: needle.Given(&later.ID)})
	wantProblems(t, err, "INVALID input.parentObjectiveId")
	// What the cycles' dates became since is no reason to refuse other changes.
	must[needle.Cycle](t)(w.planner.UpdateCycle(w.ctx, needle.UpdateCycleInput{ID: later.CycleID, StartsOn: ptr(needle.NewDate(storetest.Now().AddDate(-1, 0, 0)))}))
	must[needle.Objective](t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: later.ID, Title: ptr("Another")}))
}

func TestUpdateObjective(t *testing.T) {
	t.Parallel()
	type input = needle.UpdateObjectiveInput
	none := needle.Given[needle.ObjectiveID](nil)
	useCase[input, needle.Objective]{
		do: (*planning.Planner).UpdateObjective, action: needle.ActWriteObjective, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			parent := w.f.Objective()
			return input{
				ID: w.objective, Title: ptr("Refunds are fast"), Description: ptr("And said to be"),
				PainPointIDs: []needle.PainPointID{w.pain}, ParentObjectiveID: needle.Given(&parent.ID),
			}
		},
		refused: []refusal[input]{
			{
				name:   "an empty title, and itself as its parent",
				change: func(w *world, in *input) { in.Title, in.ParentObjectiveID = ptr(""), needle.Given(&w.objective) },
				want:   []string{"REQUIRED input.title", "INVALID input.parentObjectiveId"},
			},
			{
				name: "a key result of its own to serve",
				change: func(w *world, in *input) {
					in.ParentObjectiveID, in.ParentKeyResultID = none, needle.Given(&w.keyResult)
				},
				want: []string{"INVALID input.parentKeyResultId"},
			},
			{
				name: "an objective to serve that serves it through a key result",
				change: func(w *world, in *input) {
					in.ParentObjectiveID = needle.Given(&w.f.Objective(func(o *needle.Objective) { o.ParentKeyResultID = &w.keyResult }).ID)
				},
				want: []string{"INVALID input.parentObjectiveId"},
			},
			{
				name: "an objective to serve of a later cycle",
				change: func(w *world, in *input) {
					in.ParentObjectiveID = needle.Given(&laterObjective(w).ID)
				},
				want: []string{"INVALID input.parentObjectiveId"},
			},
			{
				name: "a key result to serve of a later cycle",
				change: func(w *world, in *input) {
					later := laterObjective(w)
					in.ParentObjectiveID = none
					in.ParentKeyResultID = needle.Given(&w.f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = later.ID }).ID)
				},
				want: []string{"INVALID input.parentKeyResultId"},
			},
			{name: "a closed one", arrange: closeObjective, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{
			{"input.id", func(in *input, of ids) { in.ID = of.objective }},
			{"input.painPointIds.0", func(in *input, of ids) { in.PainPointIDs[0] = of.pain }},
			{"input.parentObjectiveId", func(in *input, of ids) { in.ParentObjectiveID = needle.Given(&of.objective) }},
			{"input.parentKeyResultId", func(in *input, of ids) {
				in.ParentObjectiveID, in.ParentKeyResultID = none, needle.Given(&of.keyResult)
			}},
		},
	}.run(t, newHouse(t))
}

func TestMoveObjective(t *testing.T) {
	t.Parallel()
	type input = needle.MoveObjectiveInput
	useCase[input, needle.Objective]{
		do: (*planning.Planner).MoveObjective, action: needle.ActMoveObjective, verb: needle.VerbMoved,
		valid: func(w *world) input {
			return input{ID: w.objective, To: needle.ObjectiveClosed, Outcome: ptr(needle.OutcomeMissed), Retrospective: ptr("We began late")}
		},
		refused: []refusal[input]{
			{
				name:   "closing without an outcome",
				change: func(_ *world, in *input) { in.Outcome = nil },
				want:   []string{"REQUIRED input.outcome"},
			},
			{
				name:   "an outcome without closing",
				change: func(_ *world, in *input) { in.To = needle.ObjectiveProposed },
				want:   []string{"INVALID input.outcome"},
			},
			{
				name:   "a way that does not exist",
				change: func(_ *world, in *input) { in.To, in.Outcome = needle.ObjectiveDraft, nil },
				want:   []string{"CONFLICT input.to"},
			},
			{name: "closing what is closed", arrange: closeObjective, want: []string{"CONFLICT input.to"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.objective }}},
	}.run(t, newHouse(t))
}

func TestMoveObjective_goesRoundAndTargetsPain(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	o := must[needle.Objective](t)(w.planner.CreateObjective(w.ctx, needle.CreateObjectiveInput{
		TeamID: w.team, CycleID: w.cycle, Title: "Refunds are fast", PainPointIDs: []needle.PainPointID{w.pain, w.pain},
	}))
	status := func() needle.PainPointStatus {
		return must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), w.pain)).Status
	}
	move := func(to needle.ObjectiveState, outcome *needle.ObjectiveOutcome, retrospective string) {
		t.Helper()
		o = must[needle.Objective](t)(w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{
			ID: o.ID, To: to, Outcome: outcome, Retrospective: ptr("We began late"), ExpectedVersion: &o.Version,
		}))
		wantStored(t, w, o)
		if o.State != to || o.Retrospective != retrospective {
			t.Errorf("the objective is %s", asJSON(t, o))
		}
	}
	move(needle.ObjectiveProposed, nil, "")
	if status() != needle.PainOpen {
		t.Errorf("a proposal made the pain point %s", status())
	}
	w.signAll(o)
	move(needle.ObjectiveAgreed, nil, "")
	if status() != needle.PainTargeted {
		t.Errorf("the agreement made the pain point %s", status())
	}
	move(needle.ObjectiveClosed, ptr(needle.OutcomeAchieved), "We began late")
	move(needle.ObjectiveAgreed, nil, "")
}

// What looks like an escape of JSON is text like any other, in what is stored and in what is told of it.
func TestUpdateObjective_keepsTextThatLooksLikeAnEscape(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	const title = `\u0000 and \\u0000 and \' and "`
	got := must[needle.Objective](t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: w.objective, Title: ptr(title)}))
	wantStored(t, w, got)
	for _, a := range w.activities(t) {
		var after struct{ Title string }
		if err := json.Unmarshal(a.After, &after); err == nil && after.Title != "" && a.Verb == needle.VerbUpdated && after.Title != title {
			t.Errorf("the activity tells of %q", after.Title)
		}
	}
	if got.Title != title {
		t.Errorf("the title is %q", got.Title)
	}
}
