package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/needle-okr/needle/internal/store/migrations"
)

// Migration is one step of the schema.
type Migration struct {
	// Name is the step's number and topic, as in "0001_people".
	Name string
	// AppliedAt is when the database took it; nil while it has not.
	AppliedAt *time.Time
}

const (
	// migrationLock is the key of the advisory lock that lets one process migrate at a time.
	migrationLock = 0x6e6565646c65 // "needle" in ASCII
	// lockPoll is how often a waiting process asks for the lock.
	lockPoll = 100 * time.Millisecond
	// unlockPatience bounds giving the lock back after the caller's context has ended.
	unlockPatience = 5 * time.Second
)

// Migrate brings the schema up to date and returns the names of the steps it took, none when there was nothing to do.
// Any number of processes may call it at once: one works, the others wait until their context ends and then find
// nothing left. Each step is one transaction that also records the step, so a process that dies leaves every step
// either taken or not, and nothing that blocks the next.
func Migrate(ctx context.Context, db *bun.DB) ([]string, error) {
	var applied []string
	err := migrating(ctx, db, func(m *migrate.Migrator) error {
		if err := m.Init(ctx); err != nil {
			return fmt.Errorf("making the table of migrations: %w", err)
		}
		pending, err := m.MigrationsWithStatus(ctx)
		if err != nil {
			return fmt.Errorf("reading the table of migrations: %w", err)
		}
		names := stepNames(pending.Unapplied())
		group, err := m.Migrate(ctx)
		if err != nil {
			// bun counts the step that failed; it was rolled back.
			applied = names[:max(0, len(group.Migrations)-1)]
			return fmt.Errorf("migrating the schema: %w", err)
		}
		applied = names
		return nil
	})
	return applied, mapError(err)
}

// Rollback undoes the steps that the last Migrate took, newest first, and returns their names; none when the database
// has no schema. The data in the tables it removes is lost.
func Rollback(ctx context.Context, db *bun.DB) ([]string, error) {
	var undone []string
	err := migrating(ctx, db, func(m *migrate.Migrator) error {
		if err := m.Init(ctx); err != nil {
			return fmt.Errorf("making the table of migrations: %w", err)
		}
		group, err := m.Rollback(ctx)
		if err != nil {
			return fmt.Errorf("undoing migrations: %w", err)
		}
		for i := len(group.Migrations) - 1; i >= 0; i-- {
			undone = append(undone, group.Migrations[i].String())
		}
		return nil
	})
	return undone, mapError(err)
}

// MigrationStatus returns every step this program knows, in order. It changes nothing.
func MigrationStatus(ctx context.Context, db *bun.DB) ([]Migration, error) {
	m, err := newMigrator(db)
	if err != nil {
		return nil, err
	}
	steps, err := stepsWithStatus(ctx, db, m)
	if err != nil {
		return nil, mapError(err)
	}
	status := make([]Migration, len(steps))
	for i, step := range steps {
		status[i] = Migration{Name: step.String()}
		if step.IsApplied() {
			at := step.MigratedAt.UTC()
			status[i].AppliedAt = &at
		}
	}
	return status, nil
}

// SchemaBehind reports whether the database lacks a step that this program was built with. A database that is ahead,
// as during a rolling upgrade, is not behind.
func SchemaBehind(ctx context.Context, db *bun.DB) (bool, error) {
	status, err := MigrationStatus(ctx, db)
	if err != nil {
		return false, err
	}
	for _, step := range status {
		if step.AppliedAt == nil {
			return true, nil
		}
	}
	return false, nil
}

func newMigrator(db *bun.DB) (*migrate.Migrator, error) {
	steps, err := migrations.Load()
	if err != nil {
		return nil, err
	}
	return migrate.NewMigrator(
		db, steps,
		migrate.WithMarkAppliedOnSuccess(true),
		migrate.WithUpsert(true), // lets bun record a step that recordStep has recorded already
		migrate.AfterMigration(recordStep),
	), nil
}

// recordStep records or strikes out a step inside the transaction that takes or undoes it. bun itself records only
// after the commit, and a process that dies between the two would leave a step that can neither be taken nor undone.
func recordStep(ctx context.Context, tx bun.IConn, step *migrate.Migration) error {
	var err error
	if step.IsApplied() {
		_, err = tx.ExecContext(ctx, `DELETE FROM bun_migrations WHERE id = ?`, step.ID)
	} else {
		_, err = tx.ExecContext(ctx, `INSERT INTO bun_migrations (name, group_id) VALUES (?, ?)`, step.Name, step.GroupID)
	}
	if err != nil {
		return fmt.Errorf("recording the step: %w", err)
	}
	return nil
}

func stepsWithStatus(ctx context.Context, db *bun.DB, m *migrate.Migrator) (migrate.MigrationSlice, error) {
	var started bool
	if err := db.QueryRowContext(ctx, `SELECT to_regclass('bun_migrations') IS NOT NULL`).Scan(&started); err != nil {
		return nil, fmt.Errorf("looking for the table of migrations: %w", err)
	}
	if !started {
		steps, err := migrations.Load()
		if err != nil {
			return nil, err
		}
		return steps.Sorted(), nil
	}
	steps, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the table of migrations: %w", err)
	}
	return steps, nil
}

func stepNames(steps migrate.MigrationSlice) []string {
	names := make([]string, len(steps))
	for i, step := range steps {
		names[i] = step.String()
	}
	return names
}

// migrating runs fn while no other process migrates. The lock belongs to one connection, so PostgreSQL takes it back
// when the process dies; bun's own lock is a row, which would stay.
func migrating(ctx context.Context, db *bun.DB, fn func(*migrate.Migrator) error) (err error) {
	if db.Stats().MaxOpenConnections == 1 {
		return errors.New("migrating takes a pool of at least two connections: one of them holds the lock")
	}
	m, err := newMigrator(db)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting to migrate: %w", err)
	}
	defer func() {
		if closing := conn.Close(); !errors.Is(closing, sql.ErrConnDone) {
			err = errors.Join(err, closing)
		}
	}()
	if err := awaitMigrationLock(ctx, conn); err != nil {
		return err
	}
	return errors.Join(fn(m), releaseMigrationLock(ctx, conn))
}

// awaitMigrationLock asks again and again instead of waiting inside PostgreSQL: a statement that waits for a lock holds
// a snapshot, and that blocks CREATE INDEX CONCURRENTLY of the very process that has the lock.
func awaitMigrationLock(ctx context.Context, conn bun.Conn) error {
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for {
		var ours bool
		if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock(?)`, migrationLock).Scan(&ours); err != nil {
			return fmt.Errorf("asking for the migration lock: %w", err)
		}
		if ours {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for another process to finish migrating: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}

// releaseMigrationLock gives the lock back even when the caller has given up. If that fails the connection is ended, and
// the lock with it, lest the pool keep both.
func releaseMigrationLock(ctx context.Context, conn bun.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockPatience)
	defer cancel()
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_unlock(?)`, migrationLock)
	if err == nil {
		return nil
	}
	// ErrBadConn is how database/sql is told to throw a connection away; it comes back as the error of Raw.
	if raw := conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(raw, driver.ErrBadConn) {
		return errors.Join(fmt.Errorf("giving the migration lock back: %w", err), raw)
	}
	return nil
}
