package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/needle-okr/needle/internal/needle"
)

// Can implements the directive @can: the field is read only by viewers whose role and token both allow the scope.
func Can(ctx context.Context, _ any, next graphql.Resolver, scope needle.TokenScope) (any, error) {
	if _, err := needle.Admit(ctx, scope); err != nil {
		return nil, err
	}
	return next(ctx)
}
