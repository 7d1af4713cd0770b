package graph

import (
	"fmt"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

// seedRelief gives the first pain point fifty relief checks, duplicates and answers, and each other one of them.
func (w *crowd) seedRelief() {
	for i := range crowdSize {
		for _, p := range []*needle.PainPoint{w.pains[i], w.pains[0]} {
			w.ReliefCheck(func(c *needle.ReliefCheck) { c.PainPointID = p.ID })
			again := w.PainPoint(func(d *needle.PainPoint) { d.Severity, d.MergedIntoID = 1, &p.ID })
			w.Merge(func(m *needle.PainMerge) { m.FromID, m.IntoID = again.ID, p.ID })
			report := w.Evidence(func(e *needle.Evidence) { e.PainPointID = again.ID })
			for _, asked := range []needle.PainPointID{p.ID, again.ID} {
				w.ReliefAnswer(func(a *needle.ReliefAnswer) { a.PainPointID, a.Reporter = asked, report.Customer })
			}
		}
	}
}

// centricity demands that the whole workspace, a team and a trend over any number of cycles take the same statements,
// however much there is, and that rungs of many pain points take as many as of one.
func (m *meter) centricity(t *testing.T, w *crowd) {
	t.Helper()
	const answer = `asOf rungs { share } objectives { share } effort { share } uncovered(first: 100) { painPoint { key } } traceless { key } note`
	for name, c := range map[string]struct {
		query string
		want  int
	}{
		"the workspace": {`{ customerCentricity { ` + answer + ` } }`, 15},
		"a team":        {fmt.Sprintf(`{ customerCentricity(teamId: %q) { %s } }`, w.ids["Team"][0], answer), 16},
		"a cycle":       {fmt.Sprintf(`{ customerCentricity(cycleId: %q) { %s } }`, w.ids["Cycle"][0], answer), 16},
		"one cycle":     {`{ centricityTrend(cycles: 1) { cycle { name } centricity { ` + answer + ` } } }`, 17},
		"many cycles":   {`{ centricityTrend(cycles: 24) { cycle { name } centricity { ` + answer + ` } } }`, 17},
	} {
		if sent := m.statements(t, c.query, nil); len(sent) != c.want {
			t.Errorf("%s takes %d statements, want %d:\n%s", name, len(sent), c.want, strings.Join(abridged(sent), "\n"))
		}
	}
	of := func(n int) int {
		return len(m.statements(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on PainPoint {
			rung standing { weight painPoint { key } } relief { note } reliefAnswers { asked }
		} } }`, map[string]any{"ids": w.ids["PainPoint"][:n]}))
	}
	for _, n := range fanOuts() {
		if got, want := of(n), of(1); got != want {
			t.Errorf("%d statements for one pain point, %d for %d", want, got, n)
		}
	}
}

// seedRelief looks at the pain point at one of few moments.
func (h *heap) seedRelief(pain *needle.PainPoint) {
	h.ReliefCheck(func(c *needle.ReliefCheck) {
		c.PainPointID, c.CheckedAt, c.Relieved = pain.ID, h.moment(), pick(h, true, false)
	})
	h.ReliefAnswer(func(a *needle.ReliefAnswer) {
		a.PainPointID, a.Reporter, a.AnsweredAt = pain.ID, h.text(), h.moment()
		a.Answer = pick(h, needle.ReliefYes, needle.ReliefPartly, needle.ReliefNo)
	})
}
