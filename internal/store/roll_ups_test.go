package store_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestObjectivesServing_findsAllBelowOnceAtAnyDepth(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f, abroad := storetest.Seed(t, db), storetest.Seed(t, db)
	scope, counter := store.New(db, store.Config{}).In(f.Workspace.ID), storetest.CountStatements(t, db)
	// A chain that runs through objectives and key results in turn.
	chain := []*needle.Objective{f.Objective()}
	for range 6 {
		above := chain[len(chain)-1]
		chain = append(chain, f.Objective(func(o *needle.Objective) {
			if len(chain)%2 == 0 {
				o.ParentObjectiveID = &above.ID
			} else {
				o.ParentKeyResultID = &f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = above.ID }).ID
			}
		}))
	}
	alone, theirs := f.Objective(), abroad.Objective()
	below := func(ids ...needle.ObjectiveID) map[needle.ObjectiveID][]int {
		t.Helper()
		found, err := scope.ObjectivesServing(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		out := map[needle.ObjectiveID][]int{}
		for top, all := range found {
			for _, o := range all {
				out[top] = append(out[top], o.Number)
			}
			slices.Sort(out[top])
		}
		return out
	}
	want := map[needle.ObjectiveID][]int{
		chain[0].ID: {1, 2, 3, 4, 5, 6, 7}, chain[4].ID: {5, 6, 7}, alone.ID: {8},
	}
	if diff := cmp.Diff(want, below(chain[0].ID, chain[4].ID, alone.ID, theirs.ID, chain[0].ID)); diff != "" {
		t.Errorf("others serve them:\n%s", diff)
	}
	one, many := counter.Since(func() { below(alone.ID) }), counter.Since(func() { below(chain[0].ID, chain[1].ID, chain[2].ID) })
	if one != many {
		t.Errorf("%d statements for one and %d for many", one, many)
	}
	// No write closes a loop; one that was there would end the search all the same.
	if _, err := db.ExecContext(t.Context(), "UPDATE objectives SET parent_objective_id = ? WHERE id = ?", chain[6].ID, chain[0].ID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[needle.ObjectiveID][]int{chain[3].ID: {1, 2, 3, 4, 5, 6, 7}}, below(chain[3].ID)); diff != "" {
		t.Errorf("in a loop others serve it:\n%s", diff)
	}
}
