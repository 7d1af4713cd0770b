package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// DueConnection is a connection for which something is due.
type DueConnection struct {
	WorkspaceID  needle.WorkspaceID
	ConnectionID needle.ConnectionID
	// Since is when it fell due.
	Since time.Time
}

// dueConnections reads the workspace and id of connections and since when something is due for them. The schedule looks
// across workspaces; nothing but these leaves it.
func (s *Store) dueConnections(ctx context.Context, query string, args ...any) ([]DueConnection, error) {
	var due []DueConnection
	all := Scope{idb: s.db}
	err := all.each(ctx, query, args, func(r *sql.Rows) error {
		var d DueConnection
		err := r.Scan(&d.WorkspaceID, &d.ConnectionID, &d.Since)
		due = append(due, d)
		return err
	})
	return due, err
}
