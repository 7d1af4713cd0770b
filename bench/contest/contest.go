// Package contest wires the ways of answering that are compared. Each is a whole HTTP server on one database.
package contest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/needle-okr/needle/bench/dataset"
	"github.com/needle-okr/needle/bench/limit"
	"github.com/needle-okr/needle/graph"
	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/server"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

// The contestants written in Go.
const (
	// Reader is what the product runs.
	Reader = "reader"
	// GQLGen is gqlgen's own executor over the same batch resolvers.
	GQLGen = "gqlgen"
	// Limit is flat statements and JSON written by hand for exactly these queries, without GraphQL.
	Limit = "limit"
)

// Schema returns the executable schema of a contestant; Limit has none.
func Schema(name string, s *store.Store) (graphql.ExecutableSchema, error) {
	registry, err := integrations.NewRegistry()
	if err != nil {
		return nil, err
	}
	engine, err := syncing.New(syncing.Config{Store: s, Registry: registry})
	if err != nil {
		return nil, err
	}
	resolver := &graph.Resolver{Store: s, Planner: planning.New(s).WithSearch(engine.Searches), Syncing: engine, Now: time.Now}
	switch name {
	case Reader:
		return graph.NewExecutor(resolver), nil
	case GQLGen:
		return generated.NewExecutableSchema(generated.Config{
			Resolvers: resolver, Directives: generated.DirectiveRoot{Can: graph.Can},
		}), nil
	default:
		return nil, fmt.Errorf("there is no schema %q", name)
	}
}

// Handler returns a contestant as the product would serve it: with authentication, permissions and its log.
func Handler(name string, s *store.Store, f dataset.Facts) (http.Handler, error) {
	if name == Limit {
		return limit.New(s.DB().DB, f.Workspace), nil
	}
	schema, err := Schema(name, s)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return server.New(server.Config{Schema: schema, Store: s, Log: log, Grace: time.Second}), nil
}

// Token gives the owner of the workspace a credential and returns what a caller presents.
func Token(ctx context.Context, s *store.Store, f dataset.Facts) (string, error) {
	secret, err := needle.NewTokenSecret(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}
	scope := s.In(f.Workspace)
	token := &needle.APIToken{
		Stamp: scope.Stamp(), ID: needle.NewAPITokenID(), UserID: f.Owner, Name: "bench", Scopes: needle.AllScopes(),
		ExpiresAt: scope.Now().Add(needle.TokenLife),
	}
	token.Hash = secret.Hash()
	if err := scope.InsertAPIToken(ctx, token); err != nil {
		return "", errors.Join(errors.New("storing a token"), err)
	}
	return needle.FormatToken(token.ID, secret), nil
}
