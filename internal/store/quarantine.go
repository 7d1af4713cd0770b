package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// QuarantinedIssueList asks for a list of quarantined issues.
type QuarantinedIssueList = needle.ListArgs[needle.QuarantinedIssueFilter, needle.QuarantinedIssueOrderField]

var quarantined = listing[needle.QuarantinedIssue, needle.QuarantinedIssueFilter, needle.QuarantinedIssueOrderField]{
	orders: map[needle.QuarantinedIssueOrderField]orderKey[needle.QuarantinedIssue]{
		needle.QuarantinedIssueByLastSeenAt: byTime("last_seen_at", func(r *needle.QuarantinedIssue) time.Time { return r.LastSeenAt }),
	},
	usual:  order(needle.QuarantinedIssueByLastSeenAt, needle.Desc),
	filter: quarantinedFilter,
	id:     func(row *needle.QuarantinedIssue) uuid.UUID { return row.ID },
}

func quarantinedFilter(w *where, f *needle.QuarantinedIssueFilter) {
	w.text("remote_key", f.RemoteKey)
	w.text("reason", f.Reason)
	w.usually("resolved_at IS NOT NULL", f.Resolved.IsSet(), f.Resolved.Value())
	nest(w, f.And, f.Or, f.Not, quarantinedFilter)
}

// QuarantinedBySource reads one page of quarantined issues of each source, without their raw bodies.
func (s Scope) QuarantinedBySource(ctx context.Context, parents []needle.SourceID, q QuarantinedIssueList) ([]*needle.Page[*needle.QuarantinedIssue], error) {
	return below(ctx, s, &quarantined, relation{column: "t.source_id"}, parents, q)
}

// QuarantinedRaws reads the first bytes of the raw bodies of quarantined issues, by id.
func (s Scope) QuarantinedRaws(ctx context.Context, ids []uuid.UUID, limit int) (map[uuid.UUID]string, error) {
	raws := make(map[uuid.UUID]string, len(ids))
	err := s.each(ctx, `
		SELECT id, substring(raw FROM 1 FOR ?) FROM quarantined_issues WHERE workspace_id = ? AND id = ANY(?::uuid[])`,
		[]any{limit, s.workspace, uuids(ids)}, func(r *sql.Rows) error {
			var id uuid.UUID
			var raw []byte
			err := r.Scan(&id, &raw)
			raws[id] = needle.Clean(string(raw))
			return err
		})
	return raws, err
}

// namelessPrefix begins the made-up ids of records that do not tell theirs.
const namelessPrefix = "sha256:"

// BrokenIssue is a record that could not be understood.
type BrokenIssue struct {
	// RemoteID is the tracker's id; empty when not even that could be read.
	RemoteID string
	// RemoteKey is what people call it there; empty when that could not be read.
	RemoteKey string
	// Raw is the record as received.
	Raw []byte
	// Reason says what is wrong with it.
	Reason string
}

// QuarantineIssues keeps records that could not be understood, each once.
func (s Scope) QuarantineIssues(ctx context.Context, connection needle.ConnectionID, source needle.SourceID, broken []BrokenIssue) error {
	if len(broken) == 0 {
		return nil
	}
	var ids, remote, keys, reasons []string
	var raws [][]byte
	seen := map[string]bool{}
	for _, b := range broken {
		if b.RemoteID == "" {
			sum := sha256.Sum256(b.Raw)
			b.RemoteID = namelessPrefix + hex.EncodeToString(sum[:])
		}
		if seen[b.RemoteID] {
			continue
		}
		seen[b.RemoteID] = true
		ids, remote = append(ids, uuid.Must(uuid.NewV7()).String()), append(remote, b.RemoteID)
		keys, raws, reasons = append(keys, b.RemoteKey), append(raws, b.Raw), append(reasons, b.Reason)
	}
	return s.plain(ctx, `
		INSERT INTO quarantined_issues AS q
			(workspace_id, connection_id, source_id, first_seen_at, last_seen_at, id, remote_id, remote_key, raw, reason)
		SELECT $1, $2, $3, $4, $4, n.* FROM unnest($5::uuid[], $6::text[], $7::text[], $8::bytea[], $9::text[]) AS n
		ON CONFLICT (workspace_id, source_id, remote_id) DO UPDATE SET raw = EXCLUDED.raw, reason = EXCLUDED.reason,
			remote_key = EXCLUDED.remote_key,
			last_seen_at = greatest(q.first_seen_at, EXCLUDED.last_seen_at), resolved_at = NULL`,
		[]any{
			s.workspace, connection, source, s.Now(), pq.Array(ids), pq.Array(remote), pq.Array(keys), pq.Array(raws),
			pq.Array(reasons),
		},
		func(*sql.Rows) error { return nil })
}

// ResolveQuarantined ends the quarantine of records that were understood in the end.
func (s Scope) ResolveQuarantined(ctx context.Context, source needle.SourceID, remoteIDs []string) error {
	return s.plain(ctx, `
		UPDATE quarantined_issues SET resolved_at = greatest(last_seen_at, $3)
		WHERE workspace_id = $1 AND source_id = $2 AND resolved_at IS NULL AND remote_id = ANY($4::text[])`,
		[]any{s.workspace, source, s.Now(), pq.Array(remoteIDs)}, func(*sql.Rows) error { return nil })
}

// QuarantinedNames reads what names the quarantined issues of a source that were not understood yet; nameless counts those
// that nothing names.
func (s Scope) QuarantinedNames(ctx context.Context, source needle.SourceID) (names []BrokenIssue, nameless int, err error) {
	err = s.each(ctx, `
		SELECT remote_id, remote_key, starts_with(remote_id, ?) AND remote_key = '' FROM quarantined_issues
		WHERE workspace_id = ? AND source_id = ? AND resolved_at IS NULL ORDER BY id`,
		[]any{namelessPrefix, s.workspace, source}, func(r *sql.Rows) error {
			var one BrokenIssue
			var unnamed bool
			err := r.Scan(&one.RemoteID, &one.RemoteKey, &unnamed)
			if unnamed {
				nameless++
			} else {
				names = append(names, one)
			}
			return err
		})
	return names, nameless, err
}

// SetRetryQuarantined notes whether the quarantined issues of a source are to be read again. With anew the source is read
// from its beginning, for the sake of those that nothing names; what is nameless then is no longer set aside, and comes
// back if it still cannot be understood.
func (s Scope) SetRetryQuarantined(ctx context.Context, source needle.SourceID, on, anew bool) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE sources SET retry_quarantined = ?, updated_at = ? WHERE workspace_id = ? AND id = ?`, on, s.Now(), s.workspace, source)
	if err != nil || !anew {
		return mapError(err)
	}
	_, err = s.idb.ExecContext(ctx, `
		UPDATE sources SET watermark = NULL, backfilled_at = NULL, etag = '', cursor = '' WHERE workspace_id = ? AND id = ?`, s.workspace, source)
	if err != nil {
		return mapError(err)
	}
	_, err = s.idb.ExecContext(ctx, `
		UPDATE quarantined_issues SET resolved_at = greatest(last_seen_at, ?)
		WHERE workspace_id = ? AND source_id = ? AND resolved_at IS NULL AND starts_with(remote_id, ?) AND remote_key = ''`,
		s.Now(), s.workspace, source, namelessPrefix)
	return mapError(err)
}
