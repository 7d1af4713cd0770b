package graph

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// loadSchema reads the schema files as the generator does.
func loadSchema(t *testing.T) *gql.Schema {
	t.Helper()
	files, err := filepath.Glob("schema/*.graphqls")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schema files: %v", err)
	}
	var sources []*gql.Source
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &gql.Source{Name: file, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestSchema_keepsItsConventions(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	for name, rule := range conventions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, breach := range rule(schema) {
				t.Error(breach)
			}
		})
	}
}

// TestConventions_catchBreaches shows that each rule can fail: to a schema that keeps all of them, each case adds
// one breach.
func TestConventions_catchBreaches(t *testing.T) {
	t.Parallel()
	const sound = `
"May." directive @can("What." scope: String!) on FIELD_DEFINITION
"Place." scalar Cursor @specifiedBy(url: "https://example.org")
"Time." scalar DateTime @specifiedBy(url: "https://example.org")
"Object." interface Node { "Id." id: ID! }
"Page." type PageInfo { "More." hasNextPage: Boolean! }
"Error." type UserError { "Code." code: String! }
"Ways." enum OrderDirection { "Up." ASC "Down." DESC }
`
	cases := map[string]map[string]string{
		"everything is described": {
			`type Thing { "A." a: Int }`:                      "Thing is not described",
			`"T" type Thing { "A." a: Int }`:                  "Thing is not described in sentences",
			`"T." type Thing { a: Int }`:                      "Thing.a is not described",
			`"T." type Thing { "A." a(b: Int): Int }`:         "Thing.a(b) is not described",
			`"E." enum E { ONE }`:                             "E.ONE is not described",
			`"I." input I { a: Int }`:                         "I.a is not described",
			`"D." directive @d(a: Int) on FIELD_DEFINITION`:   "@d(a) is not described",
			`directive @d("A." a: Int) on FIELD_DEFINITION`:   "@d is not described",
			`scalar S @specifiedBy(url: "https://a.example")`: "S is not described",
		},
		"names follow the rules": {
			`"T." type thing { "A." a: Int }`:            "thing is not in Pascal case",
			`"T." type Thing { "A." B: Int }`:            "Thing.B is not in camel case",
			`"T." type Thing { "A." a("B." B: Int): I }`: "Thing.a(B) is not in camel case",
			`"E." enum E { "One." one }`:                 "E.one is not in upper case",
		},
		"list items are never null": {
			`"T." type Thing { "A." a: [Int] }`:                 "Thing.a: its items may be null",
			`"T." type Thing { "A." a("B." b: [Int]): Int }`:    "Thing.a(b): its items may be null",
			`"I." input I { "A." a: [[Int!]] }`:                 "I.a: its items may be null",
			`"Q." type Query { "N." nodes: [Int] "X." x: Int }`: "",
		},
		"scalars name their specification": {
			`"S." scalar S`: "S has no @specifiedBy",
		},
		"every root field asks for a scope": {
			`"Q." type Query { "A." a: Int }`:    "Query.a has no @can",
			`"Q." type Mutation { "A." a: Int }`: "Mutation.a has no @can",
		},
		"mutations take one input and answer a payload": {
			`"M." type Mutation { "A." doIt("I." id: ID!): DoItPayload! }
			 "P." type DoItPayload { "T." thing: Int "E." userErrors: [UserError!]! "C." clientMutationId: String }`: "Mutation.doIt does not take just input: DoItInput!",
			`"M." type Mutation { "A." doIt("I." input: DoItInput!): Int }
			 "I." input DoItInput { "C." clientMutationId: String }`: "Mutation.doIt does not answer DoItPayload!",
			`"M." type Mutation { "A." doIt("I." input: DoItInput!): DoItPayload! }
			 "I." input DoItInput { "C." clientMutationId: String }
			 "P." type DoItPayload { "T." thing: Int! "E." userErrors: [UserError!]! "C." clientMutationId: String }`: "DoItPayload is not a nullable noun, userErrors: [UserError!]! and clientMutationId: String",
			`"M." type Mutation { "A." updateIt("I." input: UpdateItInput!): UpdateItPayload! }
			 "I." input UpdateItInput { "I." id: ID! "C." clientMutationId: String }
			 "P." type UpdateItPayload { "T." thing: Int "E." userErrors: [UserError!]! "C." clientMutationId: String }`: "UpdateItInput has no expectedVersion: Int",
			`"M." type Mutation { "A." doIt("I." input: DoItInput!): DoItPayload! }
			 "I." input DoItInput { "A." a: Int }
			 "P." type DoItPayload { "T." thing: Int "E." userErrors: [UserError!]! "C." clientMutationId: String }`: "DoItInput has no clientMutationId: String",
		},
		"connections have one shape": {
			`"C." type ThingConnection { "N." nodes: [Thing!]! } "T." type Thing { "A." a: Int }`:           "ThingConnection is not edges: [ThingEdge!]!, nodes: [Thing!]!, pageInfo: PageInfo!, totalCount: Int!",
			`"E." type ThingEdge { "N." node: Thing "C." cursor: Cursor! } "T." type Thing { "A." a: Int }`: "ThingEdge is not cursor: Cursor!, node: Thing!",
			`"T." type Thing { "T." things("F." first: Int): ThingConnection! }
			 "C." type ThingConnection { "E." edges: [ThingEdge!]! "N." nodes: [Thing!]! "P." pageInfo: PageInfo! "C." totalCount: Int! }
			 "E." type ThingEdge { "C." cursor: Cursor! "N." node: Thing! }`: "Thing.things does not take first: Int, after: Cursor, last: Int, before: Cursor, filter: ThingFilter, orderBy: [ThingOrder!]",
		},
		"filters combine": {
			`"F." input ThingFilter { "A." and: [ThingFilter!] "O." or: [ThingFilter!] }`: "ThingFilter lacks not: ThingFilter",
			`"F." input ThingCollectionFilter { "S." some: Int }`:                         "ThingCollectionFilter is not some: ThingFilter, none: ThingFilter",
		},
		"orders name a field and a direction": {
			`"O." input ThingOrder { "F." field: String! "D." direction: OrderDirection! = ASC }`: "ThingOrder is not field: ThingOrderField!, direction: OrderDirection! = ASC",
		},
		"nodes can be told apart and versioned": {
			`"T." type Thing { "I." id: ID! }`:                 "Thing has an id but is no Node",
			`"T." type Thing implements Node { "I." id: ID! }`: "Thing has neither version: Int!, createdAt: DateTime!, updatedAt: DateTime! nor recordedAt: DateTime! nor since: DateTime!",
		},
		"links to objects can be lost": {
			`"T." type Thing implements Node { "I." id: ID! "T." thing: Thing! }`: "Thing.thing may not be lost",
		},
	}
	for name, breaches := range cases {
		for sdl, want := range breaches {
			t.Run(name+" "+want, func(t *testing.T) {
				t.Parallel()
				text := sound + sdl
				if strings.Contains(sdl, ": I }") {
					text += ` "I." type I { "A." a: Int }`
				}
				schema, err := gqlparser.LoadSchema(&gql.Source{Input: text})
				if err != nil {
					t.Fatal(err)
				}
				var wanted []string
				if want != "" {
					wanted = []string{want}
				}
				if diff := cmp.Diff(wanted, conventions[name](schema)); diff != "" {
					t.Errorf("breaches (-want +got):\n%s", diff)
				}
			})
		}
	}
	for name := range conventions {
		if cases[name] == nil {
			t.Errorf("no case shows that the rule %q can fail", name)
		}
	}
}

// example is a fenced query in a description.
var example = regexp.MustCompile("(?s)```graphql\n(.*?)```")

func TestSchema_showsAnExamplePerTopicThatWorks(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	shown := map[string]bool{}
	for _, def := range declared(schema) {
		for _, found := range example.FindAllStringSubmatch(def.Description, -1) {
			shown[filepath.Base(def.Position.Src.Name)] = true
			if _, errs := gqlparser.LoadQueryWithRules(schema, found[1], rules.NewDefaultRules()); len(errs) > 0 {
				t.Errorf("the example of %s: %v", def.Name, errs)
			}
		}
	}
	for _, def := range declared(schema) {
		file := filepath.Base(def.Position.Src.Name)
		if file != "filters.graphqls" && !shown[file] {
			t.Errorf("%s has no example", file)
			shown[file] = true
		}
	}
}

func TestSchema_namesTheValuesOfTheVocabulary(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	vocabulary := constants(t, "../internal/needle")
	vocabulary["ErrorCode"] = vocabulary["Code"]
	for _, def := range declared(schema) {
		if def.Kind != gql.Enum {
			continue
		}
		var values []string
		for _, v := range def.EnumValues {
			values = append(values, v.Name)
		}
		slices.Sort(values)
		if diff := cmp.Diff(vocabulary[def.Name], values); diff != "" {
			t.Errorf("%s (-Go +schema):\n%s", def.Name, diff)
		}
	}
}

// constants returns the sorted string values of the typed constants of a package, by type.
func constants(t *testing.T, dir string) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	byType := map[string][]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			typ, named := spec.Type.(*ast.Ident)
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && named && lit.Kind == token.STRING {
					if value, err := strconv.Unquote(lit.Value); err == nil {
						byType[typ.Name] = append(byType[typ.Name], value)
					}
				}
			}
			return true
		})
	}
	for _, values := range byType {
		slices.Sort(values)
	}
	return byType
}

// declared returns the definitions of our own files, by name.
func declared(s *gql.Schema) []*gql.Definition {
	var defs []*gql.Definition
	for _, name := range slices.Sorted(maps.Keys(s.Types)) {
		if def := s.Types[name]; !def.BuiltIn {
			defs = append(defs, def)
		}
	}
	return defs
}

// fields returns the fields a document declares, without introspection's.
func fields(def *gql.Definition) []*gql.FieldDefinition {
	return slices.DeleteFunc(slices.Clone([]*gql.FieldDefinition(def.Fields)), func(f *gql.FieldDefinition) bool {
		return strings.HasPrefix(f.Name, "__")
	})
}

// signature lists fields as "name: Type", in order of name.
func signature(def *gql.Definition) []string {
	var list []string
	for _, f := range fields(def) {
		line := f.Name + ": " + f.Type.String()
		if f.DefaultValue != nil {
			line += " = " + f.DefaultValue.String()
		}
		list = append(list, line)
	}
	slices.Sort(list)
	return list
}

// arguments lists a field's arguments as "name: Type", in order of name.
func arguments(f *gql.FieldDefinition) []string {
	var list []string
	for _, a := range f.Arguments {
		list = append(list, fmt.Sprintf("%s: %s", a.Name, a.Type))
	}
	slices.Sort(list)
	return list
}
