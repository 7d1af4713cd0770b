package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/needle-okr/needle/internal/store/storetest"
)

// fanOuts are how many objects a level has, from one to more than a usual page.
func fanOuts() []int { return []int{1, 5, 50} }

// meter counts the statements that answers take.
type meter struct {
	e   *engine
	ctx context.Context
	sql *storetest.Counter
}

// statements answers a query by the production reader, without errors, and returns what the database was asked.
func (m *meter) statements(t *testing.T, query string, variables map[string]any) []string {
	t.Helper()
	return m.sql.Statements(func() { m.e.ask(m.ctx, t, query, variables) })
}

// constant demands the same number of statements for every fan-out, and that many edges, and returns the number.
func (m *meter) constant(t *testing.T, name, field string, variables func(n int) map[string]any, query func(n int) string) int {
	t.Helper()
	var first []string
	for i, n := range fanOuts() {
		var answer any
		sent := m.sql.Statements(func() { answer = m.e.ask(m.ctx, t, query(n), variables(n)) })
		if got := edges(answer, field); got < n {
			t.Fatalf("%s: %d edges, want %d", name, got, n)
		}
		if i == 0 {
			first = sent
		} else if len(sent) != len(first) {
			t.Fatalf("%s: %d statements for one object and %d for %d:\n%s\n\n%s", name, len(first), len(sent), n,
				strings.Join(abridged(first), "\n"), strings.Join(abridged(sent), "\n"))
		}
	}
	return len(first)
}

// edges counts the edges of a connection, wherever it is in an answer.
func edges(answer any, field string) int {
	n := 0
	switch here := answer.(type) {
	case []any:
		for _, element := range here {
			n += edges(element, field)
		}
	case map[string]any:
		for name, value := range here {
			connection, _ := value.(map[string]any)
			if list, ok := connection["edges"].([]any); ok && name == field {
				n += len(list)
			} else {
				n += edges(value, field)
			}
		}
	}
	return n
}

func abridged(sent []string) []string {
	out := make([]string, len(sent))
	for i, s := range sent {
		out[i] = strings.Join(strings.Fields(s), " ")
		out[i] = out[i][:min(len(out[i]), 160)]
	}
	return out
}

// connectionField is a field of the schema that answers a connection.
type connectionField struct {
	parent *gql.Definition
	field  *gql.FieldDefinition
}

func (c connectionField) String() string { return c.parent.Name + "." + c.field.Name }

// node is the type of the connection's nodes.
func (c connectionField) node(s *gql.Schema) *gql.Definition {
	return s.Types[strings.TrimSuffix(c.field.Type.Name(), "Connection")]
}

// connections lists every field of the schema that answers a connection, those of the root first.
func connections(s *gql.Schema) []connectionField {
	var out []connectionField
	for _, def := range append([]*gql.Definition{s.Query}, declared(s)...) {
		if def.Kind != gql.Object || def == s.Query && len(out) > 0 {
			continue
		}
		for _, f := range fields(def) {
			if _, ok := noun(f.Type.Name(), "Connection"); ok && f.Arguments.ForName("first") != nil {
				out = append(out, connectionField{def, f})
			}
		}
	}
	return out
}

// everything selects all that an object has: plain fields, worked-out ones, and each relation with plain fields of its
// own, lists with their count.
func everything(t testing.TB, s *gql.Schema, def *gql.Definition, w *crowd) string {
	t.Helper()
	var parts []string
	for _, f := range fields(def) {
		to := s.Types[f.Type.Name()]
		args := ""
		if required(f) {
			known, ok := w.arguments[def.Name+"."+f.Name]
			if !ok {
				t.Fatalf("nobody said what arguments %s.%s takes", def.Name, f.Name)
			}
			args = "(" + known + ")"
		}
		switch _, list := noun(to.Name, "Connection"); {
		case to.IsLeafType():
			parts = append(parts, f.Name+args)
		case to.Name == "Node":
			parts = append(parts, f.Name+args+" { id }")
		case list && f.Arguments.ForName("first") != nil:
			parts = append(parts, f.Name+args+" { totalCount pageInfo { endCursor } nodes { "+plain(s, s.Types[strings.TrimSuffix(to.Name, "Connection")])+" } }")
		default:
			parts = append(parts, f.Name+args+" { "+plain(s, to)+" }")
		}
	}
	return strings.Join(parts, " ")
}

func required(f *gql.FieldDefinition) bool {
	return slices.ContainsFunc(f.Arguments, func(a *gql.ArgumentDefinition) bool {
		return a.Type.NonNull && a.DefaultValue == nil
	})
}

// plain selects the fields of an object that hold no objects.
func plain(s *gql.Schema, def *gql.Definition) string {
	names := []string{"__typename"}
	for _, f := range fields(def) {
		if s.Types[f.Type.Name()].IsLeafType() && !required(f) {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, " ")
}

// TestStatements counts what answers cost. The counts of a pool are its own, so each part reads through another one.
func TestStatements(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	e := engineOn(t, storetest.Open(t, address))
	w := e.newCrowd(t)
	measure := func(t *testing.T) *meter {
		t.Helper()
		db := storetest.Open(t, address)
		return &meter{e: engineOn(t, db), ctx: viewerContext(t, w.Viewer(w.Owner)), sql: storetest.CountStatements(t, db)}
	}
	for _, c := range connections(e.schema) {
		t.Run(c.String()+" costs the same whatever the fan-out", func(t *testing.T) {
			t.Parallel()
			measure(t).connection(t, w, c)
		})
	}
	t.Run("a review costs the same for one team and for many", func(t *testing.T) {
		t.Parallel()
		measure(t).review(t, w)
	})
	t.Run("gaps, line-ups and calibrations cost the same for one team and for many", func(t *testing.T) {
		t.Parallel()
		measure(t).teamAnswers(t, w)
	})
	t.Run("a ledger costs the same for one objective and for many", func(t *testing.T) {
		t.Parallel()
		measure(t).ledger(t, w)
	})
	t.Run("customer centricity costs the same however much there is", func(t *testing.T) {
		t.Parallel()
		measure(t).centricity(t, w)
	})
	t.Run("a line of sight costs the same however much it leads over", func(t *testing.T) {
		t.Parallel()
		measure(t).lineOfSight(t, w)
	})
	t.Run("the queries of the benchmark stay within their goals", func(t *testing.T) {
		t.Parallel()
		measure(t).benchmark(t, w)
	})
}

// connection reads a connection with all relations of its nodes: of the root, or below one parent with many children
// and below many parents at once. Counting the list takes one statement more.
func (m *meter) connection(t *testing.T, w *crowd, c connectionField) {
	t.Helper()
	everything := everything(t, m.e.schema, c.node(m.e.schema), w)
	below := func(name string, variables func(n int) map[string]any, field func(n int, selection string) string) {
		t.Helper()
		selection := "edges { node { " + everything + " } }"
		bare := m.constant(t, name, c.field.Name, variables, func(n int) string { return field(n, selection) })
		counted := len(m.statements(t, field(5, "totalCount "+selection), variables(5)))
		if counted != bare+1 {
			t.Errorf("%s: totalCount takes %d statements more, want 1", name, counted-bare)
		}
		t.Logf("%s: %d statements", name, bare)
	}
	if c.parent.Name == "Viewer" {
		m.ctx = viewerContext(t, w.Viewer(w.mentioned))
		below("from the viewer", none, func(n int, selection string) string {
			return fmt.Sprintf("{ viewer { %s(first: %d) { %s } } }", c.field.Name, n, selection)
		})
		return
	}
	if c.parent == m.e.schema.Query {
		below("from the root", none, func(n int, selection string) string {
			return fmt.Sprintf("{ %s(first: %d) { %s } }", c.field.Name, n, selection)
		})
		return
	}
	ids := w.ids[c.parent.Name]
	if len(ids) < crowdSize {
		t.Fatalf("there are %d of %s", len(ids), c.parent.Name)
	}
	below("below one", none, func(n int, selection string) string {
		return fmt.Sprintf(`{ node(id: %q) { ... on %s { %s(first: %d) { %s } } } }`, ids[0], c.parent.Name, c.field.Name, n, selection)
	})
	below("below many", func(n int) map[string]any { return map[string]any{"ids": ids[:n]} }, func(_ int, selection string) string {
		return fmt.Sprintf(`query ($ids: [ID!]!) { nodes(ids: $ids) { ... on %s { %s(first: 2) { %s } } } }`, c.parent.Name, c.field.Name, selection)
	})
}

func none(int) map[string]any { return nil }

func (m *meter) review(t *testing.T, w *crowd) {
	t.Helper()
	of := func(n int) []string {
		return m.statements(t, `query ($ids: [ID!]!, $cycle: ID!) { nodes(ids: $ids) { ... on Team { review(cycleId: $cycle) {
			team { name } cycle { name } keyResults { keyResult { key } now { value } movement { change parts { change } } work { item { key } contribution { id } } }
			orphanWork { item { key } } starvedKeyResults { key }
		} } } }`, map[string]any{"ids": w.ids["Team"][:n], "cycle": w.ids["Cycle"][0]})
	}
	one := of(1)
	for _, n := range []int{3, crowdSize} {
		if many := of(n); len(many) != len(one) {
			t.Errorf("%d statements for one team, %d for %d:\n%s", len(one), len(many), n, strings.Join(abridged(many), "\n"))
		}
	}
	if len(one) != 8 {
		t.Errorf("a review takes %d statements, want 8:\n%s", len(one), strings.Join(abridged(one), "\n"))
	}
}

// teamAnswers demands that what is told of teams from attribution costs the facts of the whole level, and nothing more for
// what the answers name: one statement reads the teams.
func (m *meter) teamAnswers(t *testing.T, w *crowd) {
	t.Helper()
	cycle := w.arguments["Team.review"]
	for field, want := range map[string]int{
		"gaps(" + cycle + ") { team { name } cycle { name } deliveries gaps { kind evidence keyResult { key } items { key } } }": 9,
		"lineUp(" + cycle + ") { team { name } cycle { name } percentile deliveries steps note }":                                9,
		"calibration { team { name } cycles { name } judged insideShare brier byVerdict { verdict count } }":                     10,
	} {
		for _, n := range []int{1, 3, crowdSize} {
			sent := m.statements(t, fmt.Sprintf("query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Team { %s } } }", field),
				map[string]any{"ids": w.ids["Team"][:n]})
			if len(sent) != want {
				t.Errorf("%d statements for %d teams, want %d for %s:\n%s", len(sent), n, want, field, strings.Join(abridged(sent), "\n"))
			}
		}
	}
}

// benchmark records what the queries of the benchmark cost, in statements.
func (m *meter) benchmark(t *testing.T, w *crowd) {
	t.Helper()
	variables := map[string]any{"cycle": w.ids["Cycle"][0], "team": w.ids["Team"][0], "id": w.ids["KeyResult"][0]}
	got, want := map[string]int{}, map[string]int{}
	for name, q := range benchmarkQueries {
		sent := m.statements(t, q.query, used(variables, q.query))
		got[name], want[name] = len(sent), q.statements
		if len(sent) != q.statements {
			t.Logf("%s:\n%s", name, strings.Join(abridged(sent), "\n"))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

// benchmarkQueries are the queries whose speed is watched, and the statements that each may take.
var benchmarkQueries = map[string]struct {
	query      string
	statements int
}{
	"objectives of a cycle with key results and latest check-in": {`query ($cycle: ID!) {
		cycle(id: $cycle) { objectives(first: 100) { nodes { id key title state keyResults(first: 100) { nodes {
			id key title unit currentValue goal { baseline target } latestCheckIn { value confidence measuredAt note }
		} } } } }
	}`, 4},
	"backlog review of a team": {`query ($team: ID!, $cycle: ID!) {
		team(id: $team) { name keyResults(first: 100, filter: { cycleId: { eq: $cycle } }) { nodes {
			id key title currentValue progress latestCheckIn { value }
			contributions(first: 20) { totalCount nodes { id bet { role expectedLow expectedHigh } item { id key title status deliveredAt } } }
		} } }
	}`, 6},
	"page of backlog items up to their objectives": {`{
		backlogItems(first: 50, filter: { status: { in: [TODO, IN_PROGRESS] }, moscow: { in: [MUST, SHOULD] } }) {
			totalCount nodes { id key title status moscow contributions { nodes { keyResult { key objective { title } } } } }
		}
	}`, 5},
	"one node": {`query ($id: ID!) { node(id: $id) { id ... on KeyResult { key title currentValue goal { target } } } }`, 1},
}

// used keeps the variables that a query declares.
func used(variables map[string]any, query string) map[string]any {
	out := map[string]any{}
	for name, value := range variables {
		if strings.Contains(query, "$"+name) {
			out[name] = value
		}
	}
	return out
}
