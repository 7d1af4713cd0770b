package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	gql "github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/gqlread/gqlgentest"
	"github.com/needle-okr/needle/internal/needle"
)

// voters are people of every role. Those who voted in hidden votes that are open are adam, mia and vic.
var voters = []string{"olive", "adam", "mia", "vic"}

// ballotBox is a world with hidden votes that are open, and every way of the API to read in it.
type ballotBox struct {
	e *engine
	w *world
	// roads are queries that read all that there is: every list of the root, and every object by its id.
	roads []string
}

func newBallotBox(t *testing.T) *ballotBox {
	t.Helper()
	e := newEngine(t)
	b := &ballotBox{e: e, w: e.newWorld(t)}
	known := &crowd{arguments: needed(b.w.ids["cyc:2026 Q1"])}
	known.arguments["Workspace.lineOfSight"] = fmt.Sprintf("from: { itemId: %q }", b.w.ids["item:batch"])
	for _, c := range connections(e.schema) {
		if c.parent == e.schema.Query {
			b.roads = append(b.roads, fmt.Sprintf("{ %s(first: 100) { totalCount edges { cursor node { %s } } } }",
				c.field.Name, everything(t, e.schema, c.node(e.schema), known)))
		}
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Values(b.w.ids)), needle.MaxPage) {
		list, err := json.Marshal(ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, def := range declared(e.schema) {
			if def.Kind == gql.Object && slices.Contains(def.Interfaces, "Node") {
				b.roads = append(b.roads, fmt.Sprintf("{ nodes(ids: %s) { ... on %s { %s } } }", list, def.Name, everything(t, e.schema, def, known)))
			}
		}
	}
	// The trail tells of these, too.
	for _, person := range []string{"adam", "mia"} {
		for _, value := range []int{5, 1} {
			b.tell(t, person, fmt.Sprintf(`mutation { castBallot(input: { voteId: %q, value: %d, reason: %q }) { vote { version } userErrors { message } } }`,
				b.w.ids["vote:receipts"], value, secretOf(person)))
		}
	}
	return b
}

// tell executes an operation as a person and returns the whole answer as text.
func (b *ballotBox) tell(t testing.TB, person, query string) string {
	t.Helper()
	response, err := do(b.w.as(t, person), b.e.read, request{Query: query})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// betrays lists what an answer to a person tells of the ballots of others in hidden votes that are open.
func (b *ballotBox) betrays(person, answer string) []string {
	var out []string
	for _, other := range voters {
		if other == person {
			continue
		}
		for _, sign := range []string{secretOf(other), b.w.ids["ballot:receipts-"+other], b.w.ids["ballot:mail-"+other]} {
			if sign != "" && strings.Contains(answer, sign) {
				out = append(out, sign)
			}
		}
	}
	return out
}

func TestHiddenBallots_showOnNoRoad(t *testing.T) {
	t.Parallel()
	b := newBallotBox(t)
	for _, person := range voters {
		for _, road := range b.roads {
			if found := b.betrays(person, b.tell(t, person, road)); found != nil {
				t.Errorf("%s reads %v by %s", person, found, road)
			}
		}
	}
	// Once the vote is closed everybody reads them: these roads do lead there.
	b.tell(t, "mia", fmt.Sprintf(`mutation { closeVote(input: { id: %q }) { vote { state } } }`, b.w.ids["vote:receipts"]))
	for _, person := range voters {
		var seen []string
		for _, road := range b.roads {
			seen = append(seen, b.betrays(person, b.tell(t, person, road))...)
		}
		for _, other := range []string{"adam", "mia"} {
			if other != person && (!slices.Contains(seen, secretOf(other)) || !slices.Contains(seen, b.w.ids["ballot:receipts-"+other])) {
				t.Errorf("%s does not read %s's ballot of the closed vote", person, other)
			}
		}
	}
}

func TestHiddenBallots_showInNoQueryThatAnybodyCanThinkOf(t *testing.T) {
	t.Parallel()
	b := newBallotBox(t)
	p := &pool{w: b.w, schema: b.e.schema}
	p.gather(t, b.e)
	contexts := map[string]context.Context{}
	for _, person := range voters {
		contexts[person] = b.w.as(t, person)
	}
	operations := gqlgentest.Operations(b.e.schema, gqlgentest.Options{Value: p.value, Depth: 8, Fields: 80})
	rapid.Check(t, func(rt *rapid.T) {
		person := rapid.SampledFrom(voters).Draw(rt, "asker")
		op := operations.Draw(rt, "operation")
		response, err := do(contexts[person], b.e.read, request{Query: op.Query, Variables: op.Variables})
		if err != nil {
			rt.Fatal(err)
		}
		if found := b.betrays(person, string(response.Data)+response.Errors.Error()); found != nil {
			rt.Fatalf("%s reads %v by %s", person, found, op.Query)
		}
	})
}

// Numbers carry no mark that a text could be searched for, so each that could tell how others voted is looked at.
func TestHiddenBallots_cannotBeCountedOrdered(t *testing.T) {
	t.Parallel()
	b := newBallotBox(t)
	for _, person := range []string{"olive", "vic"} {
		ask := func(field string) map[string]any {
			t.Helper()
			return at[map[string]any](t, b.e.ask(b.w.as(t, person), t, fmt.Sprintf("{ vote(id: %q) { %s } }", b.w.ids["vote:receipts"], field), nil), "vote")
		}
		none := map[string]any{"totalCount": json.Number("0"), "edges": []any{}, "pageInfo": map[string]any{
			"hasNextPage": false, "hasPreviousPage": false, "startCursor": nil, "endCursor": nil,
		}}
		for _, arguments := range []string{
			"", "(filter: { value: { gte: 1 } })", "(filter: { or: [{ value: { lte: 2 } }, { not: { value: { lte: 2 } } }] })",
			"(filter: { not: { and: [{ value: { gt: 9 } }] } })", "(filter: { function: { eq: LEADER } })",
			fmt.Sprintf("(filter: { userId: { in: [%q, %q] } })", b.w.ids["usr:adam"], b.w.ids["usr:mia"]),
			`(filter: { createdAt: { gte: "-P9Y" } })`, "(first: 1, orderBy: [{ field: VALUE, direction: DESC }])", "(last: 1)",
		} {
			got := ask("ballots" + arguments + " { totalCount edges { node { value } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }")
			if diff := cmp.Diff(any(none), got["ballots"]); diff != "" {
				t.Errorf("%s counts ballots%s:\n%s", person, arguments, diff)
			}
		}
		got := ask("spread { mean } myBallot { value } turnout version createdAt updatedAt")
		want := map[string]any{
			"spread": nil, "myBallot": nil, "turnout": json.Number("2"), "version": json.Number("1"),
			"createdAt": "2026-02-26T09:00:00Z", "updatedAt": "2026-02-26T09:00:00Z",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s reads another vote:\n%s", person, diff)
		}
	}
	trail := b.e.ask(b.w.as(t, "olive"), t, fmt.Sprintf(`{ activities(filter: { subjectId: { eq: %q } }) { nodes { verb before after } } }`, b.w.ids["vote:receipts"]), nil)
	told := at[[]any](t, trail, "activities", "nodes")
	if len(told) != 4 {
		t.Errorf("the trail tells %d things, want 4", len(told))
	}
	for _, a := range told {
		if diff := cmp.Diff(map[string]any{"verb": "VOTED", "before": nil, "after": nil}, a); diff != "" {
			t.Errorf("the trail tells how somebody voted:\n%s", diff)
		}
	}
}

func TestHiddenBallots_showInNoAnswerToAChange(t *testing.T) {
	t.Parallel()
	b := newBallotBox(t)
	const all = "vote { turnout spread { mean } myBallot { reason } ballots { totalCount nodes { id reason } } } userErrors { code message field }"
	for _, person := range voters {
		for _, change := range []string{
			`openVote(input: { subjectId: "«obj:receipts»" })`, `closeVote(input: { id: "«vote:receipts»", expectedVersion: 7 })`,
			`castBallot(input: { voteId: "«vote:receipts»", value: 9 })`, `castBallot(input: { voteId: "«vote:receipts»", value: 3 })`,
			`withdrawBallot(input: { voteId: "«vote:receipts»" })`, `withdrawBallot(input: { voteId: "«vote:receipts»" })`,
		} {
			sent := "mutation { " + (&golden{w: b.w}).fill(change) + " { " + all + " } }"
			if found := b.betrays(person, b.tell(t, person, sent)); found != nil {
				t.Errorf("%s reads %v by %s", person, found, sent)
			}
		}
	}
}
