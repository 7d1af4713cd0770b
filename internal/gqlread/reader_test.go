package gqlread_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/gqlread/gqlgentest"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/generated"
)

func TestReader_mergesSelectionsOfTheSameKey(t *testing.T) {
	t.Parallel()
	r := resolver(small())
	r.World.Teams[0].Name, r.World.Teams[0].Motto = "Red", new("Faster")
	for name, test := range map[string]struct{ query, want string }{
		"in one set": {
			`{ team { name } team { motto name } }`,
			`{"team":{"name":"Red","motto":"Faster"}}`,
		},
		"in fragments": {
			`{ ...A team { __typename } ...B } fragment A on Query { team { name } } fragment B on Query { team { motto } }`,
			`{"team":{"name":"Red","__typename":"Team","motto":"Faster"}}`,
		},
		"left out and in": {
			`query($no: Boolean = false) { team { name @include(if: $no) name @skip(if: true) motto @skip(if: $no) } }`,
			`{"team":{"motto":"Faster"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := reader(r, gqlread.Config{}).answer(t, test.query, nil)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("data (-want +got):\n%s", diff)
			}
		})
	}
}

// gqlgen keeps the two selections apart and loses the second, so it is no reference here.
func TestReader_mergesSelectionsOfUnrelatedInterfaces(t *testing.T) {
	t.Parallel()
	e := reader(resolver(small()), gqlread.Config{})
	want := e.answer(t, `{ sized { members { id name } } }`, nil)
	got := e.answer(t, `{ sized { ... on Sized { members { id } } ... on Grouped { members { name } } } }`, nil)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	if !strings.Contains(want, `"name"`) {
		t.Errorf("no members to look at: %s", want)
	}
}

func TestReader_hidesTheSchemaWhenIntrospectionIsOff(t *testing.T) {
	t.Parallel()
	e := engine{executor.New(newReader(resolver(small()).Config()))}
	got := e.one(t.Context(), `{ __schema { queryType { name } } }`, nil)
	if diff := cmp.Diff([]string{"__schema: introspection disabled"}, failures(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestReader_answersIntrospectionAsGqlgenDoes(t *testing.T) {
	t.Parallel()
	r := resolver(small())
	for name, query := range map[string]string{
		"of the schema": introspection.Query,
		"of a type":     `{ __type(name: "Goal") { name fields(includeDeprecated: true) { name type { kind ofType { name } } } } }`,
		"of no type":    `{ __type(name: "Nothing") { name } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, got := reference(r).one(t.Context(), query, nil), reader(r, gqlread.Config{}).one(t.Context(), query, nil)
			if diff := gqlgentest.Diff(parsedSchema(), ast.Query, want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReader_readsDeferredFragmentsInPlace(t *testing.T) {
	t.Parallel()
	query := `{ goal(n: 1) { rank ... @defer { score } ...F @defer(label: "x") } } fragment F on Goal { lead { id } }`
	plain := strings.NewReplacer("@defer(label: \"x\")", "", "@defer", "").Replace(query)
	e := reader(resolver(small()), gqlread.Config{})
	if diff := cmp.Diff(e.answer(t, plain, nil), e.answer(t, query, nil)); diff != "" {
		t.Errorf("data (-plain +deferred):\n%s", diff)
	}
}

func TestReader_readsEachMutationBeforeTheNext(t *testing.T) {
	t.Parallel()
	var made []string
	e := reader(resolver(small()), gqlread.Config{
		Observe: func(ctx context.Context, call gqlread.Call) (context.Context, func(error)) {
			made = append(made, call.Object+"."+call.Field)
			return ctx, nil
		},
	})
	got := e.answer(t, `mutation { a: count b: addTask(input: {title: "t", goal: 1}) { task { goal { score } } } c: count }`, nil)
	want := []string{"Mutation.count", "Mutation.addTask", "Task.goal", "Goal.score", "Mutation.count"}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(got, `{"a":1,"b":{"task":`) || !strings.HasSuffix(got, `,"c":2}`) {
		t.Errorf("data %s", got)
	}
}

func TestReader_endsASubscriptionWithItsContext(t *testing.T) {
	t.Parallel()
	e := reader(resolver(small()), gqlread.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	oc, errs := e.CreateOperationContext(graphql.StartOperationTrace(ctx),
		&graphql.RawParams{Query: `subscription { ticks(count: 1000) { n } }`})
	if errs != nil {
		t.Fatal(errs)
	}
	next, ctx := e.DispatchOperation(ctx, oc)
	for _, want := range []string{`{"ticks":{"n":0}}`, `{"ticks":{"n":1}}`} {
		if got := next(ctx); string(got.Data) != want {
			t.Errorf("event %s, want %s", got.Data, want)
		}
	}
	cancel()
	if got := next(ctx); got != nil {
		t.Errorf("event %s after the end", got.Data)
	}
}

func TestReader_reportsAPanicOfASubscription(t *testing.T) {
	t.Parallel()
	got := reader(resolver(small()), gqlread.Config{}).all(t.Context(), `subscription { broken }`, nil)
	if len(got) != 1 {
		t.Fatalf("%d responses", len(got))
	}
	if diff := cmp.Diff([]string{"broken: panic: broken subscription"}, failures(got[0].Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestReader_honoursRootFieldInterceptors(t *testing.T) {
	t.Parallel()
	e := reader(resolver(small()), gqlread.Config{})
	e.AroundRootFields(func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		switch graphql.GetRootFieldContext(ctx).Field.Alias {
		case "replaced":
			return graphql.MarshalString("instead")
		case "dropped":
			return graphql.Null
		case "wrapped":
			inner := next(ctx)
			return graphql.WriterFunc(func(w io.Writer) {
				_, _ = io.WriteString(w, `{"inner":`)
				inner.MarshalGQL(w)
				_, _ = io.WriteString(w, `}`)
			})
		default:
			return next(ctx)
		}
	})
	got := e.answer(t, `{ replaced: goal(n: 1) { id } dropped: goal(n: 1) { id } wrapped: goal(n: 1) { id } same: goal(n: 1) { id } }`, nil)
	want := `{"replaced":"instead","dropped":null,"wrapped":{"inner":{"id":"goal-1"}},"same":{"id":"goal-1"}}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

func TestReader_servesManyOperationsAtOnce(t *testing.T) {
	t.Parallel()
	e := reader(resolver(small()), gqlread.Config{})
	queries := []string{
		`{ goals { nodes { title tasks { nodes { title goal { title } } } } } }`,
		`{ things { __typename ... on Titled { title } } people { name team { name } } }`,
	}
	want := []string{e.answer(t, queries[0], nil), e.answer(t, queries[1], nil)}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			kept := make([]string, 0, 50)
			var answers []*graphql.Response
			for range 50 {
				response := e.one(t.Context(), queries[i%2], nil)
				answers = append(answers, response)
				kept = append(kept, string(response.Data))
			}
			// Later responses must not touch earlier ones.
			for n, response := range answers {
				if kept[n] != want[i%2] || string(response.Data) != kept[n] {
					t.Errorf("answer %d of worker %d changed", n, i)
				}
			}
		})
	}
	wg.Wait()
}

func parsedSchema() *ast.Schema { return generated.NewExecutableSchema(generated.Config{}).Schema() }
