package graph

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/needle-okr/needle/internal/needle"
)

// TestMutations_askForTheScopeOfTheirAction follows each mutation from its resolver to its use case and to the action that
// one asks for: the schema's @can names the scope of that action, or callers would be refused by one of the two and not
// know by which.
func TestMutations_askForTheScopeOfTheirAction(t *testing.T) {
	t.Parallel()
	calls := callsOf(t, ".", "Planner", "Syncing")
	actions := actionsOf(t, "../internal/planning", "../internal/syncing")
	scopes := map[string]needle.TokenScope{}
	for _, p := range needle.Permissions() {
		scopes[string(p.Action)] = p.Scope
	}
	for _, f := range fields(loadSchema(t).Mutation) {
		useCase := calls[strings.ToUpper(f.Name[:1])+f.Name[1:]]
		want := string(scopes[actions[useCase]])
		if got := scopeOf(f); got != want || want == "" {
			t.Errorf("%s asks for the scope %s and its use case %s for %s", f.Name, got, useCase, want)
		}
	}
}

func scopeOf(f *gql.FieldDefinition) string {
	can := f.Directives.ForName("can")
	if can == nil {
		return ""
	}
	return can.Arguments.ForName("scope").Value.Raw
}

// eachMethod calls do for the methods in the Go files of a folder, tests left out.
func eachMethod(t *testing.T, dir string, do func(*ast.FuncDecl)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				do(f)
			}
		}
	}
}

// callsOf maps the resolvers of a folder to the use case that each calls on one of the services.
func callsOf(t *testing.T, dir string, services ...string) map[string]string {
	t.Helper()
	calls := map[string]string{}
	eachMethod(t, dir, func(f *ast.FuncDecl) {
		ast.Inspect(f, func(n ast.Node) bool {
			method, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			service, ok := method.X.(*ast.SelectorExpr)
			for _, name := range services {
				if ok && service.Sel.Name == name {
					calls[f.Name.Name] = method.Sel.Name
				}
			}
			return true
		})
	})
	return calls
}

// actionsOf maps the use cases of some folders to the action that each names.
func actionsOf(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	values := actionValues(t)
	actions := map[string]string{}
	shares := map[string]string{} // what several use cases have in common, by use case
	for _, dir := range dirs {
		eachMethod(t, dir, func(f *ast.FuncDecl) {
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) < 2 {
					return true
				}
				method, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if action, named := call.Args[1].(*ast.SelectorExpr); named && values[action.Sel.Name] != "" {
					actions[f.Name.Name] = values[action.Sel.Name]
				} else if on, plain := method.X.(*ast.Ident); plain && on.Name == "p" {
					shares[f.Name.Name] = method.Sel.Name
				}
				return true
			})
		})
	}
	for useCase, shared := range shares {
		if actions[useCase] == "" {
			actions[useCase] = actions[shared]
		}
	}
	return actions
}

// actionValues maps the names of the actions in Go to their values.
func actionValues(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../internal/needle/permission.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok {
				values[spec.Names[0].Name] = strings.Trim(value.Value, `"`)
			}
		}
		return true
	})
	return values
}
