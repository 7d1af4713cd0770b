package planning_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// edit is one change of an objective or of what belongs to it.
type edit struct {
	name string
	do   func(w *world) error
}

// updating changes the world's objective.
func updating(change func(w *world, in *needle.UpdateObjectiveInput)) func(*world) error {
	return func(w *world) error {
		in := needle.UpdateObjectiveInput{ID: w.objective}
		change(w, &in)
		_, err := w.planner.UpdateObjective(w.ctx, in)
		return err
	}
}

// updatingResult changes the world's key result.
func updatingResult(change func(w *world, in *needle.UpdateKeyResultInput)) func(*world) error {
	return func(w *world) error {
		in := needle.UpdateKeyResultInput{ID: w.keyResult}
		change(w, &in)
		_, err := w.planner.UpdateKeyResult(w.ctx, in)
		return err
	}
}

// revising lists the changes after which people sign anew.
func revising() []edit {
	return []edit{
		{"the title", updating(func(_ *world, in *needle.UpdateObjectiveInput) { in.Title = ptr("Fast") })},
		{"the description", updating(func(_ *world, in *needle.UpdateObjectiveInput) { in.Description = ptr("Fast") })},
		{"a pain point more", updating(func(w *world, in *needle.UpdateObjectiveInput) { in.PainPointIDs = []needle.PainPointID{w.pain} })},
		{"the objective it serves", updating(func(w *world, in *needle.UpdateObjectiveInput) {
			in.ParentObjectiveID = needle.Given(&w.f.Objective().ID)
		})},
		{"the key result it serves", updating(func(w *world, in *needle.UpdateObjectiveInput) { in.ParentKeyResultID = needle.Given(&w.otherResult) })},
		{"a key result more", func(w *world) error {
			_, err := w.planner.CreateKeyResult(w.ctx, needle.CreateKeyResultInput{ObjectiveID: w.objective, Title: "Days", Goal: goal(0, 1)})
			return err
		}},
		{"a key result's title", updatingResult(func(_ *world, in *needle.UpdateKeyResultInput) { in.Title = ptr("Days") })},
		{"a key result's wording", updatingResult(func(_ *world, in *needle.UpdateKeyResultInput) { in.Wording = ptr("all") })},
		{"a key result's unit", updatingResult(func(_ *world, in *needle.UpdateKeyResultInput) { in.Unit = ptr("days") })},
		{"a key result's indicator", updatingResult(func(_ *world, in *needle.UpdateKeyResultInput) { in.Indicator = ptr(needle.IndicatorLeading) })},
		{"a key result's weight", updatingResult(func(_ *world, in *needle.UpdateKeyResultInput) { in.Weight = ptr(2.0) })},
		{"a key result's numbers", func(w *world) error {
			_, err := w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{ID: w.keyResult, Goal: goal(0, 90), Reason: "too far"})
			return err
		}},
	}
}

// sparing lists the changes that nobody signs.
func sparing() []edit {
	return []edit{
		{"the same title, description and pain points", updating(func(w *world, in *needle.UpdateObjectiveInput) {
			o := must[needle.Objective](w.t)(w.scope.Objective(w.t.Context(), w.objective))
			in.Title, in.Description, in.PainPointIDs = &o.Title, &o.Description, []needle.PainPointID{}
		})},
		{"nothing to serve, as before", updating(func(_ *world, in *needle.UpdateObjectiveInput) {
			in.ParentObjectiveID = needle.Given[needle.ObjectiveID](nil)
		})},
		{"a key result's owner", updatingResult(func(w *world, in *needle.UpdateKeyResultInput) { in.OwnerID = needle.Given(&w.user) })},
		{"a key result's cadence", updatingResult(func(_ *world, in *needle.UpdateKeyResultInput) { in.CadenceDays = ptr(14) })},
		{"a key result's lag", updatingResult(func(_ *world, in *needle.UpdateKeyResultInput) { in.LagMinDays, in.LagMaxDays = ptr(1), ptr(2) })},
		{"a key result's numbers, which stay", func(w *world) error {
			_, err := w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{ID: w.keyResult, Goal: goal(0, 100), Reason: "said again"})
			return err
		}},
		{"a key result's numbers of an earlier time", func(w *world) error {
			_, err := w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{
				ID: w.keyResult, Goal: goal(0, 90), Reason: "found in the minutes", ValidFrom: ptr(storetest.Now().AddDate(0, 0, -30)),
			})
			return err
		}},
		{"a check-in", func(w *world) error {
			_, err := w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: w.keyResult, Value: 60})
			return err
		}},
		{"an invitation", func(w *world) error {
			_, err := w.planner.InviteParticipants(w.ctx, needle.InviteParticipantsInput{
				ObjectiveID: w.objective, Participants: []*needle.ParticipantInput{{UserID: w.user}},
			})
			return err
		}},
	}
}

func TestRevisions_lapseWithEveryChangeThatPeopleSign(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, e := range revising() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			w := h.world(t)
			before := must[needle.Objective](t)(w.scope.Objective(t.Context(), w.objective))
			told := len(w.activities(t))
			if err := e.do(w); err != nil {
				t.Fatal(err)
			}
			after := must[needle.Objective](t)(w.scope.Objective(t.Context(), w.objective))
			if after.Revision != before.Revision+1 || after.State != needle.ObjectiveProposed || !after.StateChangedAt.After(before.StateChangedAt) {
				t.Errorf("the objective is %s", asJSON(t, after))
			}
			if after.Version != before.Version+1 {
				t.Errorf("one change counts as %d", after.Version-before.Version)
			}
			recorded := w.activities(t)[told:]
			if len(recorded) != 2 || recorded[1].Verb != needle.VerbMoved || recorded[1].SubjectID != w.objective.String() {
				t.Errorf("recorded: %s", asJSON(t, recorded))
			}
		})
	}
}

func TestRevisions_staySignedWhenTheRestChanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, e := range sparing() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			w := h.world(t)
			before := must[needle.Objective](t)(w.scope.Objective(t.Context(), w.objective))
			if err := e.do(w); err != nil {
				t.Fatal(err)
			}
			after := must[needle.Objective](t)(w.scope.Objective(t.Context(), w.objective))
			if after.Revision != before.Revision || after.State != needle.ObjectiveAgreed {
				t.Errorf("the objective is %s", asJSON(t, after))
			}
		})
	}
}

func TestRevisions_keepAnObjectiveAgreedWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, e := range revising() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			w := h.world(t)
			must[needle.Workspace](t)(w.planner.UpdateWorkspace(w.ctx, needle.UpdateWorkspaceInput{
				Policy: &needle.WorkspacePolicyInput{ReopenOnChange: ptr(false)},
			}))
			if err := e.do(w); err != nil {
				t.Fatal(err)
			}
			o := must[needle.Objective](t)(w.scope.Objective(t.Context(), w.objective))
			if o.Revision != 2 || o.State != needle.ObjectiveAgreed {
				t.Errorf("the objective is %s", asJSON(t, o))
			}
		})
	}
}

func TestRevisions_lapseWhereTheyAreSigned(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	o := w.proposed()
	w.signAll(o)
	if !w.signOffStatus(t, o.ID).Met {
		t.Fatal("the signatures do not suffice")
	}
	o = must[needle.Objective](t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: o.ID, Title: ptr("Other")}))
	if status := w.signOffStatus(t, o.ID); status.Met || status.Needed[0].Approved != 0 || o.State != needle.ObjectiveProposed {
		t.Errorf("after a change the status is %s", asJSON(t, status))
	}
}
