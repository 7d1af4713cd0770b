package graph

import (
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/gqlread"
)

// NewExecutor returns the API as an executable schema: operations are read level by level, and no field that asks for a
// scope is read without it.
func NewExecutor(r *Resolver) graphql.ExecutableSchema {
	exact := *r
	exact.Now = func() time.Time { return r.Now().UTC().Truncate(time.Microsecond) } // As it is stored and as callers may ask.
	return generated.NewReader(
		generated.Config{Resolvers: &exact, Directives: generated.DirectiveRoot{Can: Can}}, gqlread.Config{},
	)
}
