// Package server puts Needle on HTTP: the GraphQL API behind bearer tokens, health, and the schema as text.
//
//	POST /graphql         the API; a bearer token decides workspace and rights. Subscriptions are answered as a stream of
//	                      server-sent events, and so is everything for callers who take nothing else
//	GET  /graphql         the same for callers who take a stream of events and nothing else, without mutations
//	PUT  /files/{connection}/{name}  a file for a connection that reads files
//	GET  /schema.graphql  the schema
//	POST /webhooks/{connection}  what trackers announce; their signature decides
//	GET  /livez           the process runs
//	GET  /readyz          it can serve: the database answers and no stop is under way
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/needle-okr/needle/graph"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

// Limits of one request and one connection.
const (
	maxBody          = 1 << 20
	maxHeader        = 16 << 10
	maxTokens        = 5_000
	queryCacheSize   = 1_000
	readDeadline     = 5 * time.Second
	operationTime    = 10 * time.Second
	writeDeadline    = operationTime + 5*time.Second
	idleTime         = 60 * time.Second
	readinessTimeout = 2 * time.Second
)

// Config says what the server serves.
type Config struct {
	// Schema executes operations.
	Schema graphql.ExecutableSchema
	// Store checks tokens and readiness.
	Store *store.Store
	// Syncing takes webhooks and files in.
	Syncing *syncing.Engine
	// Log receives one line per request and every internal error.
	Log *slog.Logger
	// Now is the clock that tokens expire by; nil means time.Now.
	Now func() time.Time
	// Introspection lets callers ask for the schema through the API.
	Introspection bool
	// Grace is how long requests in flight may take to finish at a stop.
	Grace time.Duration
}

// Server is the HTTP side of Needle.
type Server struct {
	config   Config
	handler  http.Handler
	auth     *authenticator
	stopping atomic.Bool
	// ending is closed at a stop, which ends all streams.
	ending chan struct{}
}

// New returns a Server.
func New(c Config) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Server{config: c, auth: newAuthenticator(c), ending: make(chan struct{})}
	mux := http.NewServeMux()
	mux.Handle("POST /graphql", s.auth.wrap(body(s.route())))
	mux.Handle("GET /graphql", s.auth.wrapStreams(asPost(body(s.route()))))
	mux.Handle("POST /webhooks/{connection}", deadline(http.HandlerFunc(s.webhook)))
	mux.Handle("PUT /files/{connection}/{name}", s.auth.wrap(newUploads(c)))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /schema.graphql", schemaText(c.Schema.Schema()))
	s.handler = s.observe(mux)
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Serve answers requests on the listener until ctx ends; then it says so on /readyz, takes no new connections and
// waits up to Grace for the requests in flight.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	srv := &http.Server{
		Handler: s, ReadHeaderTimeout: readDeadline, ReadTimeout: readDeadline, WriteTimeout: writeDeadline,
		IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serving HTTP: %w", err)
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	close(s.ending)
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Grace)
	defer cancel()
	err := srv.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("stopping HTTP: %w", err)
	}
	return nil
}

// graphql executes operations that come by a transport.
func (s *Server) graphql(by graphql.Transport) http.Handler {
	srv := handler.New(s.config.Schema)
	srv.AddTransport(by)
	srv.SetQueryCache(lru.New[*ast.QueryDocument](queryCacheSize))
	srv.SetParserTokenLimit(maxTokens)
	srv.SetErrorPresenter(graph.ErrorPresenter(s.config.Log))
	srv.SetRecoverFunc(func(_ context.Context, cause any) error { return fmt.Errorf("panic: %v\n%s", cause, debug.Stack()) })
	srv.AroundOperations(answerAlways)
	if s.config.Introspection {
		srv.Use(extension.Introspection{})
	}
	return srv
}

// answerAlways answers an operation whose time was over before it began; the library would answer nothing at all. A
// subscription may end without an answer.
func answerAlways(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	answer := next(ctx)
	answered := graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription
	return func(ctx context.Context) *graphql.Response {
		if response := answer(ctx); response != nil || answered {
			return response
		}
		answered = true
		return &graphql.Response{Errors: gqlerror.List{{
			Message: "this took longer than an operation may", Extensions: map[string]any{"code": needle.CodeTimeout},
		}}}
	}
}

// deadline bounds how long a request may take.
func deadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), operationTime)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() {
		say(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readinessTimeout)
	defer cancel()
	if err := s.config.Store.Ready(ctx); err != nil {
		s.config.Log.WarnContext(ctx, "not ready", "error", err)
		say(w, http.StatusServiceUnavailable, "not ready: "+store.Reason(err))
		return
	}
	say(w, http.StatusOK, "ready")
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // The caller went away; nobody is left to tell.
}
