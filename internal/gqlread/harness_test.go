package gqlread_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/generated"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/resolve"
	"github.com/needle-okr/needle/internal/gqlread/internal/toy/world"
)

// small is a world without nulls or faults.
func small() world.Settings {
	return world.Settings{Seed: 1, Goals: 8, Tasks: 12, People: 6, Teams: 3}
}

func resolver(s world.Settings) *resolve.Resolver { return &resolve.Resolver{World: world.New(s)} }

// engine executes operations by one executable schema.
type engine struct{ *executor.Executor }

func newEngine(es graphql.ExecutableSchema) engine {
	e := executor.New(es)
	e.Use(extension.Introspection{})
	e.SetRecoverFunc(func(_ context.Context, v any) error { return fmt.Errorf("panic: %v", v) })
	return engine{e}
}

// reader is the engine under test.
func reader(r *resolve.Resolver, config gqlread.Config) engine {
	return newEngine(generated.NewReader(r.Config(), config))
}

// reference is gqlgen's own.
func reference(r *resolve.Resolver) engine {
	return newEngine(generated.NewExecutableSchema(r.Config()))
}

// all executes an operation and returns its responses, one except for subscriptions.
func (e engine) all(ctx context.Context, query string, variables map[string]any) []*graphql.Response {
	ctx = graphql.StartOperationTrace(ctx)
	oc, errs := e.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
	if errs != nil {
		return []*graphql.Response{e.DispatchError(graphql.WithOperationContext(ctx, oc), errs)}
	}
	next, ctx := e.DispatchOperation(ctx, oc)
	var all []*graphql.Response
	for {
		response := next(ctx)
		if response == nil {
			return all
		}
		response.Data = slices.Clone(response.Data) // gqlgen reuses the buffer of a subscription
		all = append(all, response)
		if oc.Operation.Operation != ast.Subscription {
			return all
		}
	}
}

// one executes a query or mutation.
func (e engine) one(ctx context.Context, query string, variables map[string]any) *graphql.Response {
	return e.all(ctx, query, variables)[0]
}

// answer executes a query and returns its data, after making sure that there are no errors.
func (e engine) answer(t *testing.T, query string, variables map[string]any) string {
	t.Helper()
	r := e.one(t.Context(), query, variables)
	if len(r.Errors) > 0 {
		t.Fatalf("errors: %v", r.Errors)
	}
	return string(r.Data)
}

// failures says path and message of every error, sorted, because only the set of errors is fixed.
func failures(errs gqlerror.List) []string {
	said := make([]string, 0, len(errs))
	for _, e := range errs {
		said = append(said, e.Path.String()+": "+e.Message)
	}
	slices.Sort(said)
	return said
}

func newReader(config generated.Config) graphql.ExecutableSchema {
	return generated.NewReader(config, gqlread.Config{})
}
