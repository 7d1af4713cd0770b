package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// SourceList asks for a list of sources.
type SourceList = needle.ListArgs[needle.SourceFilter, needle.SourceOrderField]

var sources = listing[needle.Source, needle.SourceFilter, needle.SourceOrderField]{
	orders: map[needle.SourceOrderField]orderKey[needle.Source]{
		needle.SourceByRemoteKey: byText("remote_key", func(r *needle.Source) string { return r.RemoteKey }),
		needle.SourceByCreatedAt: byTime("created_at", func(r *needle.Source) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.SourceByRemoteKey, needle.Asc),
	filter: sourceFilter,
	id:     func(row *needle.Source) uuid.UUID { return row.ID.UUID },
}

func sourceFilter(w *where, f *needle.SourceFilter) {
	w.text("remote_key", f.RemoteKey)
	compare(w, "state", f.State)
	w.usually("removed_at IS NOT NULL", f.Removed.IsSet(), f.Removed.Value())
	nest(w, f.And, f.Or, f.Not, sourceFilter)
}

// Sources reads one page of sources. Malformed arguments answer coded Errors.
func (s Scope) Sources(ctx context.Context, q SourceList) (*needle.Page[*needle.Source], error) {
	return sources.page(ctx, s, q)
}

// SourcesByConnection reads one page of sources of each connection.
func (s Scope) SourcesByConnection(ctx context.Context, parents []needle.ConnectionID, q SourceList) ([]*needle.Page[*needle.Source], error) {
	return below(ctx, s, &sources, relation{column: "t.connection_id"}, parents, q)
}

// SourcesByID reads sources; the answer lies parallel to ids, nil where there is none.
func (s Scope) SourcesByID(ctx context.Context, ids []needle.SourceID) ([]*needle.Source, error) {
	return sources.byIDs(ctx, s, raw(ids))
}

// UpdateSource stores a source that a person changed. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateSource(ctx context.Context, row *needle.Source) error {
	return s.update(ctx, row)
}

// Source reads one source, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Source(ctx context.Context, id needle.SourceID) (*needle.Source, error) {
	return sources.one(ctx, s, id.UUID, "source")
}

// SourceKeys reads the keys of all sources of a connection, those that were taken away among them.
func (s Scope) SourceKeys(ctx context.Context, connection needle.ConnectionID) ([]string, error) {
	var keys []string
	err := s.each(ctx, "SELECT remote_key FROM sources WHERE workspace_id = ? AND connection_id = ? ORDER BY remote_key",
		[]any{s.workspace, connection}, func(r *sql.Rows) error {
			var key string
			err := r.Scan(&key)
			keys = append(keys, key)
			return err
		})
	return keys, err
}

// ReadKeys reads the keys of the sources that a connection reads.
func (s Scope) ReadKeys(ctx context.Context, connection needle.ConnectionID) ([]string, error) {
	there, err := s.SyncSources(ctx, connection)
	keys := make([]string, len(there))
	for i, source := range there {
		keys[i] = source.RemoteKey
	}
	return keys, err
}

// offers is the list that cursors of what a tracker offers belong to.
const offers = "available_sources"

// OfferCursor signs a tracker's own cursor, so that it comes back as it was; the empty one is nil.
func (s Scope) OfferCursor(cursor string) *string {
	if cursor == "" {
		return nil
	}
	text := s.cursor(offers, []string{cursor})
	return &text
}

// ParseOfferCursor returns what OfferCursor signed; nil is the empty one. It answers INVALID_CURSOR.
func (s Scope) ParseOfferCursor(cursor *string) (string, error) {
	if cursor == nil {
		return "", nil
	}
	values, err := s.parseCursor("input.after", offers, *cursor, 1)
	if err != nil {
		return "", err
	}
	return values[0], nil
}

// RestoreSource lets a source be read again that was taken away, and reports whether there is one of that key. It goes on
// where it stopped, and is counted then.
func (s Scope) RestoreSource(ctx context.Context, connection needle.ConnectionID, key string) (bool, error) {
	res, err := s.idb.ExecContext(ctx, `
		UPDATE sources SET removed_at = NULL, lost_at = removed_at, retry_at = NULL, state = ?, state_reason = '', etag = '',
			updated_at = ?, version = version + 1
		WHERE workspace_id = ? AND connection_id = ? AND lower(remote_key) = lower(?) AND removed_at IS NOT NULL`,
		needle.SourcePending, s.Now(), s.workspace, connection, key)
	if err != nil {
		return false, mapError(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("counting updated rows: %w", err)
	}
	return n > 0, nil
}

// InsertSource stores a new source.
func (s Scope) InsertSource(ctx context.Context, row *needle.Source) error { return s.insert(ctx, row) }
