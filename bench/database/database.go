// Package database runs the private PostgreSQL that measurements are taken on. Its folder keeps the loaded data between
// runs, under a name made of the size, the migrations and the statements that loaded it.
package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/lib/pq"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/needle-okr/needle/bench/dataset"
	"github.com/needle-okr/needle/internal/localpg"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/migrations"
)

// Settings are what the server runs with. Durability is off (localpg's Ephemeral: fsync, synchronous_commit and
// full_page_writes): only reads are measured, and loading takes minutes less.
func Settings() map[string]string {
	return map[string]string{
		"autovacuum": "off", // a worker would join in at any moment; loading gathers the statistics
		"jit":        "off", "shared_buffers": "512MB", "work_mem": "16MB", "maintenance_work_mem": "256MB",
		"effective_cache_size": "4GB", "max_wal_size": "4GB", "checkpoint_timeout": "1h", "random_page_cost": "1.1",
		"max_connections": "200", "shared_preload_libraries": "pg_stat_statements",
	}
}

// Server is the private PostgreSQL with one loaded database.
type Server struct {
	// URL is the address of the loaded database.
	URL string
	pg  *localpg.Server
}

// Start brings the server up in the account's data folder and loads a database of the size unless it is there.
func Start(ctx context.Context, size dataset.Size, log *slog.Logger) (_ *Server, err error) {
	folder, err := localpg.DefaultDir("bench")
	if err != nil {
		return nil, err
	}
	pg, err := start(ctx, localpg.Config{DataDir: folder, Ephemeral: true, Settings: Settings(), Logger: log})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, pg.Stop(context.WithoutCancel(ctx)))
		}
	}()
	name, err := nameOf(size)
	if err != nil {
		return nil, err
	}
	s := &Server{pg: pg, URL: pg.URL(name)}
	admin, err := sql.Open("postgres", pg.URL(""))
	if err != nil {
		return nil, fmt.Errorf("reading the server's address: %w", err)
	}
	defer func() { _ = admin.Close() }()
	var there bool
	if err := admin.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil {
		return nil, fmt.Errorf("looking for the data: %w", err)
	}
	if !there {
		log.InfoContext(ctx, "loading", slog.String("database", name))
		err = s.load(ctx, admin, name, size)
	}
	return s, err
}

// start throws away what a crash without durability left behind.
func start(ctx context.Context, config localpg.Config) (*localpg.Server, error) {
	pg, err := localpg.Start(ctx, config)
	_, broken := errors.AsType[*localpg.StartError](err)
	_, foreign := errors.AsType[*localpg.VersionError](err)
	if (broken || foreign) && ctx.Err() == nil {
		if err := localpg.Remove(ctx, config.DataDir, config.Logger); err != nil {
			return nil, err
		}
		return localpg.Start(ctx, config)
	}
	return pg, err
}

// load fills a draft, which gets its name when it is whole.
func (s *Server) load(ctx context.Context, admin *sql.DB, name string, size dataset.Size) error {
	draft := name + "_draft"
	if err := dropOlder(ctx, admin, size); err != nil {
		return err
	}
	if _, err := admin.ExecContext(ctx, `CREATE DATABASE `+pq.QuoteIdentifier(draft)+` TEMPLATE template0 ENCODING 'UTF8'`); err != nil {
		return fmt.Errorf("making a database: %w", err)
	}
	pool, err := sql.Open("postgres", s.pg.URL(draft))
	if err != nil {
		return fmt.Errorf("reading the database's address: %w", err)
	}
	_, err = store.Migrate(ctx, bun.NewDB(pool, pgdialect.New()))
	if err == nil {
		err = dataset.Load(ctx, pool, size, true)
	}
	if err := errors.Join(err, pool.Close()); err != nil {
		return err
	}
	_, err = admin.ExecContext(ctx, `ALTER DATABASE `+pq.QuoteIdentifier(draft)+` RENAME TO `+pq.QuoteIdentifier(name))
	return err
}

// dropOlder drops what other versions loaded, and drafts that were never finished.
func dropOlder(ctx context.Context, admin *sql.DB, size dataset.Size) error {
	var older []string
	err := admin.QueryRowContext(ctx, `SELECT coalesce(array_agg(datname::text), '{}') FROM pg_database WHERE starts_with(datname, $1)`, prefix(size)).
		Scan(pq.Array(&older))
	if err != nil {
		return fmt.Errorf("looking for older data: %w", err)
	}
	for _, name := range older {
		if _, err := admin.ExecContext(ctx, `DROP DATABASE `+pq.QuoteIdentifier(name)+` WITH (FORCE)`); err != nil {
			return fmt.Errorf("dropping older data: %w", err)
		}
	}
	return nil
}

func prefix(size dataset.Size) string { return "bench_" + size.String() + "_" }

func nameOf(size dataset.Size) (string, error) {
	sum := sha256.New()
	_, _ = sum.Write([]byte(dataset.Statements())) // A hash never fails.
	err := fs.WalkDir(migrations.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.Files, path)
		_, _ = sum.Write(text)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading the migrations: %w", err)
	}
	return prefix(size) + hex.EncodeToString(sum.Sum(nil)[:4]), nil
}

// Run runs a file of statements on the loaded database.
func (s *Server) Run(ctx context.Context, file string) error {
	text, err := os.ReadFile(file) //nolint:gosec // the operator names it
	if err != nil {
		return fmt.Errorf("reading statements: %w", err)
	}
	db, err := sql.Open("postgres", s.URL)
	if err != nil {
		return fmt.Errorf("reading the database's address: %w", err)
	}
	if _, err = db.ExecContext(ctx, string(text)); err != nil {
		err = fmt.Errorf("running %s: %w", file, err)
	}
	return errors.Join(err, db.Close())
}

// PID is the server's process; its children serve the connections.
func (s *Server) PID() int { return s.pg.PID() }

// Version is the server's major version.
func (s *Server) Version() int { return s.pg.Version() }

// Stop ends the server. The data stays.
func (s *Server) Stop(ctx context.Context) error { return s.pg.Stop(ctx) }
