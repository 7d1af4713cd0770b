package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// SyncRunList asks for a list of sync runs.
type SyncRunList = needle.ListArgs[needle.SyncRunFilter, needle.SyncRunOrderField]

var syncRuns = listing[needle.SyncRun, needle.SyncRunFilter, needle.SyncRunOrderField]{
	orders: map[needle.SyncRunOrderField]orderKey[needle.SyncRun]{
		needle.SyncRunByStartedAt: byTime("started_at", func(r *needle.SyncRun) time.Time { return r.StartedAt }),
	},
	usual:  order(needle.SyncRunByStartedAt, needle.Desc),
	filter: syncRunFilter,
	id:     func(row *needle.SyncRun) uuid.UUID { return row.ID.UUID },
}

func syncRunFilter(w *where, f *needle.SyncRunFilter) {
	compare(w, "source_id", f.SourceID)
	compare(w, "kind", f.Kind)
	compare(w, "state", f.State)
	w.date("started_at", f.StartedAt)
	nest(w, f.And, f.Or, f.Not, syncRunFilter)
}

// SyncRunsByConnection reads one page of sync runs of each connection.
func (s Scope) SyncRunsByConnection(ctx context.Context, parents []needle.ConnectionID, q SyncRunList) ([]*needle.Page[*needle.SyncRun], error) {
	return below(ctx, s, &syncRuns, relation{column: "t.connection_id"}, parents, q)
}

// SyncRunsBySource reads one page of sync runs of each source.
func (s Scope) SyncRunsBySource(ctx context.Context, parents []needle.SourceID, q SyncRunList) ([]*needle.Page[*needle.SyncRun], error) {
	return below(ctx, s, &syncRuns, relation{column: "t.source_id"}, parents, q)
}

// whole tells sync runs, by what they are called in a statement, that read all there was to read of their source.
func whole(run string) string {
	return "(" + run + ".state = 'SUCCEEDED' AND " + run + ".kind IN ('BACKFILL', 'INCREMENTAL'))"
}

// lastWhole selects when the last run began that read a source whole by an instant; the three are named as in the
// statement around it.
func lastWhole(workspace, source, at string) string {
	return "SELECT r.started_at FROM sync_runs AS r WHERE r.workspace_id = " + workspace + " AND r.source_id = " + source + " AND " + whole("r") +
		" AND r.started_at <= " + at + " AND r.finished_at <= " + at + " ORDER BY r.started_at DESC LIMIT 1"
}

// PruneSyncRuns deletes up to limit sync runs of all workspaces that began before a moment and have keep newer ones of their
// source, and returns how many. Of every six hours the last run stays that read a source whole: by these, answers of
// earlier days know how old their data was.
func (s *Store) PruneSyncRuns(ctx context.Context, before time.Time, keep, limit int) (int, error) {
	res, err := s.db.ExecContext(ctx, `
		DELETE FROM sync_runs AS r USING (
			SELECT o.workspace_id, o.id FROM sources AS s
			CROSS JOIN LATERAL (
				SELECT t.started_at FROM sync_runs AS t WHERE t.workspace_id = s.workspace_id AND t.source_id = s.id
				ORDER BY t.started_at DESC, t.id DESC OFFSET ?0 LIMIT 1) AS kept
			JOIN sync_runs AS o ON o.workspace_id = s.workspace_id AND o.source_id = s.id
				AND o.started_at <= kept.started_at AND o.started_at < ?1 AND o.state <> ?2
			WHERE NOT `+whole("o")+` OR EXISTS (SELECT 1 FROM sync_runs AS n
				WHERE n.workspace_id = o.workspace_id AND n.source_id = o.source_id AND n.started_at > o.started_at
					AND n.started_at < date_bin('6 hours', o.started_at, 'epoch') + interval '6 hours' AND `+whole("n")+`)
			LIMIT ?3) AS old
		WHERE r.workspace_id = old.workspace_id AND r.id = old.id`, keep, before, needle.SyncRunning, limit)
	if err != nil {
		return 0, mapError(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("counting deleted rows: %w", err)
	}
	return int(n), nil
}

// SyncRunsByID reads sync runs; the answer lies parallel to ids, nil where there is none.
func (s Scope) SyncRunsByID(ctx context.Context, ids []needle.SyncRunID) ([]*needle.SyncRun, error) {
	return syncRuns.byIDs(ctx, s, raw(ids))
}

// SyncRun reads one sync run, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) SyncRun(ctx context.Context, id needle.SyncRunID) (*needle.SyncRun, error) {
	return syncRuns.one(ctx, s, id.UUID, "sync run")
}

// InsertSyncRun stores a new sync run.
func (s Scope) InsertSyncRun(ctx context.Context, row *needle.SyncRun) error {
	return s.insert(ctx, row)
}
