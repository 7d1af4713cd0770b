package gqlread_test

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/generated"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/world"
)

const (
	page50 = `query Page($first: Int!) { goals(first: $first) { totalCount pageInfo { hasNextPage endCursor } nodes {
		id title rank weight done mood createdAt lead { id name team { name } }
		tasks(first: 20) { totalCount edges { cursor node { id title estimate goal { id title rank } } } } } } }`
	oneNode = `query One($id: ID!) { node(id: $id) { id ... on Goal { title mood rank lead { name } } } }`
)

func page50World() world.Settings {
	return world.Settings{Seed: 5, Goals: 50, Tasks: 500, People: 20, Teams: 5}
}

// BenchmarkRead50 reads a page of 50 goals with three levels below it.
func BenchmarkRead50(b *testing.B) { compare(b, page50, map[string]any{"first": 50}) }

// BenchmarkReadOne reads one node, where the fixed cost of an operation shows.
func BenchmarkReadOne(b *testing.B) { compare(b, oneNode, map[string]any{"id": "goal-3"}) }

// compare runs an operation by gqlgen's executor and by the reader.
func compare(b *testing.B, query string, variables map[string]any) {
	b.Helper()
	r := resolver(page50World())
	for _, contestant := range []struct {
		name   string
		schema graphql.ExecutableSchema
	}{
		{"gqlgen", generated.NewExecutableSchema(r.Config())},
		{"reader", generated.NewReader(r.Config(), gqlread.Config{})},
	} {
		b.Run(contestant.name, func(b *testing.B) {
			e := executor.New(contestant.schema)
			e.SetQueryCache(lru.New[*ast.QueryDocument](10))
			cached := newEngine(contestant.schema)
			cached.Executor = e
			b.ReportAllocs()
			for b.Loop() {
				if r := cached.one(b.Context(), query, variables); len(r.Errors) > 0 {
					b.Fatal(r.Errors)
				}
			}
		})
	}
}

// Allocations do not depend on how busy the machine is, so they guard what the benchmarks measure.
func TestReader_allocatesLittle(t *testing.T) { //nolint:paralleltest // other tests would be counted too
	r := resolver(page50World())
	allocations := func(e engine) float64 {
		return testing.AllocsPerRun(5, func() { e.answer(t, page50, map[string]any{"first": 50}) })
	}
	theirs, ours := allocations(reference(r)), allocations(reader(r, gqlread.Config{}))
	if ours > theirs/20 {
		t.Errorf("%.0f allocations, more than a twentieth of gqlgen's %.0f", ours, theirs)
	}
}
