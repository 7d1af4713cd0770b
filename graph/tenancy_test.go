package graph

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// goldenCases lists the files of the golden cases, without their endings.
func goldenCases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no cases: %v", err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(file, ".graphql")
	}
	return files
}

// stranger is the owner of an empty workspace who knows ids by name and plays everybody.
func (e *engine) stranger(t *testing.T, ids map[string]string) *world {
	t.Helper()
	f := storetest.Seed(t, e.db)
	return &world{Factory: f, ids: ids, people: map[string]*needle.User{
		"olive": f.Owner, "adam": f.Owner, "mia": f.Owner, "vic": f.Owner, "sue": f.Owner, "ines": f.Owner, "greta": f.Owner,
	}}
}

// missing gives every object of a world an id that no object has.
func missing(t *testing.T, ids map[string]string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, id := range ids {
		fresh, err := uuid.NewV7()
		if err != nil {
			t.Fatal(err)
		}
		// A typed id is its prefix and the text of a UUID; any noun tells how the latter is written.
		out[name] = strings.Replace(needle.TeamID{UUID: fresh}.String(), needle.TeamPrefix, needle.IDPrefix(id), 1)
	}
	return out
}

// TestTenancy_anotherWorkspacesObjectsAnswerLikeMissingOnes sends every operation of the golden cases from an empty
// workspace, once with ids of a workspace that is full and once with ids that nobody has. The answers are the same, and
// the full workspace stays as it is.
func TestTenancy_anotherWorkspacesObjectsAnswerLikeMissingOnes(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	full := e.newWorld(t)
	ctx := context.WithoutCancel(t.Context())
	before := e.fingerprint(ctx, t, full)
	t.Cleanup(func() {
		if diff := cmp.Diff(before, e.fingerprint(ctx, t, full)); diff != "" {
			t.Errorf("another workspace changed:\n%s", diff)
		}
	})
	nowhere := missing(t, full.ids)
	for _, base := range goldenCases(t) {
		t.Run(strings.TrimPrefix(base, "testdata/"), func(t *testing.T) {
			t.Parallel()
			theirs := golden{e: e, w: e.stranger(t, full.ids), x: e.read, said: map[string]any{}, raw: map[string]any{}}
			nobodys := golden{e: e, w: e.stranger(t, nowhere), x: e.read, said: map[string]any{}, raw: map[string]any{}}
			if diff := cmp.Diff(string(nobodys.run(t, base)), string(theirs.run(t, base))); diff != "" {
				t.Errorf("another workspace's objects (+) do not answer like missing ones (-):\n%s", diff)
			}
		})
	}
}

// TestTenancy_listsAreEmptyElsewhere reads every list of the root from a workspace without objects.
func TestTenancy_listsAreEmptyElsewhere(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	e.newWorld(t)
	ctx := e.stranger(t, nil).as(t, "olive")
	for _, c := range connections(e.schema) {
		if c.parent != e.schema.Query {
			continue
		}
		data := e.ask(ctx, t, "{ "+c.field.Name+" { totalCount nodes { id } } }", nil)
		// The stranger, and what every workspace starts with.
		want := map[string]int{"users": 1, "categories": 3}[c.field.Name]
		if n := len(at[[]any](t, data, c.field.Name, "nodes")); n != want || at[json.Number](t, data, c.field.Name, "totalCount").String() != strconv.Itoa(want) {
			t.Errorf("%s: %v", c, data)
		}
	}
}

// TestRootFields_needAToken sends every operation of the golden cases without a token: none answers anything, and each
// root field says why.
func TestRootFields_needAToken(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	w := e.newWorld(t)
	refused := map[string]bool{}
	for _, base := range goldenCases(t) {
		g := golden{e: e, w: w, x: e.read, said: map[string]any{}, raw: map[string]any{}, nobody: true}
		g.run(t, base)
		for _, op := range operations(t, base) {
			answer, _ := g.said[op.Name].(map[string]any)
			for _, s := range op.SelectionSet {
				f, ok := s.(*gql.Field)
				if !ok || strings.HasPrefix(f.Name, "__") {
					continue
				}
				if value := dig(answer, "data", f.Alias); value != nil {
					t.Errorf("%s of %s answers without a token: %v", f.Name, base, value)
				}
				for _, problem := range listOf(answer["errors"]) {
					if dig(problem, "path", 0) == f.Alias && dig(problem, "extensions", "code") == string(needle.CodeUnauthenticated) {
						refused[f.Name] = true
					}
				}
			}
		}
	}
	for _, f := range slices.Concat(fields(e.schema.Query), fields(e.schema.Mutation)) {
		if !refused[f.Name] {
			t.Errorf("%s was never refused for lack of a token", f.Name)
		}
	}
}

func listOf(value any) []any {
	list, _ := value.([]any)
	return list
}

// operations lists what a golden case sends; nothing when it cannot be parsed.
func operations(t *testing.T, base string) gql.OperationList {
	t.Helper()
	doc, err := parser.ParseQuery(&gql.Source{Input: string(readFile(t, base+".graphql"))})
	if err != nil {
		return nil
	}
	return doc.Operations
}
