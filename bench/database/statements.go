package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// Statements counts what reaches the loaded database, whoever sends it.
type Statements struct {
	admin *sql.DB // to the maintenance database, so that counting does not count itself
	probe *sql.DB
	name  string
}

// Statements returns the counter. It is off but for its calls of Count, so that it costs nothing meanwhile.
func (s *Server) Statements(ctx context.Context) (*Statements, error) {
	admin, err := sql.Open("postgres", s.pg.URL(""))
	if err != nil {
		return nil, fmt.Errorf("reading the server's address: %w", err)
	}
	probe, err := sql.Open("postgres", s.URL)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading the database's address: %w", err), admin.Close())
	}
	c := &Statements{admin: admin, probe: probe}
	err = probe.QueryRowContext(ctx, `SELECT current_database()`).Scan(&c.name)
	if err == nil {
		_, err = admin.ExecContext(ctx, `CREATE EXTENSION IF NOT EXISTS pg_stat_statements`)
	}
	if err == nil {
		err = c.track(ctx, "none")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("preparing to count statements: %w", err), c.Close())
	}
	return c, nil
}

// Close ends the counter's connections.
func (c *Statements) Close() error { return errors.Join(c.admin.Close(), c.probe.Close()) }

func (c *Statements) track(ctx context.Context, what string) error {
	if _, err := c.admin.ExecContext(ctx, `ALTER SYSTEM SET pg_stat_statements.track = `+pq.QuoteLiteral(what)); err != nil {
		return err
	}
	_, err := c.admin.ExecContext(ctx, `SELECT pg_reload_conf()`)
	return err
}

// Count runs f and returns how many statements reached the database meanwhile.
func (c *Statements) Count(ctx context.Context, f func() error) (n int, err error) {
	if err := c.track(ctx, "top"); err != nil {
		return 0, fmt.Errorf("switching counting on: %w", err)
	}
	defer func() { err = errors.Join(err, c.track(context.WithoutCancel(ctx), "none")) }()
	select {
	case <-time.After(settle):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if _, err := c.admin.ExecContext(ctx, `SELECT pg_stat_statements_reset()`); err != nil {
		return 0, fmt.Errorf("starting to count: %w", err)
	}
	if err := f(); err != nil {
		return 0, err
	}
	err = c.admin.QueryRowContext(ctx, `SELECT coalesce(sum(calls), 0) FROM pg_stat_statements AS s
		JOIN pg_database AS d ON d.oid = s.dbid WHERE d.datname = $1`, c.name).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("reading the count: %w", err)
	}
	return n, nil
}

// settle is how long the server gets to tell its connections that counting began.
const settle = 200 * time.Millisecond
