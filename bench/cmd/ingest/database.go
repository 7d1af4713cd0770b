package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/lib/pq"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/needle-okr/needle/internal/localpg"
	"github.com/needle-okr/needle/internal/store"
)

// database is an empty database of a round.
type database struct {
	pg *localpg.Server
	// name is its name, and file where its issues are copied to.
	name, file string
}

// admin runs a statement outside the database.
func (d *database) admin(ctx context.Context, statement string) error {
	db, err := sql.Open("postgres", d.pg.URL(""))
	if err != nil {
		return fmt.Errorf("reading the server's address: %w", err)
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// make makes it with Needle's tables.
func (d *database) make(ctx context.Context) error {
	if err := d.drop(ctx); err != nil {
		return err
	}
	if err := d.admin(ctx, `CREATE DATABASE `+pq.QuoteIdentifier(d.name)+` TEMPLATE template0 ENCODING 'UTF8'`); err != nil {
		return fmt.Errorf("making a database: %w", err)
	}
	pool, err := sql.Open("postgres", d.pg.URL(d.name))
	if err != nil {
		return fmt.Errorf("reading the database's address: %w", err)
	}
	_, err = store.Migrate(ctx, bun.NewDB(pool, pgdialect.New()))
	return errors.Join(err, pool.Close())
}

func (d *database) drop(ctx context.Context) error {
	if err := d.admin(ctx, `DROP DATABASE IF EXISTS `+pq.QuoteIdentifier(d.name)+` WITH (FORCE)`); err != nil {
		return fmt.Errorf("dropping a database: %w", err)
	}
	return nil
}

// parents are the tables that issues refer to, in the order in which their rows can be copied.
var parents = []string{"workspaces", "users", "teams", "connections", "sources"}

// ceiling copies the issues of another database into this one, which it times: into the same table with the same indexes,
// in one statement and one transaction.
func (d *database) ceiling(ctx context.Context, from *database) (_ time.Duration, rows int64, err error) {
	for _, table := range parents {
		if _, _, err := d.copy(ctx, from, table); err != nil {
			return 0, 0, err
		}
	}
	return d.copy(ctx, from, "issues")
}

// copy copies a table through a file and says how long it took to copy it in.
func (d *database) copy(ctx context.Context, from *database, table string) (_ time.Duration, rows int64, err error) {
	file, err := os.Create(d.file)
	if err != nil {
		return 0, 0, fmt.Errorf("making a file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	source, err := pgx.Connect(ctx, from.pg.URL(from.name))
	if err != nil {
		return 0, 0, fmt.Errorf("connecting: %w", err)
	}
	_, err = source.PgConn().CopyTo(ctx, file, `COPY `+table+` TO STDOUT (FORMAT binary)`)
	if err := errors.Join(err, source.Close(ctx)); err != nil {
		return 0, 0, fmt.Errorf("copying out: %w", err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		return 0, 0, fmt.Errorf("reading the file again: %w", err)
	}
	target, err := pgx.Connect(ctx, d.pg.URL(d.name))
	if err != nil {
		return 0, 0, fmt.Errorf("connecting: %w", err)
	}
	defer func() { err = errors.Join(err, target.Close(ctx)) }()
	begun := time.Now()
	tag, err := target.PgConn().CopyFrom(ctx, file, `COPY `+table+` FROM STDIN (FORMAT binary)`)
	if err != nil {
		return 0, 0, fmt.Errorf("copying in: %w", err)
	}
	return time.Since(begun), tag.RowsAffected(), nil
}
