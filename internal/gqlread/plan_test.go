package gqlread

import (
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// planned parses an operation and makes what plans its selections.
func planned(tb testing.TB, query string, variables map[string]any) *operation {
	tb.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		tb.Fatal(err)
	}
	return &operation{oc: &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: variables}}
}

// wide is a type with n plain fields and a relation.
func wide(n int) *Type {
	t := &Type{Name: "Wide", Satisfies: []string{"Wide", "Node"}, Fields: map[string]*Field{"below": {}}}
	for i := range n {
		t.Fields[fmt.Sprintf("f%d", i)] = &Field{Leaf: func(*Writer, any, int) bool { return true }}
	}
	return t
}

func keys(p *plan) []string {
	var all []string
	for _, f := range p.fields {
		all = append(all, string(f.key))
	}
	return all
}

func TestPlan_keepsTheOrderOfManyFields(t *testing.T) {
	t.Parallel()
	var query strings.Builder
	var want []string
	for i := range 40 {
		fmt.Fprintf(&query, " f%d f%d", i, i/2)
		want = append(want, fmt.Sprintf(`"f%d":`, i))
	}
	o := planned(t, "{"+query.String()+"}", nil)
	if diff := cmp.Diff(want, keys(o.plan(wide(40), o.oc.Operation.SelectionSet))); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestPlan_leavesOutOtherTypesAndWhatIsSkipped(t *testing.T) {
	t.Parallel()
	o := planned(t, `query { f0 ... on Other { f1 } ... on Node { f2 ...F } ...F @skip(if: $yes) f3 @include(if: $no) f4 @skip(if: $unknown) }
		fragment F on Wide { f5 __typename t: __typename } fragment G on Wide { f6 }`, map[string]any{"yes": true, "no": false})
	want := []string{`"f0":`, `"f2":`, `"f5":`, `"__typename":"Wide"`, `"t":"Wide"`, `"f4":`}
	if diff := cmp.Diff(want, keys(o.plan(wide(7), o.oc.Operation.SelectionSet))); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestPlan_isMadeOnce(t *testing.T) {
	t.Parallel()
	o := planned(t, `{ below { f1 } below { f2 } }`, nil)
	typ := wide(3)
	first := o.plan(typ, o.oc.Operation.SelectionSet)
	below := first.fields[0].field.Selections
	second := o.plan(typ, below)
	if o.plan(typ, o.oc.Operation.SelectionSet) != first || o.plan(typ, below) != second {
		t.Error("the same selection has two plans")
	}
	if diff := cmp.Diff([]string{`"f1":`, `"f2":`}, keys(second)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if f, ok := o.oc.Operation.SelectionSet[0].(*ast.Field); !ok || len(f.SelectionSet) != 1 {
		t.Errorf("the document was changed: %v", f)
	}
}

// BenchmarkPlan measures a plan of ten fields, which is made once per level and operation.
func BenchmarkPlan(b *testing.B) {
	o := planned(b, `{ f0 f1 f2 f3 f4 f5 f6 ... on Node { f7 f8 } below { f1 } }`, nil)
	typ := wide(10)
	b.ReportAllocs()
	for b.Loop() {
		o.compile(typ, o.oc.Operation.SelectionSet)
	}
}
