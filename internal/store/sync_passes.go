package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// What a pass over a connection writes besides issues. Nothing here counts versions up: they are for people, and a pass
// must not make a person's edit of a connection's name a conflict.

// ErrPassLost says that a pass is no longer the one that runs: another process took over, or a person paused or changed
// the connection. Whatever it was about to write is not written.
var ErrPassLost = errors.New("the pass was taken over or stopped")

// releasePatience bounds giving a pass back after the caller's context has ended.
const releasePatience = 5 * time.Second

// HoldPass makes the caller the only one, among all processes on this database, to run a pass over the connection, and
// reports false when another does. The hold is a lock of a database session: it ends with release, and with the
// process, however that dies. A caller whose session was cut keeps running without knowing; that is why every page also
// asks whether its run is still the one (AdvanceSyncRun).
func (s *Store) HoldPass(ctx context.Context, workspace needle.WorkspaceID, id needle.ConnectionID) (release func(), held bool, err error) {
	return s.hold(ctx, "pass/"+workspace.String()+"/"+id.String())
}

// HoldInbox is HoldPass for working off the connection's webhooks. The two do not stand in each other's way.
func (s *Store) HoldInbox(ctx context.Context, workspace needle.WorkspaceID, id needle.ConnectionID) (release func(), held bool, err error) {
	return s.hold(ctx, "inbox/"+workspace.String()+"/"+id.String())
}

// hold takes the lock of a key in a session of its own, unless another session has it.
func (s *Store) hold(ctx context.Context, key string) (release func(), held bool, err error) {
	conn, err := s.locks.Conn(ctx)
	if err != nil {
		return nil, false, mapError(err)
	}
	if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", key).Scan(&held); err != nil {
		discard(conn)
		return nil, false, mapError(err)
	}
	if !held {
		return nil, false, mapError(conn.Close())
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releasePatience)
		defer cancel()
		if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock(hashtextextended($1, 0))", key); err != nil {
			discard(conn)
			return
		}
		_ = conn.Close() // It only goes back to its pool.
	}, true, nil
}

// discard ends a session that may hold a lock, instead of giving it back to the pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // This error is what makes the pool drop it.
	_ = conn.Close()
}

// DuePasses lists up to limit connections of all workspaces that a pass is due for, longest due first. A pass that is due
// behind the horizon was set by a clock that was wrong, unless the tracker asked to be left alone until then.
func (s *Store) DuePasses(ctx context.Context, now, horizon time.Time, limit int) ([]DueConnection, error) {
	return s.dueConnections(ctx, `
		SELECT workspace_id, id, least(sync_requested_at, next_sync_at) AS since FROM connections
		WHERE state <> ? AND (next_sync_at <= ?1 OR next_sync_at > ?2 AND rate_limited_until IS NULL
			OR sync_requested_at IS NOT NULL AND coalesce(rate_limited_until <= ?1, true))
		ORDER BY since, id LIMIT ?3`, needle.ConnectionPaused, now, horizon, limit)
}

// SaveSyncState stores what passes know about a connection: its state, the limit, the failures, the account and when
// the next pass is due. Whether somebody asks for a pass is not among it: somebody may ask while one runs.
func (s Scope) SaveSyncState(ctx context.Context, c *needle.Connection) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE connections SET state = ?, state_reason = ?, state_changed_at = ?, rate_limited_until = ?, failures = ?,
			account_name = ?, next_sync_at = ?, updated_at = ?
		WHERE workspace_id = ? AND id = ?`,
		c.State, c.StateReason, c.StateChangedAt, c.RateLimitedUntil, c.Failures, c.AccountName, c.NextSyncAt, s.Now(), s.workspace, c.ID)
	if err != nil {
		return mapError(err)
	}
	return s.NotifySync(ctx, c.ID)
}

// TakeSyncRequest marks the request for a pass as served. The connection stays due until the pass ends, so that one
// that dies is begun again.
func (s Scope) TakeSyncRequest(ctx context.Context, id needle.ConnectionID, now time.Time) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE connections SET sync_requested_at = NULL, next_sync_at = ? WHERE workspace_id = ? AND id = ?`, now, s.workspace, id)
	return mapError(err)
}

// InterruptSyncRuns ends runs of a connection that still count as running although nobody runs them any more.
func (s Scope) InterruptSyncRuns(ctx context.Context, id needle.ConnectionID) error {
	now := s.Now()
	_, err := s.idb.ExecContext(ctx, `
		UPDATE sync_runs SET state = ?, finished_at = ?, updated_at = ? WHERE workspace_id = ? AND connection_id = ? AND state = ?`,
		needle.SyncInterrupted, now, now, s.workspace, id, needle.SyncRunning)
	return mapError(err)
}

// BeginSyncRun stores a new run, unless another of the connection is running: then the error is ErrPassLost.
func (s Scope) BeginSyncRun(ctx context.Context, run *needle.SyncRun) error {
	return s.InTx(ctx, func(ctx context.Context, tx Scope) error {
		if _, err := tx.Connection(ctx, run.ConnectionID); err != nil {
			return err
		}
		var running bool
		err := tx.idb.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT 1 FROM sync_runs WHERE workspace_id = ? AND connection_id = ? AND state = ?)`,
			s.workspace, run.ConnectionID, needle.SyncRunning).Scan(&running)
		switch {
		case err != nil:
			return mapError(err)
		case running:
			return ErrPassLost
		}
		if err := tx.InsertSyncRun(ctx, run); err != nil {
			return err
		}
		return tx.NotifySync(ctx, run.ConnectionID)
	})
}

// AdvanceSyncRun stores the counts and state of a run that is still running; the error is ErrPassLost when it is not. Two
// processes that both take themselves for the one that runs meet here, and only one gets on.
func (s Scope) AdvanceSyncRun(ctx context.Context, run *needle.SyncRun) error {
	res, err := s.idb.ExecContext(ctx, `
		UPDATE sync_runs SET state = ?, pages = ?, seen = ?, inserted = ?, updated = ?, unchanged = ?, skipped = ?, tombstoned = ?,
			quarantined = ?, linked = ?, requests = ?, waited_milliseconds = ?, total = ?, reason = ?, finished_at = ?, updated_at = ?
		WHERE workspace_id = ? AND id = ? AND state = ?`,
		run.State, run.Pages, run.Seen, run.Inserted, run.Updated, run.Unchanged, run.Skipped, run.Tombstoned,
		run.Quarantined, run.Linked, run.Requests, run.WaitedMilliseconds, run.Total, run.Reason, run.FinishedAt, s.Now(), s.workspace,
		run.ID, needle.SyncRunning)
	if err != nil {
		return mapError(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("counting updated rows: %w", err)
	}
	if n == 0 {
		return ErrPassLost
	}
	return s.NotifySync(ctx, run.ConnectionID)
}

// SyncSource is a source and where an interrupted walk over it goes on.
type SyncSource struct {
	*needle.Source
	// Resume is what the engine keeps between pages; empty when no walk was interrupted.
	Resume string
}

// SyncSources reads all sources of a connection that were not taken away: those that were read whole before come first, so that a long first
// read does not hold up the others.
func (s Scope) SyncSources(ctx context.Context, id needle.ConnectionID) ([]SyncSource, error) {
	sh := shapeOf[needle.Source](nil)
	var out []SyncSource
	err := s.each(ctx, "SELECT t.cursor, "+sh.columns+` FROM sources AS t
		WHERE t.workspace_id = ? AND t.connection_id = ? AND t.removed_at IS NULL
		ORDER BY t.backfilled_at IS NULL, t.remote_key, t.id`, []any{s.workspace, id}, func(r *sql.Rows) error {
		one := SyncSource{Source: new(needle.Source)}
		err := sh.scan(r, one.Source, &one.Resume)
		out = append(out, one)
		return err
	})
	return out, err
}

// SaveSyncSource stores what passes know about a source.
func (s Scope) SaveSyncSource(ctx context.Context, one SyncSource) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE sources SET remote_id = ?, remote_key = ?, state = ?, state_reason = ?, watermark = ?, etag = ?, backfilled_at = ?,
			read_at = ?, lost_at = ?, retry_at = ?, cursor = ?, updated_at = ?
		WHERE workspace_id = ? AND id = ?`,
		one.RemoteID, one.RemoteKey, one.State, one.StateReason, one.Watermark, one.ETag, one.BackfilledAt,
		one.ReadAt, one.LostAt, one.RetryAt, one.Resume, s.Now(), s.workspace, one.ID)
	return mapError(err)
}

// AskForCensus has every source of a connection that is read counted with the next pass.
func (s Scope) AskForCensus(ctx context.Context, id needle.ConnectionID) error {
	_, err := s.idb.ExecContext(ctx, `UPDATE sources SET census_asked = true, updated_at = ?
		WHERE workspace_id = ? AND connection_id = ? AND removed_at IS NULL`, s.Now(), s.workspace, id)
	return mapError(err)
}

// SaveCensus stores what a count of a source found. What a person said before it began, that issues vanished or that the
// source is to be counted, is done with; what was said while it ran stands.
func (s Scope) SaveCensus(ctx context.Context, one, before *needle.Source) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE sources SET census_at = ?, unobserved = ?, lost_at = ?, accept_vanished = accept_vanished AND NOT ?,
			census_asked = census_asked AND NOT ?, updated_at = ?
		WHERE workspace_id = ? AND id = ?`,
		one.CensusAt, one.Unobserved, one.LostAt, before.AcceptVanished, before.CensusAsked, s.Now(), s.workspace, one.ID)
	return mapError(err)
}

// HeldIssues reads the names of all issues of a source, tombstones among them: id, remote id and key, when they were
// observed and gone, and the version.
func (s Scope) HeldIssues(ctx context.Context, source needle.SourceID) ([]*needle.Issue, error) {
	var out []*needle.Issue
	err := s.each(ctx, "SELECT "+heldColumns+` FROM issues
		WHERE workspace_id = ? AND source_id = ? ORDER BY id`, []any{s.workspace, source}, func(r *sql.Rows) error {
		one, err := heldIssue(r)
		out = append(out, one)
		return err
	})
	return out, err
}

// heldIssue reads what a row of heldColumns says.
func heldIssue(r *sql.Rows) (*needle.Issue, error) {
	one := new(needle.Issue)
	err := r.Scan(&one.ID, &one.SourceID, &one.RemoteID, &one.RemoteKey, &one.ObservedAt, &one.GoneAt, &one.Version)
	return one, err
}

// heldColumns are what tells an issue and its age.
const heldColumns = "id, source_id, remote_id, remote_key, observed_at, gone_at, version"

// RestartSources lets the sources of a connection be read again: those that failed are tried, and with whole all are
// read from the beginning.
func (s Scope) RestartSources(ctx context.Context, id needle.ConnectionID, whole bool) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE sources SET state = CASE WHEN state = ?0 THEN ?1 ELSE state END, state_reason = '', retry_at = NULL, updated_at = ?2
		WHERE workspace_id = ?3 AND connection_id = ?4`, needle.SourceError, needle.SourcePending, s.Now(), s.workspace, id)
	if err != nil || !whole {
		return mapError(err)
	}
	_, err = s.idb.ExecContext(ctx, `
		UPDATE sources SET watermark = NULL, backfilled_at = NULL, etag = '', cursor = '' WHERE workspace_id = ? AND connection_id = ?`,
		s.workspace, id)
	return mapError(err)
}

// AskForSync notes that somebody wants a pass as soon as may be.
func (s Scope) AskForSync(ctx context.Context, id needle.ConnectionID, now time.Time) error {
	_, err := s.idb.ExecContext(ctx, `UPDATE connections SET sync_requested_at = ? WHERE workspace_id = ? AND id = ?`, now, s.workspace, id)
	if err != nil {
		return mapError(err)
	}
	return s.NotifySync(ctx, id)
}
