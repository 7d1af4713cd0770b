package gqlread_test

import (
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/gqlread/gqlgentest"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/generated"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/world"
)

// toyValue knows the custom scalars and ids of the toy schema.
func toyValue(t *rapid.T, _ string, typ *ast.Type) (any, bool) {
	switch typ.NamedType {
	case "ID":
		return rapid.SampledFrom([]string{"goal-0", "goal-3", "task-1", "task-5", "person-2", "goal-99", "x"}).Draw(t, "id"), true
	case "Day":
		return rapid.SampledFrom([]string{"2026-01-31", "2026-02-30", "soon"}).Draw(t, "day"), true
	default:
		return nil, false
	}
}

// worlds are whole ones, and ones with holes.
func worlds(t *rapid.T) world.Settings {
	s := small()
	s.Seed = rapid.Uint64Range(0, 40).Draw(t, "seed")
	if rapid.Bool().Draw(t, "holes") {
		s.Nulls = rapid.SampledFrom([]float64{0, 0.02, 0.1, 0.4}).Draw(t, "nulls")
		s.Faults = rapid.SampledFrom([]float64{0, 0.02, 0.1, 0.4}).Draw(t, "faults")
	}
	return s
}

func TestReader_answersAsGqlgenDoes(t *testing.T) {
	t.Parallel()
	schema := generated.NewExecutableSchema(resolver(small()).Config()).Schema()
	for _, kind := range []ast.Operation{ast.Query, ast.Mutation, ast.Subscription} {
		operations := gqlgentest.Operations(schema, gqlgentest.Options{
			Operation: kind,
			Value:     toyValue,
			// A resolver that panics is reported in other words by gqlgen; see TestReader_recoversFromPanics.
			Skip: func(object, field string) bool { return object == "Subscription" && field == "broken" },
		})
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				s := worlds(t)
				op := operations.Draw(t, "operation")
				// Fresh resolvers, because the mutations count.
				want := reference(resolver(s)).all(t.Context(), op.Query, op.Variables)
				got := reader(resolver(s), gqlread.Config{MaxErrors: 1 << 20}).all(t.Context(), op.Query, op.Variables)
				if len(got) != len(want) {
					t.Fatalf("%d responses, want %d", len(got), len(want))
				}
				for i := range want {
					if diff := gqlgentest.Diff(schema, kind, want[i], got[i]); diff != "" {
						t.Fatalf("response %d: %s\n%s\n%s", i, diff, want[i].Data, got[i].Data)
					}
				}
			})
		})
	}
}
