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
	return m.sql.Statements(func() { m.e.ask(t, m.ctx, query, variables) })
}

// constant demands the same number of statements for every fan-out and returns it.
func (m *meter) constant(t *testing.T, name string, variables func(n int) map[string]any, query func(n int) string) int {
	t.Helper()
	var first []string
	for i, n := range fanOuts() {
		sent := m.statements(t, query(n), variables(n))
		if i == 0 {
			first = sent
			if len(sent) == 0 {
				t.Fatalf("%s: the answer took no statement at all", name)
			}
		} else if len(sent) != len(first) {
			t.Fatalf("%s: %d statements for one object and %d for %d:\n%s\n\n%s", name, len(first), len(sent), n,
				strings.Join(abridged(first), "\n"), strings.Join(abridged(sent), "\n"))
		}
	}
	return len(first)
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

// TestConnections_costTheSameWhateverTheFanOut reads every connection of the schema with all relations of its nodes: of
// the root, below one parent with many children, and below many parents at once.
func TestConnections_costTheSameWhateverTheFanOut(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	w := e.newCrowd(t)
	m := &meter{e: e, ctx: viewerContext(t, w.Viewer(w.Owner)), sql: storetest.CountStatements(t, e.db)}
	for _, c := range connections(e.schema) {
		selection := func(more string) string {
			return " { " + more + " edges { node { " + everything(t, e.schema, c.node(e.schema), w) + " } } }"
		}
		// One after the other: the counter counts the statements of the whole database.
		below := func(name string, variables func(n int) map[string]any, field func(n int, selection string) string) {
			bare := m.constant(t, name, variables, func(n int) string { return field(n, selection("")) })
			counted := m.constant(t, name+" counted", variables, func(n int) string { return field(n, selection("totalCount")) })
			if counted != bare+1 {
				t.Errorf("%s: totalCount takes %d statements more, want 1", name, counted-bare)
			}
		}
		if c.parent == e.schema.Query {
			below(c.String(), none, func(n int, selection string) string {
				return fmt.Sprintf("{ %s(first: %d)%s }", c.field.Name, n, selection)
			})
			continue
		}
		ids := w.ids[c.parent.Name]
		if len(ids) < slices.Max(fanOuts()) {
			t.Fatalf("there are %d of %s, whose %s shall be read", len(ids), c.parent.Name, c.field.Name)
		}
		below(c.String()+" of one", none, func(n int, selection string) string {
			return fmt.Sprintf(`{ node(id: %q) { ... on %s { %s(first: %d)%s } } }`, ids[0], c.parent.Name, c.field.Name, n, selection)
		})
		below(c.String()+" of many", func(n int) map[string]any { return map[string]any{"ids": ids[:n]} }, func(_ int, selection string) string {
			return fmt.Sprintf(`query ($ids: [ID!]!) { nodes(ids: $ids) { ... on %s { %s(first: 2)%s } } }`, c.parent.Name, c.field.Name, selection)
		})
	}
}

func none(int) map[string]any { return nil }

// TestReview_costsTheSameWhateverTheNumberOfTeams reads the review of one, three and fifty teams.
func TestReview_costsTheSameWhateverTheNumberOfTeams(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	w := e.newCrowd(t)
	m := &meter{e: e, ctx: viewerContext(t, w.Viewer(w.Owner)), sql: storetest.CountStatements(t, e.db)}
	of := func(n int) []string {
		return m.statements(t, `query ($ids: [ID!]!, $cycle: ID!) { nodes(ids: $ids) { ... on Team { review(cycleId: $cycle) {
			team { name } cycle { name } keyResults { keyResult { key } now { value } movement { change parts { change } } work { item { key } contribution { id } } }
			orphanWork { item { key } } starvedKeyResults { key }
		} } } }`, map[string]any{"ids": w.ids["Team"][:n], "cycle": w.ids["Cycle"][0]})
	}
	one := of(1)
	for _, n := range []int{3, 50} {
		if many := of(n); len(many) != len(one) {
			t.Errorf("%d statements for one team, %d for %d:\n%s", len(one), len(many), n, strings.Join(abridged(many), "\n"))
		}
	}
	if len(one) > 8 {
		t.Errorf("a review takes %d statements:\n%s", len(one), strings.Join(abridged(one), "\n"))
	}
}

// TestBenchmarkQueries_stayWithinTheirStatements records what the queries of the benchmark cost.
func TestBenchmarkQueries_stayWithinTheirStatements(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	w := e.newCrowd(t)
	m := &meter{e: e, ctx: viewerContext(t, w.Viewer(w.Owner)), sql: storetest.CountStatements(t, e.db)}
	variables := map[string]any{"cycle": w.ids["Cycle"][0], "team": w.ids["Team"][0], "id": w.ids["KeyResult"][0]}
	queries := map[string]struct {
		query string
		want  int
	}{
		"objectives of a cycle with key results and latest check-in": {`query ($cycle: ID!) {
			cycle(id: $cycle) { objectives(first: 100) { nodes { id key title progress: state keyResults(first: 100) { nodes {
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
	got, want := map[string]int{}, map[string]int{}
	for name, q := range queries {
		sent := m.statements(t, q.query, used(variables, q.query))
		got[name], want[name] = len(sent), q.want
		if len(sent) != q.want {
			t.Logf("%s:\n%s", name, strings.Join(abridged(sent), "\n"))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
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
