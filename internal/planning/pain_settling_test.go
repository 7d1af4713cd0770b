package planning_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// address makes an objective in a state that addresses the pain points.
func address(w *world, state needle.ObjectiveState, pains ...needle.PainPointID) *needle.Objective {
	w.t.Helper()
	o := w.f.Objective(func(o *needle.Objective) { o.State = state })
	for _, p := range pains {
		w.f.Address(o, &needle.PainPoint{ID: p})
	}
	return o
}

func wantStatus(t *testing.T, w *world, pain needle.PainPointID, want needle.PainPointStatus) {
	t.Helper()
	if p := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), pain)); p.Status != want {
		t.Errorf("%s is %s, want %s", p.Key(), p.Status, want)
	}
}

func TestStatus_followsTheAgreedObjectives(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	first, second, third := w.f.PainPoint().ID, w.f.PainPoint().ID, w.f.PainPoint().ID
	relieved := w.f.PainPoint(func(p *needle.PainPoint) { p.Status = needle.PainRelieved }).ID
	o := address(w, needle.ObjectiveProposed, first, second, relieved, w.dismissed)
	other := address(w, needle.ObjectiveAgreed, third)
	move := func(o *needle.Objective, to needle.ObjectiveState, outcome *needle.ObjectiveOutcome) {
		t.Helper()
		must[needle.Objective](t)(w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: o.ID, To: to, Outcome: outcome}))
	}
	link := func(o *needle.Objective, pains ...needle.PainPointID) {
		t.Helper()
		must[needle.Objective](t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: o.ID, PainPointIDs: append([]needle.PainPointID{}, pains...)}))
	}
	want := func(one, two, three needle.PainPointStatus) {
		t.Helper()
		wantStatus(t, w, first, one)
		wantStatus(t, w, second, two)
		wantStatus(t, w, third, three)
		wantStatus(t, w, relieved, needle.PainRelieved)
		wantStatus(t, w, w.dismissed, needle.PainDismissed)
	}
	setReopen(t, w, false)

	w.signAll(o)
	before := len(w.activities(t))
	move(o, needle.ObjectiveAgreed, nil)
	want(needle.PainTargeted, needle.PainTargeted, needle.PainOpen)
	if told := len(w.activities(t)) - before; told != 3 {
		t.Errorf("agreeing and two pain points that became TARGETED left %d activities", told)
	}
	link(other, first, third)
	want(needle.PainTargeted, needle.PainTargeted, needle.PainTargeted)
	move(o, needle.ObjectiveClosed, ptr(needle.OutcomeDropped))
	want(needle.PainTargeted, needle.PainOpen, needle.PainTargeted)
	move(o, needle.ObjectiveAgreed, nil)
	want(needle.PainTargeted, needle.PainTargeted, needle.PainTargeted)
	link(o, relieved)
	link(other)
	want(needle.PainOpen, needle.PainOpen, needle.PainOpen)
	link(o, first)
	move(o, needle.ObjectiveProposed, nil)
	want(needle.PainOpen, needle.PainOpen, needle.PainOpen)
}

// setReopen says whether a change of an agreed objective makes it PROPOSED again.
func setReopen(t *testing.T, w *world, reopen bool) {
	t.Helper()
	_, err := w.house.store.DB().ExecContext(t.Context(), `UPDATE workspaces SET reopen_on_change = ? WHERE id = ?`, reopen, w.scope.WorkspaceID())
	if err != nil {
		t.Fatal(err)
	}
}

// A change that makes an agreed objective PROPOSED again leaves its pain points without an agreed one; nothing that was
// never targeted is told to have been.
func TestStatus_followsAnObjectiveThatIsToBeSignedAnew(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	setReopen(t, w, true)
	old, fresh := w.f.PainPoint(func(p *needle.PainPoint) { p.Status = needle.PainTargeted }).ID, w.f.PainPoint()
	o := address(w, needle.ObjectiveAgreed, old)
	must[needle.Objective](t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: o.ID, PainPointIDs: []needle.PainPointID{old, fresh.ID}}))
	wantStatus(t, w, old, needle.PainOpen)
	if p := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), fresh.ID)); p.Status != needle.PainOpen || p.Version != fresh.Version {
		t.Errorf("the new one is %s in version %d", p.Status, p.Version)
	}
}

func TestStatus_followsMerges(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	duplicate, root := w.f.PainPoint(func(p *needle.PainPoint) { p.Status = needle.PainTargeted }).ID, w.f.PainPoint().ID
	o := address(w, needle.ObjectiveAgreed, duplicate)
	merge(t, w, duplicate, root)
	wantStatus(t, w, duplicate, needle.PainTargeted)
	wantStatus(t, w, root, needle.PainTargeted)
	must[needle.Objective](t)(w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: o.ID, To: needle.ObjectiveClosed, Outcome: ptr(needle.OutcomeMissed), Retrospective: ptr("We began late")}))
	wantStatus(t, w, root, needle.PainOpen)
	must[needle.Objective](t)(w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: o.ID, To: needle.ObjectiveAgreed}))
	wantStatus(t, w, root, needle.PainTargeted)
	unmerge(t, w, duplicate)
	wantStatus(t, w, duplicate, needle.PainTargeted)
	wantStatus(t, w, root, needle.PainOpen)
}

// Whatever order they come in, the status is right in the end.
func TestStatus_isRightAfterMergesAndMovesAtOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 6 {
		duplicate, root := w.f.PainPoint().ID, w.f.PainPoint().ID
		o := address(w, needle.ObjectiveProposed, duplicate)
		w.signAll(o)
		closing := address(w, needle.ObjectiveAgreed, root)
		errs := atOnce(3, func(i int) error {
			var err error
			switch i {
			case 0:
				_, err = w.planner.MergePainPoints(w.ctx, needle.MergePainPointsInput{From: duplicate, Into: root})
			case 1:
				_, err = w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: o.ID, To: needle.ObjectiveAgreed})
			default:
				_, err = w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: closing.ID, To: needle.ObjectiveClosed, Outcome: ptr(needle.OutcomeMissed), Retrospective: ptr("We began late")})
			}
			return err
		})
		wantOutcomes(t, errs, map[string]int{"": 3})
		wantStatus(t, w, root, needle.PainTargeted)
	}
}

func TestSettlePainPoints_withoutAnyDoesNothing(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	var settled []store.SettledPainPoint
	settled, err := w.scope.SettlePainPoints(t.Context(), nil)
	if err != nil || settled != nil {
		t.Errorf("%v, %v", settled, err)
	}
}
