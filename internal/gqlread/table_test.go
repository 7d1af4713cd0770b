package gqlread_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/needle-okr/needle/internal/gqlread"
)

// tableSchema belongs to a table made by hand, for what generated code and honest resolvers never do.
const tableSchema = `
type Query { items: [Item!]! maybe: [Item] any: Any other: Int }
type Subscription { events: Item silent: Int }
union Any = Item
type Item { text: String! number: Float uint: Int id: ID! uid: ID! day: String must: String! lazy: Int below: Item list: [Int!] }
`

type item struct{ n int }

// bare is an executable schema that only knows its schema.
type bare struct{ schema *ast.Schema }

func (b bare) Schema() *ast.Schema { return b.schema }
func (b bare) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}
func (b bare) Exec(context.Context) graphql.ResponseHandler { return nil }

// lazy is what the resolver of Item.lazy does.
type lazy func(ctx context.Context, n int) (any, error)

func table(resolve lazy, change func(map[string]*gqlread.Field)) *gqlread.Table {
	leaf := func(shape *gqlread.Shape, write func(*gqlread.Writer, *item) bool) *gqlread.Field {
		return &gqlread.Field{Shape: shape, Source: graphql.NullSourceModelField, Guarded: true, Leaf: func(w *gqlread.Writer, rows any, i int) bool {
			items, ok := rows.(*[]*item)
			return ok && write(w, (*items)[i])
		}}
	}
	named, must := gqlread.Named, gqlread.NonNull
	itemType := &gqlread.Type{Name: "Item", Satisfies: []string{"Item", "Any"}, Fields: map[string]*gqlread.Field{
		"text":   leaf(must(named("String")), func(w *gqlread.Writer, i *item) bool { return w.String(fmt.Sprint("item ", i.n)) }),
		"number": leaf(named("Float"), func(w *gqlread.Writer, i *item) bool { return w.Float(float64(i.n)) || w.Null() }),
		"uint":   leaf(named("Int"), func(w *gqlread.Writer, i *item) bool { return w.Uint(uint64(i.n)) }),
		"id":     leaf(must(named("ID")), func(w *gqlread.Writer, i *item) bool { return w.IntString(int64(-i.n)) }),
		"uid":    leaf(must(named("ID")), func(w *gqlread.Writer, i *item) bool { return w.UintString(uint64(i.n)) }),
		"day":    leaf(named("String"), func(w *gqlread.Writer, i *item) bool { return w.Date(day(i.n)) || w.Null() }),
		"must":   leaf(must(named("String")), func(w *gqlread.Writer, i *item) bool { return failing(i.n).write(w) }),
		"lazy": {
			Shape: named("Int"), Source: graphql.NullSourceResolver,
			Resolve: func(ctx context.Context, _, _ any, n int) (any, error) { return resolve(ctx, n) },
			Count:   gqlread.Count[int],
			ResultLeaf: func(w *gqlread.Writer, results any, i int) bool {
				numbers, ok := results.([]int)
				return ok && w.Int(int64(numbers[i]))
			},
		},
		"below": {Shape: named("Item"), Value: func(c *gqlread.Children, _ any) {
			c.Null()
			panic("half way")
		}},
	}}
	change(itemType.Fields)
	list := func(shape *gqlread.Shape) *gqlread.Field {
		return &gqlread.Field{
			Shape:   shape,
			Resolve: func(context.Context, any, any, int) (any, error) { return [][]*item{{{0}, {1}, {2}}}, nil },
			Count:   gqlread.Count[[]*item],
			ResultValue: func(c *gqlread.Children, results any, failed []error) {
				gqlread.Spread(c, results, failed, func(c *gqlread.Children, v []*item) {
					c.List(len(v))
					for _, i := range v {
						gqlread.Add(c, 0, i)
					}
				})
			},
		}
	}
	query := &gqlread.Type{Name: "Query", Satisfies: []string{"Query"}, Fields: map[string]*gqlread.Field{
		"items": list(must(gqlread.ListOf(must(named("Item"))))),
		"maybe": list(gqlread.ListOf(named("Item"))),
		"any": {
			Shape:   named("Any"),
			Resolve: func(context.Context, any, any, int) (any, error) { return []any{"a string"}, nil },
			Count:   gqlread.Count[any],
			ResultValue: func(c *gqlread.Children, results any, failed []error) {
				gqlread.Spread(c, results, failed, func(c *gqlread.Children, v any) { c.Strange(v) })
			},
		},
	}}
	subscription := &gqlread.Type{Name: "Subscription", Satisfies: []string{"Subscription"}, Fields: map[string]*gqlread.Field{
		"silent": {
			Shape: named("Int"),
			Stream: func(context.Context, any) (func(gqlread.Receive) (any, bool), error) {
				return gqlread.Next[int](nil, nil)
			},
			Directives: func(ctx context.Context, _ any, next graphql.Resolver) (any, error) { return next(ctx) },
			Count:      gqlread.Count[int],
		},
	}}
	return &gqlread.Table{
		Query: query, Subscription: subscription,
		Possible: map[string][]*gqlread.Type{"Item": {itemType}, "Any": {itemType}},
		Begin:    func(*graphql.OperationContext) any { return nil },
	}
}

func day(n int) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC)
}

// failing is a scalar that writes, fails, writes nothing and writes null.
type failing int

func (f failing) MarshalGQLContext(_ context.Context, w io.Writer) error {
	switch f {
	case 0:
		_, _ = io.WriteString(w, `"fine"`)
	case 1:
		_, _ = io.WriteString(w, `"half`)
		return errors.New("no value")
	}
	return nil
}

func (f failing) write(w *gqlread.Writer) bool {
	return w.MarshalContext(f) || w.Invalid("String!", graphql.NullSourceMarshaler)
}

func handmade(resolve lazy, change ...func(map[string]*gqlread.Field)) engine {
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "table", Input: tableSchema})
	return newEngine(gqlread.New(bare{schema}, table(resolve, func(fields map[string]*gqlread.Field) {
		for _, c := range change {
			c(fields)
		}
	}), gqlread.Config{}))
}

func TestTable_writesAllScalars(t *testing.T) {
	t.Parallel()
	got := handmade(nil).answer(t, `{ items { text number uint id uid day } }`, nil)
	want := `{"items":[` +
		`{"text":"item 0","number":0,"uint":0,"id":"0","uid":"0","day":null},` +
		`{"text":"item 1","number":1,"uint":1,"id":"-1","uid":"1","day":"2026-01-01"},` +
		`{"text":"item 2","number":2,"uint":2,"id":"-2","uid":"2","day":"2026-01-02"}]}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

func TestTable_cutsOffWhatAFailedScalarWrote(t *testing.T) {
	t.Parallel()
	got := handmade(nil).one(t.Context(), `{ maybe { must } }`, nil)
	if want := `{"maybe":[{"must":"fine"},null,null]}`; string(got.Data) != want {
		t.Errorf("data %s, want %s", got.Data, want)
	}
	want := []string{
		"maybe[1].must: no value",
		"maybe[2].must: cannot return null for non-null field Item.must (String!): the marshaler returned null for a non-nil value",
	}
	if diff := cmp.Diff(want, failures(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestTable_doubtsWhatResolversReturn(t *testing.T) {
	t.Parallel()
	everywhere := func(message string) []string {
		return []string{"items[0].lazy: " + message, "items[1].lazy: " + message, "items[2].lazy: " + message}
	}
	one := errors.New("one")
	for name, test := range map[string]struct {
		results any
		err     error
		want    []string
		data    string
	}{
		"the right number":   {results: []int{5, 6, 7}, data: `{"items":[{"lazy":5},{"lazy":6},{"lazy":7}]}`},
		"too few":            {results: []int{5}, want: everywhere("batch resolver Item.lazy returned 1 results for 3 parents")},
		"another type":       {results: []string{"a"}, want: everywhere("unexpected type []string from directive on Item.lazy")},
		"nothing":            {},
		"an error":           {err: one, want: everywhere("one")},
		"some errors":        {results: []int{5, 6, 7}, err: graphql.BatchErrorList{nil, one, nil}, want: []string{"items[1].lazy: one"}, data: `{"items":[{"lazy":5},{"lazy":null},{"lazy":7}]}`},
		"wrapped errors":     {results: []int{5, 6, 7}, err: fmt.Errorf("call: %w", graphql.BatchErrorList{one, nil, nil}), want: []string{"items[0].lazy: one"}, data: `{"items":[{"lazy":null},{"lazy":6},{"lazy":7}]}`},
		"too few errors":     {results: []int{5, 6, 7}, err: graphql.BatchErrorList{one}, want: everywhere("batch resolver Item.lazy returned 1 errors for 3 parents")},
		"errors only":        {err: graphql.BatchErrorList{one, nil, nil}, want: []string{"items[0].lazy: one"}},
		"an error elsewhere": {err: &gqlerror.Error{Message: "one", Path: ast.Path{ast.PathName("there")}}, want: []string{"there: one", "there: one", "there: one"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := handmade(func(context.Context, int) (any, error) { return test.results, test.err }).
				one(t.Context(), `{ items { lazy } }`, nil)
			data := test.data
			if data == "" {
				data = `{"items":[{"lazy":null},{"lazy":null},{"lazy":null}]}`
			}
			if diff := cmp.Diff(data, string(got.Data)); diff != "" {
				t.Errorf("data (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(append([]string{}, test.want...), failures(got.Errors)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTable_keepsWhatIsWrappedAroundAnError(t *testing.T) {
	t.Parallel()
	inner := &gqlerror.Error{Message: "shown", Extensions: map[string]any{"code": "X"}}
	cause := errors.New("cause")
	e := handmade(func(context.Context, int) (any, error) { return nil, fmt.Errorf("%w: %w", cause, inner) })
	got := e.one(t.Context(), `{ items { lazy } }`, nil)
	for i, err := range got.Errors {
		if err.Message != "shown" || !errors.Is(err, cause) || err.Extensions["code"] != "X" {
			t.Errorf("error %d: %#v", i, err)
		}
	}
	if inner.Path != nil || len(got.Errors) != 3 {
		t.Errorf("%d errors; the path of the original is %v, want none", len(got.Errors), inner.Path)
	}
}

func TestTable_survivesCodeThatPanics(t *testing.T) {
	t.Parallel()
	explode := func(fields map[string]*gqlread.Field) {
		write := fields["text"].Leaf
		fields["text"].Leaf = func(w *gqlread.Writer, rows any, i int) bool {
			if i == 1 {
				w.Open()
				w.Item(0)
				panic("in the middle of a list")
			}
			return write(w, rows, i)
		}
		fields["uint"].Guarded = false
		fields["uint"].Leaf = func(*gqlread.Writer, any, int) bool { panic("not expected to") }
	}
	for query, want := range map[string]struct {
		data   string
		errors []string
	}{
		`{ maybe { text id } }`: {
			`{"maybe":[{"text":"item 0","id":"0"},null,{"text":"item 2","id":"-2"}]}`,
			[]string{"maybe[1].text: panic: in the middle of a list"},
		},
		`{ maybe { below { id } id } }`: {
			`{"maybe":[{"below":null,"id":"0"},{"below":null,"id":"-1"},{"below":null,"id":"-2"}]}`,
			[]string{"maybe[0].below: panic: half way", "maybe[1].below: panic: half way", "maybe[2].below: panic: half way"},
		},
		`{ maybe { uint } }`:     {`null`, []string{"maybe[0].uint: panic: not expected to"}},
		`{ any { __typename } }`: {`{"any":null}`, []string{"any: unexpected Go type string"}},
	} {
		got := handmade(nil, explode).one(t.Context(), query, nil)
		if diff := cmp.Diff(want.data, string(got.Data)); diff != "" {
			t.Errorf("data of %s (-want +got):\n%s", query, diff)
		}
		if diff := cmp.Diff(want.errors, failures(got.Errors)); diff != "" {
			t.Errorf("errors of %s (-want +got):\n%s", query, diff)
		}
	}
}

func TestTable_subscribesToExactlyOneStream(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		`subscription { silent @skip(if: true) }`: {": must subscribe to exactly one stream"},
		`subscription { silent }`:                 nil,
	} {
		got := handmade(nil).all(t.Context(), query, nil)
		if want == nil {
			if len(got) != 0 {
				t.Errorf("%d responses of a stream that was not opened", len(got))
			}
			continue
		}
		if len(got) != 1 {
			t.Fatalf("%d responses of %s", len(got), query)
		}
		if diff := cmp.Diff(want, failures(got[0].Errors)); diff != "" {
			t.Errorf("errors of %s (-want +got):\n%s", query, diff)
		}
	}
}
