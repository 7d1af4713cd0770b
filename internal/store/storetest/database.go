package storetest

import (
	"context"
	"database/sql"
	"testing"

	"github.com/lib/pq"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/store"
)

// poolSize is how many connections one test holds at most.
const poolSize = 8

// New returns an empty, migrated database that belongs to this test alone and goes away with it.
func New(t testing.TB) *bun.DB {
	t.Helper()
	return open(t, URL(t))
}

// URL is New for code that opens the database itself: it returns the address, in the form lib/pq and pgx take.
func URL(t testing.TB) string {
	t.Helper()
	return newDatabase(t, func(s *server) string { return ` TEMPLATE ` + pq.QuoteIdentifier(s.template) + s.clone })
}

// NewEmpty is New without the schema, for tests of the migrations themselves.
func NewEmpty(t testing.TB) *bun.DB {
	t.Helper()
	return open(t, EmptyURL(t))
}

// EmptyURL is URL without the schema.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return newDatabase(t, func(s *server) string { return ` TEMPLATE template0 ENCODING 'UTF8'` + s.clone })
}

// Open returns another pool on the database at address, as a second process would have it. It is closed with the test.
func Open(t testing.TB, address string) *bun.DB {
	t.Helper()
	return open(t, address)
}

func newDatabase(t testing.TB, tail func(*server) string) string {
	t.Helper()
	s, err := theServer()
	if err != nil {
		t.Fatal(err)
	}
	database := s.nextName()
	ctx, cancel := context.WithTimeout(t.Context(), stepPatience)
	defer cancel()
	if err := s.create(ctx, database, tail(s)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), stepPatience)
		defer cancel()
		if err := s.drop(ctx, database); err != nil {
			t.Error(err)
		}
	})
	return s.address(database)
}

func open(t testing.TB, address string) *bun.DB {
	t.Helper()
	connector, err := pq.NewConnector(address)
	if err != nil {
		t.Fatalf("reading the address of the test's database: %v", err)
	}
	pool := sql.OpenDB(newCounting(connector))
	pool.SetMaxOpenConns(poolSize)
	pool.SetMaxIdleConns(poolSize)
	db := bun.NewDB(pool, store.Dialect())
	t.Cleanup(func() { _ = db.Close() }) // A test may well have broken its connections.
	return db
}
