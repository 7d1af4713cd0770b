package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/needle-okr/needle/internal/gqlread/gqlgentest"
	"github.com/needle-okr/needle/internal/needle"
)

var update = flag.Bool("update", false, "write the answers that the golden cases get")

// TestGolden executes testdata/<topic>/<case>.graphql against a world of its own and compares the answer with
// <case>.json beside it; go test ./graph -run TestGolden -update writes the answers anew.
//
// A file may hold several operations, which run in order, one after the other in the same world; the answers are then
// kept by operation name. A comment line before an operation says who asks: "# as mia" or "# as mia with READ, LINK";
// without one it is Olive, the owner. "«kr:uptime»" stands for an object of the world and "«First.keyResults.pageInfo
// .endCursor»" for what an earlier operation answered, in the text and in <case>.variables.json alike, which holds the
// variables, by operation name when there are several.
//
// Whatever the case, queries are answered alike by the slow reader, a change that is refused writes nothing, and one
// that is made leaves one activity.
func TestGolden(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	files, err := filepath.Glob("testdata/*/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no cases: %v", err)
	}
	for _, file := range files {
		base := strings.TrimSuffix(file, ".graphql")
		t.Run(strings.TrimPrefix(base, "testdata/"), func(t *testing.T) {
			t.Parallel()
			g := golden{e: e, w: e.newWorld(t), raw: map[string]any{}}
			got := g.run(t, base)
			if *update {
				if err := os.WriteFile(base+".json", got, 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(base + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("the answer (-golden +got):\n%s", diff)
			}
		})
	}
}

// golden is one case as it runs.
type golden struct {
	e *engine
	w *world
	// raw are the answers so far, by operation.
	raw map[string]any
}

func (g *golden) run(t *testing.T, base string) []byte {
	t.Helper()
	text, err := os.ReadFile(base + ".graphql")
	if err != nil {
		t.Fatal(err)
	}
	var variables map[string]any
	if raw, err := os.ReadFile(base + ".variables.json"); err == nil {
		if err := json.Unmarshal(raw, &variables); err != nil {
			t.Fatalf("%s.variables.json: %v", base, err)
		}
	}
	var operations gql.OperationList
	if doc, err := parser.ParseQuery(&gql.Source{Input: string(text)}); err == nil {
		operations = doc.Operations
	}
	if len(operations) < 2 {
		kind := gql.Query
		if len(operations) == 1 {
			kind = operations[0].Operation
		}
		answer := g.step(t, kind, caller(string(text)), request{Query: string(text), Variables: variables})
		return g.pretty(t, answer)
	}
	answers := bytes.NewBufferString("{")
	for i, op := range operations {
		own, _ := variables[op.Name].(map[string]any)
		start := strings.Index(string(text), fmt.Sprintf("%s %s", op.Operation, op.Name))
		answer := g.step(t, op.Operation, lastComment(string(text)[:start]), request{Query: string(text), Operation: op.Name, Variables: own})
		if i > 0 {
			answers.WriteByte(',')
		}
		fmt.Fprintf(answers, "%q:%s", op.Name, answer)
	}
	answers.WriteByte('}')
	return g.pretty(t, answers.Bytes())
}

var (
	callerLine  = regexp.MustCompile(`(?m)^# as (\w+)(?: with ([A-Z_, ]+))?$`)
	placeholder = regexp.MustCompile(`«([^»]+)»`)
)

func caller(text string) []string { return callerLine.FindStringSubmatch(text) }

// lastComment returns the caller named on the line before an operation.
func lastComment(before string) []string {
	lines := strings.Split(strings.TrimRight(before, "\n"), "\n")
	return caller(lines[len(lines)-1])
}

func (g *golden) context(t *testing.T, who []string) context.Context {
	t.Helper()
	switch {
	case who == nil:
		return g.w.as(t, "olive")
	case who[1] == "nobody":
		return t.Context()
	}
	var scopes []needle.TokenScope
	for _, s := range strings.Split(who[2], ",") {
		if s = strings.TrimSpace(s); s != "" {
			scopes = append(scopes, needle.TokenScope(s))
		}
	}
	return g.w.as(t, who[1], scopes...)
}

// step executes one operation and checks what holds for all.
func (g *golden) step(t *testing.T, kind gql.Operation, who []string, r request) []byte {
	t.Helper()
	r.Query = g.fill(t, r.Query)
	variables, err := json.Marshal(r.Variables)
	if err != nil {
		t.Fatal(err)
	}
	r.Variables = nil
	if err := json.Unmarshal([]byte(g.fill(t, string(variables))), &r.Variables); err != nil {
		t.Fatal(err)
	}
	ctx := g.context(t, who)
	before := g.e.fingerprint(t, g.w)
	response, err := do(ctx, g.e.read, r)
	if err != nil {
		t.Fatal(err)
	}
	after := g.e.fingerprint(t, g.w)
	answer, err := json.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	if kind == gql.Mutation {
		changed := cmp.Diff(before, after)
		if refused := len(response.Errors) > 0 || bytes.Contains(answer, []byte(`"code"`)); refused != (changed == "") {
			t.Errorf("%s: refused is %v, and this was written:\n%s\nanswer: %s", r.Operation, refused, changed, answer)
		}
	} else {
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("a query wrote:\n%s", diff)
		}
		slow, err := do(ctx, g.e.slow, r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gqlgentest.Diff(g.e.schema, kind, slow, response); diff != "" {
			t.Errorf("%s: the two readers differ: %s", r.Operation, diff)
		}
	}
	var said map[string]any
	if err := json.Unmarshal(answer, &said); err != nil {
		t.Fatal(err)
	}
	g.raw[r.Operation] = said["data"]
	return answer
}

// fill puts ids and earlier answers in the place of their names.
func (g *golden) fill(t *testing.T, text string) string {
	t.Helper()
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "«»")
		if id, ok := g.w.ids[name]; ok {
			return id
		}
		operation, path, _ := strings.Cut(name, ".")
		if _, ok := g.raw[operation]; !ok {
			return found // Not yet answered: it is of a later operation, whose turn will come.
		}
		var steps []any
		for step := range strings.SplitSeq(path, ".") {
			if place, err := strconv.Atoi(step); err == nil {
				steps = append(steps, place)
			} else {
				steps = append(steps, step)
			}
		}
		return at[string](t, g.raw[operation], steps...)
	})
}

var (
	publicID   = regexp.MustCompile(`\b(ws|usr|team|cyc|pain|ev|obj|kr|ci|item|iss|ctr|conn|src|run|rule|act|tok)_[0-9a-hjkmnp-tv-z]{26}\b`)
	cursorText = regexp.MustCompile(`("(?:cursor|startCursor|endCursor)": )"([^"]+)"`)
)

// pretty renders an answer with names in the place of everything that is random.
func (g *golden) pretty(t *testing.T, answer []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, answer, "", "  "); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	text := cursorText.ReplaceAllString(out.String(), `$1"«cursor»"`)
	names := map[string]string{}
	for name, id := range g.w.ids {
		names[id] = name
	}
	made := map[string]int{}
	text = publicID.ReplaceAllStringFunc(text, func(id string) string {
		if names[id] == "" {
			prefix := needle.IDPrefix(id)
			made[prefix]++
			names[id] = fmt.Sprintf("%s:new-%d", prefix, made[prefix])
		}
		return "«" + names[id] + "»"
	})
	return []byte(text + "\n")
}
