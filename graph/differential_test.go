package graph

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/gqlread/gqlgentest"
	"github.com/needle-okr/needle/internal/needle"
)

// TestReaders_answerAlike sends random queries, asked by people who may read all, some or nothing, in worlds that are
// whole and in worlds where a table is missing, to both readers. They answer with the same data and the same errors.
func TestReaders_answerAlike(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"", "users", "check_ins", "contributions", "cycles", "workspaces"} {
		name := "in a whole world"
		if broken != "" {
			name = "without " + broken
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t)
			p := &pool{w: e.newWorld(t), schema: e.schema}
			p.gather(t, e)
			if broken != "" {
				if _, err := e.db.ExecContext(t.Context(), "ALTER TABLE "+broken+" RENAME TO gone"); err != nil {
					t.Fatal(err)
				}
			}
			askers := p.askers(t)
			operations := gqlgentest.Operations(e.schema, gqlgentest.Options{Value: p.value, Depth: 8, Fields: 80})
			rapid.Check(t, func(rt *rapid.T) {
				who := rapid.SampledFrom(slices.Sorted(maps.Keys(askers))).Draw(rt, "asker")
				op := operations.Draw(rt, "operation")
				r := request{Query: op.Query, Variables: op.Variables}
				want, err := do(askers[who], e.slow, r)
				if err != nil {
					rt.Fatal(err)
				}
				got, err := do(askers[who], e.read, r)
				if err != nil {
					rt.Fatal(err)
				}
				if diff := gqlgentest.Diff(e.schema, gql.Query, want, got); diff != "" {
					rt.Fatalf("%s\nslow: %s\nproduction: %s", diff, want.Data, got.Data)
				}
			})
		})
	}
}

// pool is what random arguments are drawn from.
type pool struct {
	w      *world
	schema *gql.Schema
	// ids are public ids by prefix.
	ids map[string][]string
	// cursors are places in lists of the usual order without a filter.
	cursors []string
}

func (p *pool) gather(t *testing.T, e *engine) {
	t.Helper()
	p.ids = map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(p.w.ids)) {
		id := p.w.ids[name]
		p.ids[needle.IDPrefix(id)] = append(p.ids[needle.IDPrefix(id)], id)
	}
	for _, c := range connections(e.schema) {
		if c.parent == e.schema.Query {
			data := e.ask(p.w.as(t, "olive"), t, "{ "+c.field.Name+"(first: 1) { pageInfo { endCursor } } }", nil)
			p.cursors = append(p.cursors, at[string](t, data, c.field.Name, "pageInfo", "endCursor"))
		}
	}
}

// askers are people with rights of all sorts.
func (p *pool) askers(t *testing.T) map[string]context.Context {
	t.Helper()
	return map[string]context.Context{
		"owner": p.w.as(t, "olive"), "member": p.w.as(t, "mia"), "viewer": p.w.as(t, "vic"),
		"owner of another workspace": p.w.as(t, "greta"),
		"owner who may read only":    p.w.as(t, "olive", needle.ScopeRead),
		"owner who may not read":     p.w.as(t, "olive", needle.ScopeAdmin, needle.ScopeAuditRead),
		"nobody":                     t.Context(),
	}
}

// value draws an argument: mostly one that finds something.
func (p *pool) value(t *rapid.T, place string, typ *gql.Type) (any, bool) {
	argument := place[strings.LastIndex(place, ".")+1:]
	// Small numbers are drawn more often than large ones.
	unusual := rapid.IntRange(0, 9).Draw(t, "unusual "+argument) == 9
	switch {
	case typ.Elem != nil && argument == "ids":
		ids := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "ids") {
			ids = append(ids, p.id(t, ""))
		}
		return ids, true
	case typ.Elem != nil && argument == "orderBy" && !unusual:
		return p.order(t, typ.Name()), true
	case typ.Elem != nil || unusual:
		return nil, false
	case argument == "first":
		return rapid.SampledFrom([]any{2, 5, 1, 20, nil}).Draw(t, "first"), true
	case argument == "last" && typ.NonNull:
		return rapid.IntRange(1, 3).Draw(t, "last"), true
	case argument == "last" || argument == "before":
		return nil, true
	case argument == "filter" && rapid.Bool().Draw(t, "no filter"):
		return nil, true
	}
	switch typ.NamedType {
	case "ID":
		return p.id(t, p.prefix(place)), true
	case "Cursor":
		return rapid.SampledFrom(append(make([]any, 4*len(p.cursors)), anys(p.cursors)...)).Draw(t, "cursor"), true
	case "DateTime":
		return rapid.SampledFrom([]any{nil, "2026-01-15T00:00:00Z", "2026-02-20T12:00:00+02:00", "2026-02-25T00:00:00Z", "2027-01-01T00:00:00Z"}).Draw(t, "instant"), true
	case "When":
		return rapid.SampledFrom([]string{"-P2W", "2026-02-01", "2026-02-10T00:00:00Z", "PT1H", "-P1Y"}).Draw(t, "when"), true
	case "String":
		if argument == "key" {
			return rapid.SampledFrom([]string{"KR-2", "o-1", "P-3", "B-7", "KR-99", "B-2", "KR-1", "nonsense"}).Draw(t, "key"), true
		}
	}
	return nil, false
}

// order draws up to two keys of an order.
func (p *pool) order(t *rapid.T, input string) any {
	keys := []any{}
	for _, field := range rapid.Permutation(p.schema.Types[input+"Field"].EnumValues).Draw(t, "fields") {
		if len(keys) == 2 || rapid.Bool().Draw(t, "enough") {
			break
		}
		direction := rapid.SampledFrom([]gqlgentest.Enum{"ASC", "DESC"}).Draw(t, "direction")
		keys = append(keys, map[string]any{"field": gqlgentest.Enum(field.Name), "direction": direction})
	}
	return keys
}

// id draws an id of a kind, or now and then another's, an unknown one or nonsense.
func (p *pool) id(t *rapid.T, prefix string) string {
	if prefix == "" || rapid.IntRange(0, 9).Draw(t, "stray id") == 9 {
		prefix = rapid.SampledFrom(slices.Sorted(maps.Keys(p.ids))).Draw(t, "prefix")
	}
	switch rapid.IntRange(0, 19).Draw(t, "no id") {
	case 18:
		return prefix + "_00000000000000000000000000"
	case 19:
		return prefix + "_x"
	default:
		return rapid.SampledFrom(p.ids[prefix]).Draw(t, "id")
	}
}

// prefix is what the ids of an argument start with; empty when any will do.
func (p *pool) prefix(place string) string {
	parts := strings.Split(place, ".")
	noun := strings.TrimSuffix(parts[0], "IDComparator")
	if parts[0] == "Query" {
		noun = strings.ToUpper(parts[1][:1]) + parts[1][1:]
	}
	switch parts[len(parts)-1] {
	case "cycleId":
		noun = "Cycle"
	case "painPointId":
		noun = "PainPoint"
	case "itemId":
		noun = "BacklogItem"
	case "issueId":
		noun = "Issue"
	}
	return map[string]string{
		"User": needle.UserPrefix, "Team": needle.TeamPrefix, "Cycle": needle.CyclePrefix, "PainPoint": needle.PainPointPrefix,
		"Objective": needle.ObjectivePrefix, "KeyResult": needle.KeyResultPrefix, "BacklogItem": needle.BacklogItemPrefix,
		"Issue": needle.IssuePrefix, "Contribution": needle.ContributionPrefix, "Connection": needle.ConnectionPrefix,
		"Source": needle.SourcePrefix, "LinkRule": needle.LinkRulePrefix,
		"Vote": needle.VotePrefix, "Idea": needle.IdeaPrefix,
	}[noun]
}

func anys[T any](values []T) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
