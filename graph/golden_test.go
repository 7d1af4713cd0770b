package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/google/go-cmp/cmp"
	gql "github.com/vektah/gqlparser/v2/ast"

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
// Whatever the case, the slow reader answers alike, a change that is refused writes nothing, and one that is made leaves
// an activity.
func TestGolden(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, base := range goldenCases(t) {
		t.Run(strings.TrimPrefix(base, "testdata/"), func(t *testing.T) {
			t.Parallel()
			got := newGolden(t, e, e.read, base).run(t, base)
			if strings.HasPrefix(base, "testdata/mutations/") {
				slow := newGolden(t, e, e.slow, base).run(t, base)
				if diff := cmp.Diff(unplaced(slow), unplaced(got)); diff != "" {
					t.Errorf("the two readers differ (-slow +production):\n%s", diff)
				}
			}
			if *update {
				if err := os.WriteFile(base+".json", got, 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(readFile(t, base+".json")), string(got)); diff != "" {
				t.Errorf("the answer (-golden +got):\n%s", diff)
			}
		})
	}
}

// locations are where in the text an error came from; gqlgen tells so less often.
var locations = regexp.MustCompile(`\s*"locations": \[[^]]*\],`)

// unplaced is an answer whose errors do not say where in the text they came from.
func unplaced(answer []byte) string {
	return locations.ReplaceAllString(string(answer), "")
}

// TestGolden_leavesNoRootFieldOut demands a case for every query, and for every mutation one that is made, one that is
// refused with userErrors, and one that is refused for lack of a scope.
func TestGolden_leavesNoRootFieldOut(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	want := map[string]bool{}
	for _, f := range fields(schema.Query) {
		want[f.Name+" answered"] = true
	}
	for _, f := range fields(schema.Mutation) {
		for _, end := range []string{"made", "refused", "stopped"} {
			want[f.Name+" "+end] = true
		}
	}
	for _, base := range goldenCases(t) {
		for name := range endings(t, base) {
			delete(want, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		t.Errorf("no case shows %s", name)
	}
}

// endings says how the root fields of a case ended.
func endings(t *testing.T, base string) map[string]bool {
	t.Helper()
	sent := operations(t, base)
	var answers map[string]any
	if err := json.Unmarshal(readFile(t, base+".json"), &answers); err != nil {
		t.Fatal(err)
	}
	if len(sent) == 1 {
		answers = map[string]any{sent[0].Name: answers}
	}
	ends := map[string]bool{}
	for _, op := range sent {
		data, _ := at[map[string]any](t, answers, op.Name)["data"].(map[string]any)
		for _, s := range op.SelectionSet {
			f, ok := s.(*gql.Field)
			if !ok {
				continue
			}
			payload, _ := data[f.Alias].(map[string]any)
			problems, _ := payload["userErrors"].([]any)
			switch {
			case op.Operation == gql.Query && data[f.Alias] != nil:
				ends[f.Name+" answered"] = true
			case op.Operation == gql.Mutation && payload == nil:
				ends[f.Name+" stopped"] = true
			case len(problems) > 0:
				ends[f.Name+" refused"] = true
			case op.Operation == gql.Mutation:
				ends[f.Name+" made"] = true
			}
		}
	}
	return ends
}

// golden is one case as it runs.
type golden struct {
	e *engine
	w *world
	x *executor.Executor
	// nobody sends every operation without a token.
	nobody bool
	// said and raw are the answers so far and their data, by operation.
	said, raw map[string]any
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// further is what happens in the worlds of some topics alone.
var further = map[string][]func(*world){
	"attribution": {(*world).seedAttribution},
}

func newGolden(t *testing.T, e *engine, x *executor.Executor, base string) *golden {
	t.Helper()
	topic := strings.Split(base, "/")[1]
	return &golden{e: e, w: e.newWorld(t, further[topic]...), x: x, said: map[string]any{}, raw: map[string]any{}}
}

func (g *golden) run(t *testing.T, base string) []byte {
	t.Helper()
	text := readFile(t, base+".graphql")
	var variables map[string]any
	if raw, err := os.ReadFile(base + ".variables.json"); err == nil {
		if err := json.Unmarshal(raw, &variables); err != nil {
			t.Fatalf("%s.variables.json: %v", base, err)
		}
	}
	sent := operations(t, base)
	if len(sent) < 2 {
		op := &gql.OperationDefinition{Operation: gql.Query}
		if len(sent) == 1 {
			op = sent[0]
		}
		answer := g.step(t, op, caller(string(text)), request{Query: string(text), Variables: variables})
		return g.pretty(t, answer)
	}
	answers := bytes.NewBufferString("{")
	for i, op := range sent {
		own, _ := variables[op.Name].(map[string]any)
		start := regexp.MustCompile(string(op.Operation) + ` ` + op.Name + `\b`).FindIndex(text)
		answer := g.step(t, op, lastComment(string(text[:start[0]])), request{Query: string(text), Operation: op.Name, Variables: own})
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
	case g.nobody:
		return t.Context()
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
func (g *golden) step(t *testing.T, op *gql.OperationDefinition, who []string, r request) []byte {
	t.Helper()
	r.Query = g.fill(r.Query)
	variables, err := json.Marshal(r.Variables)
	if err != nil {
		t.Fatal(err)
	}
	r.Variables = nil
	if err := json.Unmarshal([]byte(g.fill(string(variables))), &r.Variables); err != nil {
		t.Fatal(err)
	}
	ctx := g.context(t, who)
	var before map[string]string
	if op.Operation == gql.Mutation {
		before = g.e.fingerprint(t.Context(), t, g.w)
	}
	response, err := do(ctx, g.x, r)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := json.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case op.Operation != gql.Mutation:
		slow, err := do(ctx, g.e.slow, r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gqlgentest.Diff(g.e.schema, op.Operation, slow, response); diff != "" {
			t.Errorf("%s: the two readers differ: %s", r.Operation, diff)
		}
	case len(op.SelectionSet) == 1:
		refused := len(response.Errors) > 0 || bytes.Contains(answer, []byte(`"code"`)) || idle.Match(answer)
		checkWritten(t, op, refused, before, g.e.fingerprint(t.Context(), t, g.w))
	}
	var said map[string]any
	if err := json.Unmarshal(answer, &said); err != nil {
		t.Fatal(err)
	}
	g.said[op.Name], g.raw[op.Name] = said, said["data"]
	return answer
}

// idle matches what an import answers that wrote nothing: because it was a dry run, or because all was there already.
var idle = regexp.MustCompile(`"dryRun":true|"created":0,"updated":0`)

// checkWritten demands that a change that was refused wrote nothing and that one that was made left an activity, unless
// it is a mark.
func checkWritten(t *testing.T, op *gql.OperationDefinition, refused bool, before, after map[string]string) {
	t.Helper()
	name := op.Name
	if refused {
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s was refused and wrote:\n%s", name, diff)
		}
		return
	}
	if isMark(op) {
		checkMarked(t, name, before, after)
		return
	}
	var was, is int
	for text, n := range map[string]*int{before["activities"]: &was, after["activities"]: &is} {
		if _, err := fmt.Sscanf(text, "%d ", n); err != nil {
			t.Fatalf("counting the activities in %q: %v", text, err)
		}
	}
	// What follows by rule, such as an objective that is to be signed anew, leaves its own.
	if is <= was {
		t.Errorf("%s left %d activities", name, is-was)
	}
}

// fill puts ids and earlier answers in the place of their names.
func (g *golden) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "«»")
		if id, ok := g.w.ids[name]; ok {
			return id
		}
		operation, path, _ := strings.Cut(name, ".")
		var steps []any
		for step := range strings.SplitSeq(path, ".") {
			if place, err := strconv.Atoi(step); err == nil {
				steps = append(steps, place)
			} else {
				steps = append(steps, step)
			}
		}
		if text, ok := dig(g.raw[operation], steps...).(string); ok {
			return text
		}
		return found // An operation whose turn will come, or nothing was answered there.
	})
}

var (
	publicID   = regexp.MustCompile(`\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b`)
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
