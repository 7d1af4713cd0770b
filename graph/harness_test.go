package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/uptrace/bun"
	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/file"
	"github.com/needle-okr/needle/internal/gqlread"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

// engine is the whole graph on a database of its own, read in both ways: as in production, and by gqlgen's executor,
// which asks for every object by itself.
type engine struct {
	db     *bun.DB
	schema *gql.Schema
	// read is the reader that production uses.
	read *executor.Executor
	// slow is the obvious reader that the other is held against.
	slow *executor.Executor
}

// newEngine returns an engine on a fresh database.
func newEngine(t testing.TB) *engine {
	t.Helper()
	return engineOn(t, storetest.New(t))
}

func engineOn(t testing.TB, db *bun.DB) *engine {
	t.Helper()
	keys := store.KeyRing{Current: "test", Keys: map[string][]byte{"test": []byte("0123456789abcdef0123456789abcdef")}}
	s := store.New(db, store.Config{CursorKey: []byte("cursors of a test"), Keys: keys, Now: storetest.Now})
	registry, err := integrations.NewRegistry(paperTracker(), file.Driver())
	if err != nil {
		t.Fatal(err)
	}
	syncEngine, err := syncing.New(syncing.Config{
		Store: s, Registry: registry, Transport: noNetwork{}, Now: storetest.Now, Random: func() float64 { return 0.5 },
	})
	if err != nil {
		t.Fatal(err)
	}
	config := generated.Config{
		Resolvers: &Resolver{
			Store: s, Planner: planning.New(s).WithSearch(syncEngine.Searches), Syncing: syncEngine, Now: storetest.Now,
		},
		Directives: generated.DirectiveRoot{Can: Can},
	}
	e := &engine{db: db}
	read := generated.NewReader(config, gqlread.Config{MaxErrors: 1 << 20})
	e.schema = read.Schema()
	e.read, e.slow = newExecutor(read), newExecutor(generated.NewExecutableSchema(config))
	return e
}

func newExecutor(es graphql.ExecutableSchema) *executor.Executor {
	x := executor.New(es)
	x.Use(extension.Introspection{})
	x.SetErrorPresenter(ErrorPresenter(slog.New(slog.DiscardHandler)))
	x.SetRecoverFunc(func(_ context.Context, cause any) error { return fmt.Errorf("panic: %v", cause) })
	return x
}

// request is one call of the API.
type request struct {
	Query     string         `json:"query"`
	Operation string         `json:"operationName,omitempty"`
	Variables map[string]any `json:"variables,omitempty"`
}

// do executes a request as the transport does: variables come from JSON text, whose numbers stay as they are written.
func do(ctx context.Context, x *executor.Executor, r request) (*graphql.Response, error) {
	variables, err := decode[map[string]any](r.Variables)
	if err != nil {
		return nil, err
	}
	ctx = graphql.StartOperationTrace(ctx)
	oc, errs := x.CreateOperationContext(ctx, &graphql.RawParams{Query: r.Query, OperationName: r.Operation, Variables: variables})
	if errs != nil {
		return x.DispatchError(graphql.WithOperationContext(ctx, oc), errs), nil
	}
	next, ctx := x.DispatchOperation(ctx, oc)
	response := next(ctx)
	response.Data = slices.Clone(response.Data)
	return response, nil
}

// decode sends a value through JSON.
func decode[T any](value any) (T, error) {
	var out T
	text, err := json.Marshal(value)
	if err != nil {
		return out, fmt.Errorf("writing JSON: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		return out, fmt.Errorf("reading JSON: %w", err)
	}
	return out, nil
}

// ask executes a query by the production reader and returns its data; it may not fail.
func (e *engine) ask(ctx context.Context, t testing.TB, query string, variables map[string]any) map[string]any {
	t.Helper()
	response, err := do(ctx, e.read, request{Query: query, Variables: variables})
	if err != nil {
		t.Fatal(err)
	}
	if len(response.Errors) > 0 {
		t.Fatalf("%v\nin %s\nwith %v", response.Errors, query, variables)
	}
	data, err := decode[map[string]any](response.Data)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// at digs into an answer; steps are names and list places.
func at[T any](t testing.TB, from any, steps ...any) T {
	t.Helper()
	value, ok := dig(from, steps...).(T)
	if !ok {
		t.Fatalf("%v is %T in %v", steps, dig(from, steps...), from)
	}
	return value
}

// dig is at for what may be absent; it is nil then.
func dig(from any, steps ...any) any {
	for _, step := range steps {
		switch step := step.(type) {
		case string:
			object, _ := from.(map[string]any)
			from = object[step]
		case int:
			list, _ := from.([]any)
			if step >= len(list) {
				return nil
			}
			from = list[step]
		}
	}
	return from
}

// noNetwork is the way to trackers: none of these tests may take it.
type noNetwork struct{}

// RoundTrip implements http.RoundTripper.
func (noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("%s %s: %w", r.Method, r.URL, io.ErrClosedPipe)
}

// paper is a tracker that can be asked who its key belongs to and which folders there are, and nothing else.
type paper struct{ integrations.Tracker }

// ParseWebhook implements integrations.WebhookParser.
func (paper) ParseWebhook(integrations.Delivery, []byte) ([]integrations.Hint, error) {
	return nil, integrations.ErrSignature
}

// NameDelivery implements integrations.WebhookParser.
func (paper) NameDelivery(integrations.Delivery) (id, event string) { return "", "" }

// Check implements integrations.Tracker.
func (paper) Check(context.Context) (integrations.Account, error) {
	return integrations.Account{ID: "1", Name: "Paula Paper", URL: "https://tracker.example/paula"}, nil
}

// Sources implements integrations.Tracker.
func (paper) Sources(_ context.Context, after integrations.Cursor) ([]integrations.Source, integrations.Cursor, error) {
	if after == "" {
		return []integrations.Source{{ID: "1", Key: "shop/refunds", Name: "Refunds"}}, "second shelf", nil
	}
	return []integrations.Source{{ID: "2", Key: "shop/receipts", Name: "Receipts", URL: "https://tracker.example/receipts", Private: true, Archived: true}}, "", nil
}

// paperTracker describes a kind of tracker with every sort of setting.
func paperTracker() integrations.Driver {
	return integrations.Driver{
		Kind: "paper", Name: "Paper", Prototype: paper{},
		Fields: []integrations.Field{
			{Name: "shelf", Label: "Shelf", Help: "Where the folders stand.", Required: true},
			{Name: "colour", Label: "Colour", Help: "Of the folders.", Default: "grey"},
			{Name: "token", Label: "Key", Help: "Opens the cupboard.", Secret: true},
		},
		Open: func(context.Context, integrations.Settings, integrations.Env) (integrations.Tracker, error) {
			return paper{}, nil
		},
	}
}

// viewerContext returns a context in which a viewer asks.
func viewerContext(t testing.TB, v needle.Viewer) context.Context {
	t.Helper()
	v.RequestID = "request-1"
	return needle.WithViewer(t.Context(), v)
}

// tables lists the tables that have rows of workspaces, each with the column that says whose.
func (e *engine) tables(ctx context.Context, t testing.TB) map[string]string {
	t.Helper()
	return e.pairs(ctx, t, `
		SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name = CASE table_name WHEN 'workspaces' THEN 'id' ELSE 'workspace_id' END`)
}

// fingerprint tells every row of a world by one text per table; equal fingerprints mean that nothing was written.
func (e *engine) fingerprint(ctx context.Context, t testing.TB, w *world) map[string]string {
	t.Helper()
	whose := e.tables(ctx, t)
	parts := make([]string, 0, len(whose))
	for _, table := range slices.Sorted(maps.Keys(whose)) {
		parts = append(parts, fmt.Sprintf(`SELECT '%s', count(*) || ' ' || md5(coalesce(string_agg(t::text, '' ORDER BY t::text), ''))
			FROM %s AS t WHERE %s = $1`, table, table, whose[table]))
	}
	return e.pairs(ctx, t, strings.Join(parts, " UNION ALL "), w.Workspace.ID.Raw())
}

// pairs reads two columns of text.
func (e *engine) pairs(ctx context.Context, t testing.TB, query string, args ...any) map[string]string {
	t.Helper()
	rows, err := e.db.DB.QueryContext(ctx, query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // Its error repeats what Err says.
	out := map[string]string{}
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			t.Fatal(err)
		}
		out[key] = value
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
