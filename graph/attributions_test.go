package graph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// TestAttributions_ofThePresentAreToldAsTheyWereWorkedOut asks before and after attributions are worked out, and once
// something else was written: always the same answer, from two statements where it was ready and from ten where not.
func TestAttributions_ofThePresentAreToldAsTheyWereWorkedOut(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	w := engineOn(t, storetest.Open(t, address)).newWorld(t, (*world).seedAttribution)
	db := storetest.Open(t, address)
	m := &meter{e: engineOn(t, db), ctx: viewerContext(t, w.Viewer(w.Owner)), sql: storetest.CountStatements(t, db)}
	const query = `{ contributions(first: 100) { nodes { id attribution {
		asOf grade explanation deliveredAt candidates unlinked doubts missing baselinePoints latestAt trackerReadAt
		bet { lockedAt locked { bet { expectedLow expectedHigh } version } later { version } } effectWindow { from to }
		movement { then { value measuredAt recordedAt } now { value } change towards beyondDrift checkIns } drift { perDay points }
		signal { state low high } bounds { low high margin } verdict { verdict why dueAt realised { low high } beyondRoutine }
		events { id title author { name } } experiment { id author { name } } } } } }`
	ask := func() (any, int) {
		t.Helper()
		var answer any
		sent := m.sql.Statements(func() { answer = m.e.ask(m.ctx, t, query, nil) })
		reading := 0
		for _, s := range sent {
			if !strings.Contains(s, "FROM users") && !strings.Contains(s, "FROM contributions AS t") {
				reading++
			}
		}
		return answer, reading
	}
	worked, dear := ask()
	if _, err := planning.New(store.New(db, store.Config{Now: storetest.Now})).ComputeDueAttributions(t.Context()); err != nil {
		t.Fatal(err)
	}
	recalled, cheap := ask()
	if diff := cmp.Diff(worked, recalled); diff != "" {
		t.Errorf("the answer that is worked out for the question (-) and before it (+):\n%s", diff)
	}
	if dear != 10 || cheap != 2 {
		t.Errorf("%d statements when it is worked out for the question, and %d when it was before; want 10 and 2", dear, cheap)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO attribution_marks (workspace_id, key_result_id) VALUES (?, ?)`,
		w.Workspace.ID, w.keyResults["sole"].ID); err != nil {
		t.Fatal(err)
	}
	mixed, both := ask()
	if diff := cmp.Diff(worked, mixed); diff != "" || both != dear {
		t.Errorf("with one key result that is marked, in %d statements:\n%s", both, diff)
	}
}
