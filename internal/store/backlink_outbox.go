package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// The outbox of backlinks. Its rows are the truth; a run works them off. A run is the one that may write for as long as
// the connection's row names it: a person who changes what is wanted, and a process that takes over, take that away, and
// the run finds it out before its next write.

// OutboxBacklink is a backlink with what its worker knows of the tracker.
type OutboxBacklink struct {
	needle.Backlink
	// Wanted fingerprints the content that shall be there; nil when none shall.
	Wanted []byte
	// Written fingerprints the content that is there for certain; nil when there is none, or a request may have ended
	// unseen.
	Written []byte
	// Present is true when the tracker may show one.
	Present bool
}

// HoldWriteBack is HoldPass for writing back, which goes on beside a pass.
func (s *Store) HoldWriteBack(ctx context.Context, workspace needle.WorkspaceID, id needle.ConnectionID) (release func(), held bool, err error) {
	return s.hold(ctx, "write-back/"+workspace.String()+"/"+id.String())
}

// DueWriteBacks lists up to limit connections of all workspaces whose outbox is to be looked at, longest due first.
// What is paused, limited or refused waits, and is due when that ends.
func (s *Store) DueWriteBacks(ctx context.Context, now time.Time, limit int) ([]DueConnection, error) {
	return s.dueConnections(ctx, `
		SELECT workspace_id, id, write_back_at FROM connections
		WHERE write_back_at <= ?0 AND state NOT IN (?1, ?2) AND coalesce(rate_limited_until <= ?0, true)
		ORDER BY write_back_at, id LIMIT ?3`, now, needle.ConnectionPaused, needle.ConnectionAuthFailed, limit)
}

// AskForWriteBack makes the outbox due now, ends the run that works on it and forgets what kept it from writing.
func (s Scope) AskForWriteBack(ctx context.Context, id needle.ConnectionID) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE connections SET write_back_at = ?, write_back_run = NULL, write_back_reason = '', write_back_failures = 0
		WHERE workspace_id = ? AND id = ?`, s.Now(), s.workspace, id)
	return mapError(err)
}

// WriteBackRun names a run over an outbox.
type WriteBackRun uuid.UUID

// BeginWriteBack begins a run and makes it the one that may write.
func (s Scope) BeginWriteBack(ctx context.Context, id needle.ConnectionID) (WriteBackRun, error) {
	run := uuid.Must(uuid.NewV7())
	_, err := s.idb.ExecContext(ctx, `UPDATE connections SET write_back_run = ? WHERE workspace_id = ? AND id = ?`, run, s.workspace, id)
	return WriteBackRun(run), mapError(err)
}

// KeepWriteBack reads, and inside a transaction holds, when the connection's outbox last sent something; nil before. The
// error is ErrPassLost when the run is not the one that may write any more.
func (s Scope) KeepWriteBack(ctx context.Context, id needle.ConnectionID, run WriteBackRun) (*time.Time, error) {
	var last *time.Time
	err := s.idb.QueryRowContext(ctx, `
		SELECT wrote_back_at FROM connections WHERE workspace_id = ? AND id = ? AND write_back_run = ?`+s.lockClause(),
		s.workspace, id, uuid.UUID(run)).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrPassLost
	}
	return last, mapError(err)
}

// FinishWriteBack stores how a run ended: when the outbox is to be looked at next, what kept it from writing and how
// often in a row. It does nothing when the run is not the one that may write any more.
func (s Scope) FinishWriteBack(ctx context.Context, c *needle.Connection, run WriteBackRun) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE connections SET write_back_at = ?, write_back_reason = ?, write_back_failures = ?, write_back_run = NULL
		WHERE workspace_id = ? AND id = ? AND write_back_run = ?`,
		c.WriteBackAt, c.WriteBackReason, c.WriteBackFailures, s.workspace, c.ID, uuid.UUID(run))
	return mapError(err)
}

// RefusedBacklinks counts what the tracker of a connection refuses to show, and says why of the newest.
func (s Scope) RefusedBacklinks(ctx context.Context, id needle.ConnectionID) (n int, reason string, err error) {
	err = s.idb.QueryRowContext(ctx, `
		SELECT count(*), coalesce((array_agg(reason ORDER BY changed_at DESC, issue_id))[1], '') FROM backlinks
		WHERE workspace_id = ? AND connection_id = ? AND state = ?`, s.workspace, id, needle.BacklinkFailed).Scan(&n, &reason)
	return n, reason, mapError(err)
}

// WantedBacklink is what shall be shown beside an issue.
type WantedBacklink struct {
	IssueID needle.IssueID
	// Hash fingerprints the content.
	Hash []byte
}

// QueueBacklinks notes what shall be shown beside issues of a connection and returns how many changed. What is there
// already needs no request; a row that waits because of an earlier failure goes on waiting.
func (s Scope) QueueBacklinks(ctx context.Context, connection needle.ConnectionID, wanted []WantedBacklink) (int, error) {
	if len(wanted) == 0 {
		return 0, nil
	}
	ids, hashes := make([]string, len(wanted)), make([][]byte, len(wanted))
	for i, w := range wanted {
		ids[i], hashes[i] = w.IssueID.Raw().String(), w.Hash
	}
	changed := 0
	// The join keeps rows that say so already from being locked, and so from being written.
	err := s.plain(ctx, `
		INSERT INTO backlinks AS o (workspace_id, issue_id, connection_id, state, wanted_hash, changed_at)
		SELECT $1, n.issue_id, $2, 'PENDING', n.hash, $3
		FROM unnest($4::uuid[], $5::bytea[]) AS n(issue_id, hash)
		LEFT JOIN backlinks AS was ON was.workspace_id = $1 AND was.issue_id = n.issue_id
		WHERE was.wanted_hash IS DISTINCT FROM n.hash
		ORDER BY n.issue_id
		ON CONFLICT (workspace_id, issue_id) DO UPDATE SET wanted_hash = EXCLUDED.wanted_hash, changed_at = EXCLUDED.changed_at,
			state = CASE WHEN o.written_hash = EXCLUDED.wanted_hash THEN 'WRITTEN' ELSE 'PENDING' END,
			not_before = CASE WHEN o.state = 'PENDING' THEN o.not_before END, reason = ''
		RETURNING 1`,
		[]any{s.workspace, connection, s.Now(), pq.Array(ids), pq.Array(hashes)}, func(*sql.Rows) error {
			changed++
			return nil
		})
	return changed, err
}

// QueueRemovals notes that nothing shall be shown any more beside issues of a connection whose work serves no key result,
// and returns how many changed. Beside an issue that is gone nothing is shown, but it may come back with what was there.
func (s Scope) QueueRemovals(ctx context.Context, connection needle.ConnectionID) (int, error) {
	return s.dropBacklinks(ctx, connection, `(o.wanted_hash IS NOT NULL OR o.state = 'WRITTEN' OR o.state = 'REMOVED' AND o.present AND i.gone_at IS NULL)
		AND (i.gone_at IS NOT NULL OR NOT EXISTS (
			SELECT 1 FROM backlog_items AS b JOIN contributions AS c ON c.workspace_id = ?0 AND c.item_id = b.id AND c.valid_to IS NULL
			WHERE b.workspace_id = ?0 AND b.issue_id = o.issue_id))`)
}

// QueueAllRemovals notes that nothing shall be shown any more beside any issue of a connection.
func (s Scope) QueueAllRemovals(ctx context.Context, connection needle.ConnectionID) (int, error) {
	return s.dropBacklinks(ctx, connection, "(o.wanted_hash IS NOT NULL OR o.present)")
}

func (s Scope) dropBacklinks(ctx context.Context, connection needle.ConnectionID, which string) (int, error) {
	res, err := s.idb.ExecContext(ctx, `
		UPDATE backlinks AS o SET wanted_hash = NULL, changed_at = ?2, reason = '',
			written_hash = CASE WHEN i.gone_at IS NULL THEN o.written_hash END,
			state = CASE WHEN o.present AND i.gone_at IS NULL THEN 'PENDING' ELSE 'REMOVED' END,
			not_before = CASE WHEN o.state = 'PENDING' THEN o.not_before END
		FROM issues AS i
		WHERE o.workspace_id = ?0 AND o.connection_id = ?1 AND i.workspace_id = ?0 AND i.id = o.issue_id AND `+which,
		s.workspace, connection, s.Now())
	return affected(res, err)
}

// LeaveBacklinks stops wanting anything of what a connection shows: what is written stays as it is, what is not is not.
func (s Scope) LeaveBacklinks(ctx context.Context, connection needle.ConnectionID) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE backlinks SET wanted_hash = written_hash, state = CASE WHEN present THEN 'WRITTEN' ELSE 'REMOVED' END,
			not_before = NULL, reason = '', changed_at = ?
		WHERE workspace_id = ? AND connection_id = ? AND state IN ('PENDING', 'FAILED')`, s.Now(), s.workspace, connection)
	return mapError(err)
}

// RetryBacklinks lets what a tracker refused be tried again and returns how much there is: all of it, or what was to wait
// until now.
func (s Scope) RetryBacklinks(ctx context.Context, connection needle.ConnectionID, all bool) (int, error) {
	res, err := s.idb.ExecContext(ctx, `
		UPDATE backlinks SET state = 'PENDING', not_before = NULL, reason = ''
		WHERE workspace_id = ? AND connection_id = ? AND state = 'FAILED' AND (? OR not_before <= ?)`,
		s.workspace, connection, all, s.Now())
	return affected(res, err)
}

func affected(res sql.Result, err error) (int, error) {
	if err != nil {
		return 0, mapError(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("counting changed rows: %w", err)
	}
	return int(n), nil
}

// NextBacklink reads, and inside a transaction holds, the backlink of a connection that waits longest and may be sent
// now; nil when there is none.
func (s Scope) NextBacklink(ctx context.Context, connection needle.ConnectionID) (*OutboxBacklink, error) {
	sh := shapeOf[needle.Backlink](nil)
	var found *OutboxBacklink
	err := s.each(ctx, "SELECT t.wanted_hash, t.written_hash, t.present, "+sh.columns+` FROM backlinks AS t
		WHERE t.workspace_id = ? AND t.connection_id = ? AND t.state = 'PENDING' AND (t.not_before IS NULL OR t.not_before <= ?)
		ORDER BY t.changed_at, t.issue_id LIMIT 1`+s.lockClause(), []any{s.workspace, connection, s.Now()}, func(r *sql.Rows) error {
		found = new(OutboxBacklink)
		return sh.scan(r, &found.Backlink, &found.Wanted, &found.Written, &found.Present)
	})
	return found, err
}

// NextBacklinkAt is when a backlink of a connection may be sent next; nil when none waits. One that may be sent now is due
// since it was queued.
func (s Scope) NextBacklinkAt(ctx context.Context, connection needle.ConnectionID) (*time.Time, error) {
	var at *time.Time
	err := s.idb.QueryRowContext(ctx, `
		SELECT min(greatest(changed_at, not_before)) FROM backlinks WHERE workspace_id = ? AND connection_id = ? AND state = 'PENDING'`,
		s.workspace, connection).Scan(&at)
	return at, mapError(err)
}

// SendBacklink notes, before the request, that a backlink is being written, or removed when Wanted is nil: whatever
// becomes of the request, what the tracker shows is unknown until then, and nobody else sends this one before NotBefore.
// It also takes the connection's turn.
func (s Scope) SendBacklink(ctx context.Context, b *OutboxBacklink) error {
	b.Present, b.Written = b.Present || b.Wanted != nil, nil
	b.Attempts++
	_, err := s.idb.ExecContext(ctx, `
		WITH turn AS (UPDATE connections SET wrote_back_at = ?0 WHERE workspace_id = ?1 AND id = ?2)
		UPDATE backlinks SET wanted_hash = ?3, written_hash = NULL, present = ?4, attempts = ?5, not_before = ?6
		WHERE workspace_id = ?1 AND issue_id = ?7`,
		s.Now(), s.workspace, b.ConnectionID, b.Wanted, b.Present, b.Attempts, b.NotBefore, b.IssueID)
	return mapError(err)
}

// KeepBacklink stores what is wanted of a backlink for which that takes no request, and its state.
func (s Scope) KeepBacklink(ctx context.Context, b *OutboxBacklink) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE backlinks SET wanted_hash = ?, state = ?, attempts = 0, not_before = NULL, reason = '' WHERE workspace_id = ? AND issue_id = ?`,
		b.Wanted, b.State, s.workspace, b.IssueID)
	return mapError(err)
}

// SettleBacklink stores what became of a request that SendBacklink noted with a NotBefore of lease. What changed meanwhile
// is not lost: a backlink of which something else is wanted by now stays PENDING. It does nothing when the backlink was
// sent again since.
func (s Scope) SettleBacklink(ctx context.Context, b *OutboxBacklink, lease time.Time) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE backlinks SET written_hash = ?0, present = ?1, written_at = ?2, attempts = ?3, not_before = ?4, reason = ?5,
			state = CASE WHEN wanted_hash IS DISTINCT FROM ?6 THEN 'PENDING' ELSE ?7 END
		WHERE workspace_id = ?8 AND issue_id = ?9 AND not_before = ?10`,
		b.Written, b.Present, b.WrittenAt, b.Attempts, b.NotBefore, b.Reason, b.Wanted, b.State, s.workspace, b.IssueID, lease)
	return mapError(err)
}
