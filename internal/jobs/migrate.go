package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// migrationLock is the key of the advisory lock that lets one process migrate at a time.
	migrationLock = 0x7269766572 // "river" in ASCII
	// lockPoll is how often a waiting process asks for the lock.
	lockPoll = 100 * time.Millisecond
	// unlockPatience bounds giving the lock back after the caller's context has ended.
	unlockPatience = 5 * time.Second
)

// migrateAlone calls do while no other process migrates. It polls: a statement that waits for a lock would hold up the
// indexes that River builds concurrently.
func migrateAlone(ctx context.Context, pool *pgxpool.Pool, do func() error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connecting to migrate the tables of jobs: %w", err)
	}
	defer conn.Release()
	for {
		var mine bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(migrationLock)).Scan(&mine); err != nil {
			return fmt.Errorf("locking the tables of jobs: %w", err)
		}
		if mine {
			break
		}
		timer := time.NewTimer(lockPoll)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("waiting for another process that migrates: %w", ctx.Err())
		case <-timer.C:
		}
	}
	err = do()
	unlock, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockPatience)
	defer cancel()
	if _, unlocking := conn.Exec(unlock, `SELECT pg_advisory_unlock($1)`, int64(migrationLock)); unlocking != nil {
		err = errors.Join(err, fmt.Errorf("unlocking the tables of jobs: %w", unlocking))
	}
	return err
}
