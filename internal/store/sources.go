package store

import (
	"context"
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

// InsertSource stores a new source.
func (s Scope) InsertSource(ctx context.Context, row *needle.Source) error { return s.insert(ctx, row) }
