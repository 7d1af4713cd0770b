package gqlread_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/world"
)

// calls executes a query and returns the calls it took.
func calls(t *testing.T, s world.Settings, query string, variables map[string]any) []gqlread.Call {
	t.Helper()
	var made []gqlread.Call
	e := reader(resolver(s), gqlread.Config{
		Observe: func(ctx context.Context, call gqlread.Call) (context.Context, func(error)) {
			made = append(made, call)
			return ctx, nil
		},
	})
	e.answer(t, query, variables)
	return made
}

func TestReader_callsEachRelationOncePerLevel(t *testing.T) {
	t.Parallel()
	const query = `query($n: Int!) { goals(first: $n) { totalCount edges { node {
		id lead { team { members { id } } }
		tasks(first: 20) { totalCount edges { node { goal { lead { name } } } } nodes { assignees { name } } }
		grid { goal { title } }
		periods { goals { score } }
	} } } }`
	fields := func(made []gqlread.Call) []string {
		names := make([]string, len(made))
		for i, c := range made {
			names[i] = c.Object + "." + c.Field
		}
		return names
	}
	want := []string{
		"Query.goals",
		"GoalConnection.totalCount",
		// The level of the page's goals.
		"Goal.lead", "Goal.tasks", "Goal.grid",
		// One level further down, in the order of the fields above.
		"Person.team", "TaskConnection.totalCount", "Task.goal", "Period.goals",
		"Team.members", "Task.assignees", "Goal.score",
		// Below edges, which are a level themselves.
		"Task.goal", "Goal.lead",
	}
	for _, n := range []int{10, 50} {
		s := world.Settings{Seed: 3, Goals: 50, Tasks: 200, People: 20, Teams: 5}
		if diff := cmp.Diff(want, fields(calls(t, s, query, map[string]any{"n": n}))); diff != "" {
			t.Errorf("calls for %d goals (-want +got):\n%s", n, diff)
		}
	}
}

func TestReader_callsForAllObjectsOfALevel(t *testing.T) {
	t.Parallel()
	s := world.Settings{Seed: 3, Goals: 30, Tasks: 40, People: 5, Teams: 2}
	got := calls(t, s, `{ goals(first: 30) { edges { node { lead { boss { team { name } } } } } } }`, nil)
	want := []gqlread.Call{
		{Object: "Query", Field: "goals", Parents: 1},
		{Object: "Goal", Field: "lead", Parents: 30},
		{Object: "Person", Field: "boss", Parents: 30},
		{Object: "Person", Field: "team", Parents: 30},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestReader_groupsAbstractTypesByConcreteType(t *testing.T) {
	t.Parallel()
	query := `{ nodes(ids: ["goal-0", "task-0", "goal-1", "x", "person-1", "task-1", "goal-2"]) {
		id ... on Goal { lead { name } } ... on Task { goal { title } } ... on Titled { parent { title } } } }`
	got := calls(t, small(), query, nil)
	want := []gqlread.Call{
		{Object: "Query", Field: "nodes", Parents: 1},
		{Object: "Task", Field: "goal", Parents: 2},
		{Object: "Task", Field: "parent", Parents: 2},
		{Object: "Goal", Field: "lead", Parents: 3},
		{Object: "Goal", Field: "parent", Parents: 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestReader_doesNotCallWhereThereAreNoObjects(t *testing.T) {
	t.Parallel()
	got := calls(t, small(), `{ nodes(ids: ["x"]) { ... on Goal { lead { name } } } goal(n: 99) { lead { name } } }`, nil)
	want := []gqlread.Call{{Object: "Query", Field: "nodes", Parents: 1}, {Object: "Query", Field: "goal", Parents: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestReader_observesTheOutcome(t *testing.T) {
	t.Parallel()
	type key struct{}
	outcomes := map[string]string{}
	r := resolver(small())
	r.Panics = true
	e := reader(r, gqlread.Config{
		Observe: func(ctx context.Context, call gqlread.Call) (context.Context, func(error)) {
			return context.WithValue(ctx, key{}, call.Field), func(err error) {
				outcomes[call.Field] = ""
				if err != nil {
					outcomes[call.Field] = err.Error()
				}
			}
		},
	})
	e.one(t.Context(), `{ maybeFail goal(n: 1) { broken title score } }`, nil)
	want := map[string]string{
		"maybeFail": "input: one\ninput: two\n", "goal": "", "broken": "panic: broken goal", "score": "",
	}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}
