package gqlread_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/world"
)

func TestReader_recoversFromPanics(t *testing.T) {
	t.Parallel()
	r := resolver(small())
	r.Panics = true
	e := reader(r, gqlread.Config{})
	var recovered atomic.Int32
	e.SetRecoverFunc(func(context.Context, any) error {
		recovered.Add(1)
		return errors.New("masked")
	})
	got := e.one(t.Context(), `{ goals(first: 3) { nodes { rank broken } } }`, nil)
	want := []string{"goals.nodes[0].broken: masked", "goals.nodes[1].broken: masked", "goals.nodes[2].broken: masked"}
	if diff := cmp.Diff(want, failures(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if recovered.Load() != 1 {
		t.Errorf("recovered %d times, want once for the call", recovered.Load())
	}
	if !strings.HasPrefix(string(got.Data), `{"goals":{"nodes":[{"rank":`) {
		t.Errorf("data: %s", got.Data)
	}
}

func TestReader_recoversFromPanicsOfMethodsForEachObject(t *testing.T) {
	t.Parallel()
	got := reader(resolver(small()), gqlread.Config{}).
		one(t.Context(), `{ goals(first: 3) { nodes { risky mustRisky(n: 7) riskyPeriod { days } } } }`, nil)
	want := []string{
		"goals.nodes[2].mustRisky: panic: a goal dared too much",
		"goals.nodes[2].risky: panic: a goal dared too much",
		"goals.nodes[2].riskyPeriod: panic: a goal dared too much",
	}
	if diff := cmp.Diff(want, failures(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestReader_presentsErrorsWithTheirPlace(t *testing.T) {
	t.Parallel()
	e := reader(resolver(small()), gqlread.Config{})
	var seen []string
	e.SetErrorPresenter(func(ctx context.Context, err error) *gqlerror.Error {
		fc := graphql.GetFieldContext(ctx)
		seen = append(seen, fmt.Sprintf("%s.%s at %s: %v", fc.Object, fc.Field.Name, graphql.GetPath(ctx), err))
		presented := gqlerror.WrapPath(graphql.GetPath(ctx), errors.New("masked"))
		presented.Extensions = map[string]any{"code": "INTERNAL"}
		return presented
	})
	got := e.one(t.Context(), `{ goals(first: 2) { nodes { why: broken } } }`, nil)
	want := []string{
		"Goal.broken at goals.nodes[0].why: input:1:29: goals.nodes[0].why no such node",
		"Goal.broken at goals.nodes[1].why: input:1:29: goals.nodes[1].why no such node",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("presented (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"goals.nodes[0].why: masked", "goals.nodes[1].why: masked"}, failures(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestReader_keepsExtensionsAndLists(t *testing.T) {
	t.Parallel()
	got := reader(resolver(small()), gqlread.Config{}).one(t.Context(), `{ maybeFail fail }`, nil)
	want := []string{"fail: no such node", "maybeFail: one", "maybeFail: two"}
	if diff := cmp.Diff(want, failures(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if code := got.Errors[1].Extensions["code"]; code != "TWO" {
		t.Errorf("code %v", code)
	}
	if string(got.Data) != "null" {
		t.Errorf("data %s, want null because fail is not nullable", got.Data)
	}
}

func TestReader_reportsArgumentErrorsAtEveryObject(t *testing.T) {
	t.Parallel()
	got := reader(resolver(small()), gqlread.Config{}).
		one(t.Context(), `{ goals(first: 2) { edges { node { list: tasks(filter: {text: "far too long"}) { totalCount } } } } }`, nil)
	want := []string{
		"goals.edges[0].node.list.filter.text: longer than 4",
		"goals.edges[1].node.list.filter.text: longer than 4",
	}
	if diff := cmp.Diff(want, failures(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestReader_reportsNoMoreErrorsThanAllowed(t *testing.T) {
	t.Parallel()
	s := world.Settings{Seed: 1, Goals: 300, Tasks: 1, People: 1, Teams: 1, Nulls: 1}
	for _, query := range []string{
		`{ goals(first: 300) { nodes { broken } } }`,
		`{ goals(first: 300) { nodes { maybeTasks { totalCount } mustWindow { days } } } }`,
	} {
		for limit, want := range map[int]int{0: 100, 7: 7, 1000: 300} {
			got := reader(resolver(s), gqlread.Config{MaxErrors: limit}).one(t.Context(), query, nil)
			if len(got.Errors) != want {
				t.Errorf("%d errors with a limit of %d, want %d", len(got.Errors), limit, want)
			}
		}
	}
}

func TestReader_runsDirectivesOncePerLevel(t *testing.T) {
	t.Parallel()
	r := resolver(small())
	var asked []string
	config := r.Config()
	config.Directives.Can = func(
		ctx context.Context, obj any, next graphql.Resolver, scope string, level *int,
	) (any, error) {
		asked = append(asked, fmt.Sprintf("%s %d %v", scope, *level, obj))
		if scope == "nobody" {
			return nil, gqlerror.Errorf("forbidden")
		}
		return next(ctx)
	}
	got := newEngine(newReader(config)).
		one(t.Context(), `{ viewer { name } goals(first: 2) { nodes { secret hidden refused { title } } } }`, nil)
	if diff := cmp.Diff([]string{"viewer 1 <nil>", "secret 1 <nil>", "hidden 3 <nil>", "nobody 1 <nil>"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	want := []string{"goals.nodes[0].refused: forbidden", "goals.nodes[1].refused: forbidden"}
	if diff := cmp.Diff(want, failures(got.Errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestReader_stopsWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var made []string
	e := reader(resolver(small()), gqlread.Config{
		Observe: func(ctx context.Context, call gqlread.Call) (context.Context, func(error)) {
			made = append(made, call.Field)
			if call.Field == "lead" {
				cancel()
			}
			return ctx, nil
		},
	})
	got := e.one(ctx, `{ goals { nodes { lead { team { name } } } } people { name } }`, nil)
	if diff := cmp.Diff([]string{"goals", "lead"}, made); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if string(got.Data) != "null" || len(got.Errors) != 1 || !errors.Is(got.Errors[0], context.Canceled) {
		t.Errorf("data %s, errors %v", got.Data, got.Errors)
	}
}

func TestReader_refusesNumbersThatAreNoNumbers(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{
		"where null is allowed":   `{ goal(n: 0) { ratio rank } }`,
		"where null is forbidden": `{ goal(n: 0) { weight } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := resolver(small())
			nan := math.NaN()
			r.World.Goals[0].Ratio, r.World.Goals[0].Weight, r.World.Goals[0].Rank = &nan, math.Inf(-1), 4
			got := reader(r, gqlread.Config{}).one(t.Context(), query, nil)
			want := map[string]string{"where null is allowed": `{"goal":{"ratio":null,"rank":4}}`, "where null is forbidden": `{"goal":null}`}[name]
			if string(got.Data) != want || len(got.Errors) != 1 {
				t.Errorf("data %s, want %s; errors %v", got.Data, want, got.Errors)
			}
		})
	}
}
