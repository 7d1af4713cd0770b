package graph

import (
	"strings"
	"testing"
)

// ledger reads all that tells how objectives are made together.
func (m *meter) ledger(t *testing.T, w *crowd) {
	t.Helper()
	of := func(n int) []string {
		return m.statements(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Objective {
			signOffStatus { met needed { missing } waitingFor { name } changesRequested { user { name } objective { key } } }
			madeTogether { madeInAVacuum people { user { name } signed } functions { acts } missingFunctions }
			hints { code }
		} } }`, map[string]any{"ids": w.ids["Objective"][:n]})
	}
	one := of(1)
	for _, n := range []int{3, crowdSize} {
		if many := of(n); len(many) != len(one) {
			t.Errorf("%d statements for one objective, %d for %d:\n%s", len(one), len(many), n, strings.Join(abridged(many), "\n"))
		}
	}
	// The objectives; policy, participants and signatures, and three kinds of objects in them; policy, people and dates, and
	// the people themselves; the parts that hints ask for.
	if len(one) != 12 {
		t.Errorf("a ledger takes %d statements, want 12:\n%s", len(one), strings.Join(abridged(one), "\n"))
	}
}
