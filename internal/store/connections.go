package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ConnectionList asks for a list of connections.
type ConnectionList = needle.ListArgs[needle.ConnectionFilter, needle.ConnectionOrderField]

var connections = listing[needle.Connection, needle.ConnectionFilter, needle.ConnectionOrderField]{
	orders: map[needle.ConnectionOrderField]orderKey[needle.Connection]{
		needle.ConnectionByName:      byText("name", func(r *needle.Connection) string { return r.Name }),
		needle.ConnectionByCreatedAt: byTime("created_at", func(r *needle.Connection) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.ConnectionByName, needle.Asc),
	filter: connectionFilter,
	id:     func(row *needle.Connection) uuid.UUID { return row.ID.UUID },
}

func connectionFilter(w *where, f *needle.ConnectionFilter) {
	w.text("kind", f.Kind)
	w.text("name", f.Name)
	compare(w, "state", f.State)
	nest(w, f.And, f.Or, f.Not, connectionFilter)
}

// Connections reads one page of connections. Malformed arguments answer coded Errors.
func (s Scope) Connections(ctx context.Context, q ConnectionList) (*needle.Page[*needle.Connection], error) {
	return connections.page(ctx, s, q)
}

// ConnectionsByID reads connections; the answer lies parallel to ids, nil where there is none.
func (s Scope) ConnectionsByID(ctx context.Context, ids []needle.ConnectionID) ([]*needle.Connection, error) {
	return connections.byIDs(ctx, s, raw(ids))
}

// Connection reads one connection, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Connection(ctx context.Context, id needle.ConnectionID) (*needle.Connection, error) {
	return connections.one(ctx, s, id.UUID, "connection")
}

// InsertConnection stores a new connection.
func (s Scope) InsertConnection(ctx context.Context, row *needle.Connection) error {
	return s.insert(ctx, row)
}

// UpdateConnection stores a changed connection. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateConnection(ctx context.Context, row *needle.Connection) error {
	return s.update(ctx, row)
}
