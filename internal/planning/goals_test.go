package planning_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestGoals_keepTheRelativeChangeBesideTheTarget(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	k := must[needle.KeyResult](t)(w.planner.CreateKeyResult(w.ctx, needle.CreateKeyResultInput{
		ObjectiveID: w.objective, Title: "Days to a refund", Direction: ptr(needle.DirectionDecrease),
		Goal: needle.GoalInput{Baseline: ptr(13.0), RelativeChange: ptr(-0.3)},
	}))
	want := func(target float64, change *float64) {
		t.Helper()
		wantStored(t, w, k)
		if *k.Target != target || (k.RelativeChange == nil) != (change == nil) || (change != nil && *k.RelativeChange != *change) {
			t.Errorf("the target is %v by %s, want %v by %s", *k.Target, asJSON(t, k.RelativeChange), target, asJSON(t, change))
		}
	}
	want(9.1, ptr(-0.3))
	change := func(in needle.GoalInput, from *time.Time) {
		t.Helper()
		k = must[needle.KeyResult](t)(w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{
			ID: k.ID, Goal: in, Reason: "measured anew", ValidFrom: from,
		}))
	}
	earlier := storetest.Now().AddDate(0, 0, -30)
	change(goal(13, 5), &earlier) // What held before the present numbers changes nothing of them.
	want(9.1, ptr(-0.3))
	change(needle.GoalInput{Baseline: ptr(12.0), RelativeChange: ptr(-0.5)}, nil)
	want(6, ptr(-0.5))
	change(goal(12, 6), nil)
	want(6, nil)
	wantGoals(t, w, k.ID,
		&needle.GoalVersion{Goal: goal(13, 9.1).Goal(), Reason: "first written"}, &needle.GoalVersion{Goal: goal(13, 5).Goal(), Reason: "measured anew", ValidFrom: earlier},
		&needle.GoalVersion{Goal: goal(12, 6).Goal(), Reason: "measured anew"}, &needle.GoalVersion{Goal: goal(12, 6).Goal(), Reason: "measured anew"})
}

func TestMilestones_startAsTheirDirectionSays(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for direction, want := range map[needle.Direction]needle.Goal{
		needle.DirectionIncrease: {Baseline: ptr(0.0), Target: ptr(1.0)},
		needle.DirectionDecrease: {Baseline: ptr(1.0), Target: ptr(0.0)},
		needle.DirectionMaintain: {BandLow: ptr(1.0)},
	} {
		k := must[needle.KeyResult](t)(w.planner.CreateKeyResult(w.ctx, needle.CreateKeyResultInput{
			ObjectiveID: w.objective, Title: "The desk is open", Kind: ptr(needle.KindMilestone), Direction: &direction,
		}))
		if diff := cmp.Diff(want, k.Goal); diff != "" {
			t.Errorf("%s starts otherwise:\n%s", direction, diff)
		}
	}
}
