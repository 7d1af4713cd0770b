// Package bench measures how the API reads, and guards what it costs.
//
// The benchmarks need minutes to load the standard data at their first run and keep it; the guards run on a small
// database of their own with every test run. They count allocations and statements, which do not depend on how busy the
// machine is. Whole servers are compared by the command compare.
package bench

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/uptrace/bun"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/needle-okr/needle/bench/contest"
	"github.com/needle-okr/needle/bench/database"
	"github.com/needle-okr/needle/bench/dataset"
	"github.com/needle-okr/needle/bench/queries"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// api executes operations of the owner of a loaded workspace.
type api struct {
	*executor.Executor
	viewer needle.Viewer
}

func newAPI(tb testing.TB, contestant string, s *store.Store, f dataset.Facts) api {
	tb.Helper()
	schema, err := contest.Schema(contestant, s)
	if err != nil {
		tb.Fatal(err)
	}
	e := executor.New(schema)
	e.SetQueryCache(lru.New[*ast.QueryDocument](10))
	return api{Executor: e, viewer: needle.Viewer{
		WorkspaceID: f.Workspace, UserID: f.Owner, Role: needle.RoleOwner, Scopes: needle.AllScopes(),
	}}
}

// ask executes request i of a query and returns the data.
func (a api) ask(tb testing.TB, q queries.Query, i int) []byte {
	tb.Helper()
	ctx := graphql.StartOperationTrace(needle.WithViewer(tb.Context(), a.viewer))
	oc, errs := a.CreateOperationContext(ctx, &graphql.RawParams{Query: q.Document, Variables: q.Variables[i%len(q.Variables)]})
	if errs != nil {
		tb.Fatal(errs)
	}
	next, ctx := a.DispatchOperation(ctx, oc)
	response := next(ctx)
	if len(response.Errors) > 0 {
		tb.Fatal(response.Errors)
	}
	return response.Data
}

func load(tb testing.TB, name string, f dataset.Facts) queries.Query {
	tb.Helper()
	q, err := queries.Load(name, f)
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

func facts(tb testing.TB, db *bun.DB) dataset.Facts {
	tb.Helper()
	f, err := dataset.Read(tb.Context(), db.DB)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// standard opens the standard data, loaded if need be.
func standard(b *testing.B) (*store.Store, dataset.Facts) {
	b.Helper()
	pg, err := database.Start(b.Context(), dataset.Standard(1), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := pg.Stop(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
	})
	s, err := store.Open(store.Config{URL: pg.URL})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s, facts(b, s.DB())
}

// BenchmarkRead executes the measured queries without HTTP, by gqlgen's executor and by the reader.
func BenchmarkRead(b *testing.B) {
	s, f := standard(b)
	for _, contestant := range []string{contest.GQLGen, contest.Reader} {
		a := newAPI(b, contestant, s, f)
		for _, name := range queries.Names() {
			q := load(b, name, f)
			b.Run(contestant+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					b.SetBytes(int64(len(a.ask(b, q, i))))
				}
			})
		}
	}
}

// BenchmarkRows reads the same 1,000 items in several ways: as the store does, by bun's own scanning, and by a prepared
// statement scanned by hand, of all columns and of those that a list usually shows.
func BenchmarkRows(b *testing.B) {
	s, f := standard(b)
	ids := someItems(b, s.DB().DB, 1000)
	hand, err := newHandScan(b.Context(), s.DB(), f.Workspace)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(hand.close)
	ways := []struct {
		name string
		read func(context.Context) (int, error)
	}{
		{"store", func(ctx context.Context) (int, error) {
			items, err := s.In(f.Workspace).BacklogItemsByID(ctx, ids)
			return len(items), err
		}},
		{"bun", func(ctx context.Context) (int, error) { return bunScan(ctx, s.DB(), f.Workspace, ids) }},
		{"hand", func(ctx context.Context) (int, error) { return hand.whole(ctx, ids) }},
		{"hand, shown columns", func(ctx context.Context) (int, error) { return hand.shown(ctx, ids) }},
	}
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n, err := way.read(b.Context()); err != nil || n != len(ids) {
					b.Fatalf("read %d of %d items: %v", n, len(ids), err)
				}
			}
		})
	}
}

// budget is what a query may cost on the small data.
type budget struct {
	statements int
	// allocations is a tenth more than it took when this was written; above, something has become more expensive.
	allocations float64
}

var budgets = map[string]budget{
	"q1": {statements: 3, allocations: 5_900},
	"q2": {statements: 5, allocations: 46_000},
	"q3": {statements: 5, allocations: 7_700},
	"q4": {statements: 1, allocations: 195},
	"q5": {statements: 8, allocations: 97_000},
}

// TestReader_keepsItsBudget guards what reads cost: exactly so many statements, whatever the fan-out, and no more
// allocations than before.
func TestReader_keepsItsBudget(t *testing.T) { //nolint:paralleltest // others' allocations would be counted too
	db := storetest.New(t)
	if err := dataset.Load(t.Context(), db.DB, dataset.Small(), false); err != nil {
		t.Fatal(err)
	}
	f := facts(t, db)
	a := newAPI(t, contest.Reader, store.New(db, store.Config{}), f)
	statements := storetest.CountStatements(t, db)
	for _, name := range queries.Names() { //nolint:paralleltest // see above
		t.Run(name, func(t *testing.T) {
			q, allowed := load(t, name, f), budgets[name]
			a.ask(t, q, 0) // fills the caches
			if got := statements.Since(func() { a.ask(t, q, 0) }); got != allowed.statements {
				t.Errorf("%d statements, want %d", got, allowed.statements)
			}
			got := testing.AllocsPerRun(10, func() { a.ask(t, q, 0) })
			t.Logf("%.0f allocations", got)
			if got > allowed.allocations || got < allowed.allocations/2 {
				t.Errorf("%.0f allocations, want no more than %.0f and not less than half of it (then lower the budget)", got, allowed.allocations)
			}
		})
	}
}

// TestContestants_agree makes sure that what is compared is the same: the reader, gqlgen's executor and the limit give
// equal answers.
func TestContestants_agree(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	if err := dataset.Load(t.Context(), db.DB, dataset.Small(), true); err != nil {
		t.Fatal(err)
	}
	f := facts(t, db)
	s := store.New(db, store.Config{})
	reader, gqlgen := newAPI(t, contest.Reader, s, f), newAPI(t, contest.GQLGen, s, f)
	for _, name := range queries.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := load(t, name, f)
			for i := range min(len(q.Variables), 8) {
				want := string(gqlgen.ask(t, q, i))
				if got := string(reader.ask(t, q, i)); got != want {
					t.Fatalf("request %d: the reader answers\n%.2000s\nand gqlgen\n%.2000s", i, got, want)
				}
				if name == "q5" {
					continue // the limit has no answer to it
				}
				if got := limitAnswer(t, db.DB, f, q, i); got != fmt.Sprintf(`{"data":%s}`, want) {
					t.Fatalf("request %d: the limit answers\n%.2000s\nand gqlgen\n%.2000s", i, got, want)
				}
			}
		})
	}
}
