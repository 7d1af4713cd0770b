package gqlgentest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/gqlread/gqlgentest"
)

const sdl = `
scalar Date
enum Size { S M L }
interface Named { name: String! size: Size }
interface Sized { size: Size }
type A implements Named & Sized { name: String! size: Size b: [B!]! hidden: Int }
type B implements Named { name: String! size: Size a(filter: Filter!, n: Int! = 3): A any: [Any!] }
union Any = A | B
input Filter { on: Date size: [Size!] and: [Filter!] by: By text: String! }
input By @oneOf { id: ID at: Date }
type Query { a(id: ID!): A any: Any named(sizes: [Size!]! = [S]): [Named]! }
type Mutation { do(by: By!): A }
type Subscription { changes(of: ID!): Named }
`

func schema() *ast.Schema { return gqlparser.MustLoadSchema(&ast.Source{Name: "test", Input: sdl}) }

func options(kind ast.Operation) gqlgentest.Options {
	return gqlgentest.Options{
		Operation: kind,
		Skip:      func(object, field string) bool { return object == "A" && field == "hidden" },
		Value: func(_ *rapid.T, place string, typ *ast.Type) (any, bool) {
			switch {
			case place == "Query.a.id":
				return "a-1", true
			case typ.NamedType == "Date":
				return "2026-01-01", true
			default:
				return nil, false
			}
		},
	}
}

func TestOperations_areValid(t *testing.T) {
	t.Parallel()
	s := schema()
	for _, kind := range []ast.Operation{ast.Query, ast.Mutation, ast.Subscription} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			operations := gqlgentest.Operations(s, options(kind))
			rapid.Check(t, func(t *rapid.T) {
				op := operations.Draw(t, "operation")
				doc, errs := gqlparser.LoadQueryWithRules(s, op.Query, nil)
				if len(errs) > 0 {
					t.Fatal(errs)
				}
				if _, err := validator.VariableValues(s, doc.Operations[0], op.Variables); err != nil {
					t.Fatal(err)
				}
				if doc.Operations[0].Operation != kind || strings.Contains(op.Query, "hidden") {
					t.Fatalf("not what was asked for: %s", op)
				}
			})
		})
	}
}

func TestOperations_haveEveryFeature(t *testing.T) {
	t.Parallel()
	operations := gqlgentest.Operations(schema(), options(ast.Query))
	var all strings.Builder
	for seed := range 400 {
		op := operations.Example(seed)
		all.WriteString(op.Query)
		if strings.Count(op.Query, "name ") > 1 {
			all.WriteString(" repeated ")
		}
	}
	for _, feature := range []string{
		"a1: ", "__typename", "... on Named", "... on Any", "... on A ", "... {", "...F0", "fragment F1 on",
		"@skip(if: true)", "@skip(if: false)", "@include(if: $v", "$v0: ", ": Boolean!", "sizes: [", `id: "a-1"`, "by: {",
		"text: ", "size: [L", "null", "...F0 ", " repeated ",
	} {
		if !strings.Contains(all.String(), feature) {
			t.Errorf("no operation has %q", feature)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	s := schema()
	response := func(data string, errs ...*gqlerror.Error) *graphql.Response {
		return &graphql.Response{Data: []byte(data), Errors: errs}
	}
	failed := func(message string, path ...ast.PathElement) *gqlerror.Error {
		return &gqlerror.Error{Message: message, Path: path}
	}
	null := func(object, field string, path ...ast.PathElement) *gqlerror.Error {
		return &gqlerror.Error{Err: &graphql.InvalidNullError{Object: object, Field: field}, Message: "null", Path: path}
	}
	name, zero, one := ast.PathName("f"), ast.PathIndex(0), ast.PathIndex(1)
	for what, test := range map[string]struct {
		kind   ast.Operation
		gqlgen *graphql.Response
		other  *graphql.Response
		same   bool
	}{
		"equal":                 {gqlgen: response(`{"a":1}`), other: response(`{"a":1}`), same: true},
		"another notation":      {gqlgen: response(`{"a":1e+06}`), other: response(`{"a":1000000}`), same: true},
		"another number":        {gqlgen: response(`{"a":9007199254740993}`), other: response(`{"a":9007199254740992}`)},
		"another order":         {gqlgen: response(`{"a":1,"b":2}`), other: response(`{"b":2,"a":1}`)},
		"broken":                {gqlgen: response(`{"a":1}`), other: response(`{"a":1`)},
		"errors in any order":   {gqlgen: response(`{}`, failed("x", name), failed("y")), other: response(`{}`, failed("y"), failed("x", name)), same: true},
		"another path":          {gqlgen: response(`{}`, failed("x", name, zero)), other: response(`{}`, failed("x", name, one))},
		"another message":       {gqlgen: response(`{}`, failed("x")), other: response(`{}`, failed("y"))},
		"one of them":           {gqlgen: response(`{}`), other: nil},
		"null in a list":        {gqlgen: response(`{}`, null("A", "b", name)), other: response(`{}`, null("A", "b", name, one))},
		"events without prefix": {kind: ast.Subscription, gqlgen: response(`{"f":null}`, failed("x", one)), other: response(`null`, failed("x", name, one)), same: true},
		"other events":          {kind: ast.Subscription, gqlgen: response(`{"f":1}`, failed("x", one)), other: response(`{"f":1}`, failed("x", one))},
	} {
		if diff := gqlgentest.Diff(s, test.kind, test.gqlgen, test.other); (diff == "") != test.same {
			t.Errorf("%s: %q", what, diff)
		}
	}
	leaves := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { list: [Int!] }`})
	if diff := gqlgentest.Diff(leaves, ast.Query, response(`null`, null("Query", "list", name)),
		response(`null`, null("Query", "list", name, zero), null("Query", "list", name, one))); diff != "" {
		t.Errorf("null in a list of leaves: %s", diff)
	}
}

func TestOperation_showsItself(t *testing.T) {
	t.Parallel()
	op := gqlgentest.Operation{Query: "{ a }", Variables: map[string]any{"v": 1}}
	if got := op.String(); got != "{ a }\nvariables: map[v:1]" {
		t.Error(errors.New(got))
	}
}
