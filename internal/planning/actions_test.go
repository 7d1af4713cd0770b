package planning_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

// TestUseCases_nameTheirActions reads the code of the two packages that change things: whatever takes an input of the API
// asks for one action, and every action is asked for. Reading is guarded by the schema's @can.
func TestUseCases_nameTheirActions(t *testing.T) {
	t.Parallel()
	used := map[string]bool{"ActRead": true, "ActReadAudit": true}
	cases := 0
	for _, dir := range []string{".", "../syncing"} {
		for _, f := range useCases(t, dir) {
			named := actionsIn(f, methods(t, dir))
			if len(named) != 1 {
				t.Errorf("%s asks for %v, want one action", f.Name.Name, named)
			}
			for _, action := range named {
				used[action] = true
			}
			cases++
		}
	}
	if cases < 28 {
		t.Errorf("found %d use cases, which cannot be all", cases)
	}
	known := actionConstants(t)
	if len(known) != len(needle.Permissions()) {
		t.Errorf("%d actions and %d rows in the table", len(known), len(needle.Permissions()))
	}
	for _, action := range known {
		if !used[action] {
			t.Errorf("nothing asks for %s", action)
		}
	}
}

// useCases lists the exported functions and methods of a package that take an input of the API.
func useCases(t *testing.T, dir string) []*ast.FuncDecl {
	t.Helper()
	var found []*ast.FuncDecl
	for _, file := range parsed(t, dir) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && f.Recv != nil && f.Name.IsExported() && slices.ContainsFunc(f.Type.Params.List, isInput) {
				found = append(found, f)
			}
		}
	}
	return found
}

// isInput reports whether a parameter is one of the vocabulary's inputs.
func isInput(p *ast.Field) bool {
	s, ok := p.Type.(*ast.SelectorExpr)
	return ok && strings.HasSuffix(s.Sel.Name, "Input")
}

// methods are the methods of a package by name.
func methods(t *testing.T, dir string) map[string]*ast.FuncDecl {
	t.Helper()
	found := map[string]*ast.FuncDecl{}
	for _, file := range parsed(t, dir) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				found[f.Name.Name] = f
			}
		}
	}
	return found
}

// actionsIn lists the actions that a use case asks for on its road: the second argument of change, or of what it shares
// with other use cases and calls change.
func actionsIn(f *ast.FuncDecl, all map[string]*ast.FuncDecl) []string {
	named := map[string]bool{}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		if action, ok := call.Args[1].(*ast.SelectorExpr); ok && strings.HasPrefix(action.Sel.Name, "Act") {
			named[action.Sel.Name] = true
			return true
		}
		if receiver, ok := method.X.(*ast.Ident); ok && (receiver.Name == "p" || receiver.Name == "e") && !method.Sel.IsExported() {
			if shared := all[method.Sel.Name]; shared != nil && shared != f && method.Sel.Name != "change" {
				for _, action := range actionsIn(shared, all) {
					named[action] = true
				}
			}
		}
		return true
	})
	return slices.Sorted(maps.Keys(named))
}

// actionConstants lists the names of the vocabulary's actions.
func actionConstants(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, file := range parsed(t, "../needle") {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Action" {
					names = append(names, spec.Names[0].Name)
				}
			}
			return true
		})
	}
	slices.Sort(names)
	return names
}

// parsed reads the Go files of a folder that are not tests.
func parsed(t *testing.T, dir string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}
