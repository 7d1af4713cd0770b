// Package store holds every SQL statement of Needle: bun on lib/pq, one file per aggregate.
//
// Statements are reached through a Scope, the database as one workspace sees it; a Scope cannot be made without a
// workspace, so no statement can forget it. Writes take place inside Scope.InTx together with their activity row.
// Reads come in two shapes, both a constant number of statements whatever the fan-out: one page of a list, and the
// pages or objects that belong to many parents at once.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// Config says where the database is.
type Config struct {
	// URL is a PostgreSQL connection string.
	URL string
	// Pool is the most connections held at once; 0 means DefaultPool.
	Pool int
	// CursorKey signs page cursors; processes that share traffic share it.
	CursorKey []byte
	// Keys seal and open the secrets of connections; without them connections that have secrets can be neither made nor
	// read through.
	Keys KeyRing
	// Now is the clock for stamps; nil means time.Now.
	Now func() time.Time
}

// DefaultPool suits two cores: more connections only queue inside the database.
const DefaultPool = 8

// connLife bounds how long a connection lives, so that a database that moved is followed.
const connLife = 30 * time.Minute

// Store is the database of all workspaces.
type Store struct {
	db *bun.DB
	// locks holds connections for as long as somebody works; they are not taken from db, where the work would starve.
	locks     *sql.DB
	cursorKey []byte
	keys      KeyRing
	now       func() time.Time
	// schemaSeen is set once the schema was found to be up to date.
	schemaSeen atomic.Bool
}

// Open returns a Store. It does not contact the database: a server starts, says so on /readyz, and recovers by itself
// when the database comes up. The error is about the URL alone.
func Open(c Config) (*Store, error) {
	connector, err := pq.NewConnector(c.URL)
	if err != nil {
		// pq's message may quote the URL and with it the password.
		return nil, errors.New("reading the database URL: it is not a valid PostgreSQL connection string")
	}
	pool := sql.OpenDB(connector)
	if c.Pool == 0 {
		c.Pool = DefaultPool
	}
	pool.SetMaxOpenConns(c.Pool)
	pool.SetMaxIdleConns(c.Pool)
	pool.SetConnMaxLifetime(connLife)
	s := New(bun.NewDB(pool, Dialect()), c)
	s.locks = sql.OpenDB(connector)
	return s, nil
}

// New returns a Store on an open database; URL and Pool of c are not used.
func New(db *bun.DB, c Config) *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Store{db: db, locks: db.DB, cursorKey: c.CursorKey, keys: c.Keys, now: c.Now}
}

// DB returns the pool, for migrations and statement counters.
func (s *Store) DB() *bun.DB { return s.db }

// Close ends all connections.
func (s *Store) Close() error { return errors.Join(s.db.Close(), s.locks.Close()) }

// Ping reports whether the database answers; the error is UNAVAILABLE when it does not.
func (s *Store) Ping(ctx context.Context) error { return mapError(s.db.PingContext(ctx)) }

// Ready reports whether the database answers and has the schema of this program. Once seen, a schema is not asked for
// again: migrations only add to it while an older program runs.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil || s.schemaSeen.Load() {
		return err
	}
	behind, err := SchemaBehind(ctx, s.db)
	if err != nil {
		return mapError(err)
	}
	if behind {
		return &needle.Error{Code: needle.CodeUnavailable, Message: "the database's schema is behind this program; run: needle migrate up"}
	}
	s.schemaSeen.Store(true)
	return nil
}

// In returns the database as one workspace sees it.
func (s *Store) In(workspace needle.WorkspaceID) Scope {
	return Scope{idb: s.db, workspace: workspace, cursorKey: s.cursorKey, keys: s.keys, now: s.now}
}

// Scope is the database as one workspace sees it, inside a transaction or not.
type Scope struct {
	idb       bun.IDB
	workspace needle.WorkspaceID
	cursorKey []byte
	keys      KeyRing
	now       func() time.Time
}

// WorkspaceID returns the tenant.
func (s Scope) WorkspaceID() needle.WorkspaceID { return s.workspace }

// Now returns the moment, in UTC and to the microsecond that PostgreSQL keeps.
func (s Scope) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// InTx runs fn in one transaction: all of it is stored or, if fn returns an error, nothing. Inside a transaction it
// joins the one that is open.
func (s Scope) InTx(ctx context.Context, fn func(ctx context.Context, tx Scope) error) error {
	if _, ok := s.idb.(bun.Tx); ok {
		return fn(ctx, s)
	}
	err := s.idb.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		inner := s
		inner.idb = tx
		return fn(ctx, inner)
	})
	return mapError(err)
}

// Stamp returns the stamp of a fresh row.
func (s Scope) Stamp() needle.Stamp {
	now := s.Now()
	return needle.Stamp{WorkspaceID: s.workspace, CreatedAt: now, UpdatedAt: now, Version: 1}
}

// insert stores rows; row is a struct pointer or a slice pointer.
func (s Scope) insert(ctx context.Context, row any) error {
	_, err := s.idb.NewInsert().Model(row).Exec(ctx)
	return mapError(err)
}

// stamped is implemented by every noun that embeds needle.Stamp.
type stamped interface{ Touch(now time.Time) (was int) }

// update stores all columns of a row and counts its version up. A row that somebody else changed since it was read
// answers CONFLICT.
func (s Scope) update(ctx context.Context, row stamped) error {
	was := row.Touch(s.Now())
	res, err := s.idb.NewUpdate().Model(row).WherePK().Where("version = ?", was).Exec(ctx)
	if err != nil {
		return mapError(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("counting updated rows: %w", err)
	}
	if n == 0 {
		return needle.Conflict("", "somebody else changed this in the meantime; read it again")
	}
	return nil
}

// remove deletes a row by its id. What others refer to answers CONFLICT.
func (s Scope) remove(ctx context.Context, table string, id uuid.UUID) error {
	_, err := s.idb.ExecContext(ctx, "DELETE FROM ? WHERE workspace_id = ? AND id = ?", bun.Ident(table), s.workspace, id)
	return mapError(err)
}

// NextNumber counts a people's key up and returns it; the row lock makes concurrent callers queue, never collide.
func (s Scope) NextNumber(ctx context.Context, letters string) (int, error) {
	var n int
	err := s.idb.QueryRowContext(ctx, `
		INSERT INTO counters (workspace_id, letters, value) VALUES (?, ?, 1)
		ON CONFLICT (workspace_id, letters) DO UPDATE SET value = counters.value + 1
		RETURNING value`, s.workspace, letters).Scan(&n)
	return n, mapError(err)
}

// lockClause holds rows that are read inside a transaction until its end, so that what was decided on them stays true.
// Others may still refer to such a row: a stronger lock would make two changes that refer to each other's rows deadlock.
func (s Scope) lockClause() string {
	if _, inTx := s.idb.(bun.Tx); inTx {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

// Serialize makes transactions of this workspace that name the same thing run one after the other. It guards rules
// over many rows, such as "no loops", that no constraint can hold.
func (s Scope) Serialize(ctx context.Context, thing string) error {
	_, err := s.idb.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", s.workspace.String()+"/"+thing)
	return mapError(err)
}

// share waits for transactions that Serialize on the same thing and makes later ones wait for this one; others that share
// it go on beside each other.
func (s Scope) share(ctx context.Context, thing string) error {
	_, err := s.idb.ExecContext(ctx, "SELECT pg_advisory_xact_lock_shared(hashtextextended(?, 0))", s.workspace.String()+"/"+thing)
	return mapError(err)
}

// ancestors walks up from a row by a parent column, nearest first, the row itself not among them. A loop ends the walk.
func (s Scope) ancestors(ctx context.Context, table, column string, id uuid.UUID) ([]uuid.UUID, error) {
	var up []uuid.UUID
	err := s.each(ctx, `
		WITH RECURSIVE up(id, depth) AS (
			SELECT t.?1, 1 FROM ?0 AS t WHERE t.workspace_id = ?2 AND t.id = ?3 AND t.?1 IS NOT NULL
			UNION
			SELECT t.?1, up.depth + 1 FROM up JOIN ?0 AS t ON t.workspace_id = ?2 AND t.id = up.id
			WHERE t.?1 IS NOT NULL AND up.depth < 100
		) SELECT id FROM up ORDER BY depth`,
		[]any{bun.Ident(table), bun.Ident(column), s.workspace, id}, func(rows *sql.Rows) error {
			var u uuid.UUID
			err := rows.Scan(&u)
			up = append(up, u)
			return err
		})
	return up, err
}

// exists reports whether each id is a row of the table in this workspace, in one statement.
func (s Scope) exists(ctx context.Context, table string, ids []uuid.UUID) ([]bool, error) {
	found := make(map[uuid.UUID]bool, len(ids))
	err := s.each(ctx, `SELECT id FROM ? WHERE workspace_id = ? AND id = ANY(?::uuid[])`,
		[]any{bun.Ident(table), s.workspace, uuids(ids)}, func(rows *sql.Rows) error {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			found[id] = true
			return nil
		})
	out := make([]bool, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, err
}

// each runs a statement and calls row for every row of the answer.
func (s Scope) each(ctx context.Context, query string, args []any, row func(*sql.Rows) error) error {
	return eachOf(ctx, s.idb, query, args, row)
}

// querier is what statements run on: bun's connection, which inlines arguments, or the plain one behind it.
type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

func eachOf(ctx context.Context, on querier, query string, args []any, row func(*sql.Rows) error) error {
	rows, err := on.QueryContext(ctx, query, args...)
	if err != nil {
		return mapError(err)
	}
	defer func() { _ = rows.Close() }() // Its error repeats what Err says.
	for rows.Next() {
		if err := row(rows); err != nil {
			return mapError(err)
		}
	}
	return mapError(rows.Err())
}

// uuids renders ids as the text of an array, which the statement casts.
func uuids(ids []uuid.UUID) string {
	var text strings.Builder
	text.Grow(len("{}") + len(ids)*len("00000000-0000-0000-0000-000000000000,"))
	text.WriteByte('{')
	for i, id := range ids {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(id.String())
	}
	text.WriteByte('}')
	return text.String()
}
