// Package dataset fills a database with one large workspace, the same at every load, for measurements.
package dataset

import (
	"context"
	"database/sql"
	_ "embed" // for the statements
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

//go:embed load.sql
var statements string

// Statements are what Load runs; they tell databases apart that were loaded by different versions.
func Statements() string { return statements }

// Size says how much there is of everything.
type Size struct {
	// Teams share the objectives of each cycle and the items evenly.
	Teams int
	// Cycles is the number of quarters.
	Cycles int
	// Objectives is the number in each cycle.
	Objectives int
	// KeyResults is the number below each objective.
	KeyResults int
	// CheckIns is the number below each key result.
	CheckIns int
	// Items is the number of backlog items; there are half as many contributions again.
	Items int
}

// Standard is the size that results are stated for, times scale: more cycles and more items, so that what one page
// shows stays as large.
func Standard(scale int) Size {
	return Size{Teams: 10, Cycles: 8 * scale, Objectives: 200, KeyResults: 4, CheckIns: 10, Items: 100_000 * scale}
}

// Small is enough for exact counts in tests: pages are full, and corrections and every status occur.
func Small() Size {
	return Size{Teams: 2, Cycles: 2, Objectives: 20, KeyResults: 4, CheckIns: 3, Items: 2_000}
}

// String names the size in the name of a database.
func (s Size) String() string {
	return fmt.Sprintf("%d_%d_%d_%d_%d_%d", s.Teams, s.Cycles, s.Objectives, s.KeyResults, s.CheckIns, s.Items)
}

// Load fills an empty, migrated database. With trusted, references are not checked, which takes a superuser and saves
// most of the time; the rows are the same.
func Load(ctx context.Context, db *sql.DB, size Size, trusted bool) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting to load: %w", err)
	}
	defer func() { _ = conn.Close() }() // It only goes back to the pool.
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning to load: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	settings := map[string]int{
		"teams": size.Teams, "cycles": size.Cycles, "objectives": size.Objectives, "key_results": size.KeyResults,
		"check_ins": size.CheckIns, "items": size.Items, "per_team": size.Cycles * size.Objectives * size.KeyResults / size.Teams,
	}
	for name, n := range settings {
		if _, err := tx.ExecContext(ctx, `SELECT set_config('bench.' || $1, $2, true)`, name, strconv.Itoa(n)); err != nil {
			return fmt.Errorf("setting the size of %s: %w", name, err)
		}
	}
	if trusted {
		if _, err := tx.ExecContext(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
			return fmt.Errorf("switching checks off: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, statements); err != nil {
		return fmt.Errorf("loading: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing what was loaded: %w", err)
	}
	return vacuum(ctx, conn)
}

// vacuum gathers statistics and marks every page as visible to all, as it is in a database that has rested. Pages that
// a snapshot still open could see differently are left for another time.
func vacuum(ctx context.Context, conn *sql.Conn) error {
	const tries = 20
	for range tries {
		if _, err := conn.ExecContext(ctx, `VACUUM ANALYZE`); err != nil {
			return fmt.Errorf("gathering statistics: %w", err)
		}
		var left int
		if err := conn.QueryRowContext(ctx, `SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
			AND relallvisible < relpages`).Scan(&left); err != nil {
			return fmt.Errorf("looking at the statistics: %w", err)
		}
		if left == 0 {
			return nil
		}
	}
	return errors.New("pages stay invisible: somebody else has a transaction open")
}

// Facts are the ids that queries ask for.
type Facts struct {
	Workspace needle.WorkspaceID
	Owner     needle.UserID
	Teams     []needle.TeamID
	Cycles    []needle.CycleID
	// Starts is when each of Cycles begins.
	Starts []time.Time
	// Items are a sample of all.
	Items []needle.BacklogItemID
}

// sampled is how many items Facts has at most.
const sampled = 200

// Read finds the facts of a loaded database.
func Read(ctx context.Context, db *sql.DB) (Facts, error) {
	var f Facts
	if err := db.QueryRowContext(ctx, `SELECT w.id, u.id FROM workspaces AS w JOIN users AS u ON u.workspace_id = w.id AND u.role = 'OWNER'`).
		Scan(&f.Workspace, &f.Owner); err != nil {
		return f, fmt.Errorf("reading the workspace: %w", err)
	}
	err := column(ctx, db, `SELECT id FROM teams ORDER BY id`, &f.Teams)
	if err == nil {
		err = column(ctx, db, `SELECT id FROM cycles ORDER BY id`, &f.Cycles)
	}
	if err == nil {
		err = column(ctx, db, `SELECT starts_on::timestamptz FROM cycles ORDER BY id`, &f.Starts)
	}
	if err == nil {
		err = column(ctx, db, `SELECT id FROM backlog_items WHERE number % ((SELECT count(*) FROM backlog_items) / `+strconv.Itoa(sampled)+
			`) = 0 ORDER BY number LIMIT `+strconv.Itoa(sampled), &f.Items)
	}
	return f, err
}

func column[T any](ctx context.Context, db *sql.DB, query string, into *[]T) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("reading ids: %w", err)
	}
	defer func() { _ = rows.Close() }() // Its error repeats what Err says.
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return fmt.Errorf("reading an id: %w", err)
		}
		*into = append(*into, v)
	}
	return rows.Err()
}
