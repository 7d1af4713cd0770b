package store

import (
	"context"
	"database/sql"

	"github.com/needle-okr/needle/internal/needle"
)

// SyncChannel is the channel of the database on which changes of how passes stand are told.
const SyncChannel = "needle_sync"

// NotifySync tells every process, when the transaction commits, that something about the passes over a connection changed.
// What changed is for each listener to read, with its own rights: the message names the connection and says nothing of it.
func (s Scope) NotifySync(ctx context.Context, id needle.ConnectionID) error {
	_, err := s.idb.ExecContext(ctx, "SELECT pg_notify(?, ?)", SyncChannel, s.workspace.String()+"/"+id.String())
	return mapError(err)
}

// SyncProgress reads how the latest pass over a connection gets on. It answers NOT_FOUND.
func (s Scope) SyncProgress(ctx context.Context, id needle.ConnectionID) (*needle.SyncProgress, error) {
	conn, err := s.Connection(ctx, id)
	if err != nil {
		return nil, err
	}
	sh := shapeOf[needle.SyncRun](nil)
	p := &needle.SyncProgress{Connection: conn, At: s.Now()}
	err = s.each(ctx, "SELECT "+sh.columns+` FROM sync_runs AS t WHERE t.workspace_id = ? AND t.connection_id = ?
		ORDER BY t.state = ? DESC, t.started_at DESC, t.id DESC LIMIT 1`,
		[]any{s.workspace, id, needle.SyncRunning}, func(r *sql.Rows) error {
			p.Run = new(needle.SyncRun)
			return sh.scan(r, p.Run)
		})
	return p, err
}
