package planning_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestCarryOverObjective_takesItsCompanyAlong(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	o, measured, silent := w.newResult()
	gone, stays, signs := w.f.User(), w.f.User(), w.f.User()
	w.f.Invite(o, gone, stays, signs)
	w.exec(t, "UPDATE participants SET left_at = invited_at WHERE user_id = ?", gone.ID)
	w.exec(t, "UPDATE participants SET must_sign = true WHERE user_id = ?", signs.ID)
	ended := w.f.PainPoint()
	w.f.Address(o, ended)
	if err := w.scope.SetObjectivePainPoints(t.Context(), o.ID, []needle.PainPointID{w.pain}); err != nil {
		t.Fatal(err)
	}
	w.close(o)
	next := must[needle.Objective](t)(w.planner.CarryOverObjective(w.ctx, needle.CarryOverObjectiveInput{ID: o.ID, CycleID: w.laterCycle(needle.CyclePlanning)}))
	if next.Title != o.Title || next.TeamID != o.TeamID || next.State != needle.ObjectiveDraft || *next.CarriedFromID != o.ID || next.CreatedBy != w.owner {
		t.Errorf("it goes on as %s", asJSON(t, next))
	}
	var pains []needle.PainPointID
	page, err := w.scope.PainPointsByObjective(t.Context(), []needle.ObjectiveID{next.ID}, store.PainPointList{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range page[0].Nodes {
		pains = append(pains, p.ID)
	}
	if diff := cmp.Diff([]needle.PainPointID{w.pain}, pains); diff != "" {
		t.Errorf("it addresses others:\n%s", diff)
	}
	want := map[needle.UserID]bool{stays.ID: false, signs.ID: true, w.owner: false}
	if diff := cmp.Diff(want, w.signers(t, next.ID)); diff != "" {
		t.Errorf("others take part, or must sign:\n%s", diff)
	}
	found, err := w.scope.KeyResultsOfAll(t.Context(), []needle.ObjectiveID{next.ID})
	if err != nil {
		t.Fatal(err)
	}
	goes := found[next.ID]
	if len(goes) != 2 || *goes[0].CarriedFromID != measured.ID || *goes[0].Baseline != 40 || *goes[0].Target != 100 || goes[0].Weight != 3 ||
		*goes[1].CarriedFromID != silent.ID || *goes[1].Baseline != 0 || goes[0].CurrentValue != nil {
		t.Errorf("its key results are %s", asJSON(t, goes))
	}
	wantGoals(t, w, goes[0].ID, &needle.GoalVersion{Goal: goes[0].Goal, Reason: "carried over from " + measured.Key(), ValidFrom: goes[0].CreatedAt})
}

func (w *world) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := w.house.store.DB().ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// signers reads who takes part in an objective, and whether they must sign.
func (w *world) signers(t *testing.T, id needle.ObjectiveID) map[needle.UserID]bool {
	t.Helper()
	var rows []needle.Participant
	if err := w.house.store.DB().NewSelect().Model(&rows).Where("objective_id = ?", id).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	out := map[needle.UserID]bool{}
	for _, p := range rows {
		out[p.UserID] = p.MustSign
	}
	return out
}

func TestCarryOverObjective_keepsAParentThatRunsOn(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	long := w.f.Cycle(func(c *needle.Cycle) {
		c.EndsOn = needle.NewDate(storetest.Now().AddDate(0, 10, 0))
	}).ID
	ofYear := w.f.Objective(func(o *needle.Objective) { o.CycleID = long })
	yearly := w.f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = ofYear.ID })
	ended := w.f.Objective(func(o *needle.Objective) { o.CycleID = long })
	w.close(ended)
	for name, tc := range map[string]struct {
		serves func(o *needle.Objective)
		keeps  bool
	}{
		"an objective of the year":         {func(o *needle.Objective) { o.ParentObjectiveID = &ofYear.ID }, true},
		"a key result of the year":         {func(o *needle.Objective) { o.ParentKeyResultID = &yearly.ID }, true},
		"an objective of the quarter":      {func(o *needle.Objective) { o.ParentObjectiveID = &w.objective }, false},
		"a key result of the quarter":      {func(o *needle.Objective) { o.ParentKeyResultID = &w.keyResult }, false},
		"an objective of the year, closed": {func(o *needle.Objective) { o.ParentObjectiveID = &ended.ID }, false},
		"nothing":                          {func(*needle.Objective) {}, true},
	} {
		o := w.f.Objective(tc.serves)
		w.close(o)
		next := must[needle.Objective](t)(w.planner.CarryOverObjective(w.ctx, needle.CarryOverObjectiveInput{ID: o.ID, CycleID: w.laterCycle(needle.CycleActive)}))
		type parents struct {
			Objective *needle.ObjectiveID
			KeyResult *needle.KeyResultID
		}
		var want parents
		if tc.keeps {
			want = parents{o.ParentObjectiveID, o.ParentKeyResultID}
		}
		if diff := cmp.Diff(want, parents{next.ParentObjectiveID, next.ParentKeyResultID}); diff != "" {
			t.Errorf("what served %s serves something else:\n%s", name, diff)
		}
	}
}

func TestCarryOverObjective_neverLosesACheckIn(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	rapid.Check(t, func(rt *rapid.T) {
		o := w.f.Objective()
		k := w.f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = o.ID })
		start := storetest.Now()
		var recorded []needle.CheckInID
		for year := range rapid.IntRange(1, 3).Draw(rt, "carried over") {
			for range rapid.IntRange(0, 3).Draw(rt, "check-ins") {
				c := must[needle.CheckIn](t)(w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{
					KeyResultID: k.ID, Value: float64(rapid.IntRange(-10, 150).Draw(rt, "value")),
				}))
				recorded = append(recorded, c.ID)
			}
			w.close(o)
			cycle := w.f.Cycle(func(c *needle.Cycle) {
				c.StartsOn, c.EndsOn = needle.NewDate(start.AddDate(year+1, 0, 0)), needle.NewDate(start.AddDate(year+2, 0, -1))
			})
			o = must[needle.Objective](t)(w.planner.CarryOverObjective(w.ctx, needle.CarryOverObjectiveInput{ID: o.ID, CycleID: cycle.ID}))
			found, err := w.scope.KeyResultsOfAll(t.Context(), []needle.ObjectiveID{o.ID})
			if err != nil {
				t.Fatal(err)
			}
			k = found[o.ID][0]
		}
		lineages, err := w.scope.Lineages(t.Context(), []needle.KeyResultID{k.ID})
		if err != nil {
			t.Fatal(err)
		}
		var line []needle.KeyResultID
		for i, one := range lineages[k.ID] {
			line = append(line, one.ID)
			if i > 0 && *one.CarriedFromID != line[i-1] {
				rt.Fatalf("%s does not continue the one before", one.Key())
			}
		}
		histories, err := w.scope.CheckInHistories(t.Context(), line)
		if err != nil {
			t.Fatal(err)
		}
		var kept []needle.CheckInID
		for _, id := range line {
			for _, c := range histories[id] {
				kept = append(kept, c.ID)
			}
		}
		if diff := cmp.Diff(recorded, kept); diff != "" || line[len(line)-1] != k.ID {
			rt.Fatalf("check-ins were lost, or came from elsewhere:\n%s", diff)
		}
	})
}

func TestCarryOverObjective_atOnceIsDoneOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	o, _, _ := w.newResult()
	w.close(o)
	in := needle.CarryOverObjectiveInput{ID: o.ID, CycleID: w.laterCycle(needle.CyclePlanning)}
	errs := atOnce(6, func(int) error {
		_, err := w.planner.CarryOverObjective(w.ctx, in)
		return err
	})
	wantOutcomes(t, errs, map[string]int{"": 1, "CONFLICT input.cycleId": 5})
}
