package bench

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/bench/dataset"
	"github.com/needle-okr/needle/bench/limit"
	"github.com/needle-okr/needle/bench/queries"
	"github.com/needle-okr/needle/internal/needle"
)

// limitAnswer is what the limit says to request i of a query.
func limitAnswer(t *testing.T, db *sql.DB, f dataset.Facts, q queries.Query, i int) string {
	t.Helper()
	bodies, err := q.Bodies()
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(bodies[i])))
	limit.New(db, f.Workspace).ServeHTTP(recorder, request)
	return recorder.Body.String()
}

func someItems(b *testing.B, db *sql.DB, n int) []needle.BacklogItemID {
	b.Helper()
	ids := make([]needle.BacklogItemID, 0, n)
	rows, err := db.QueryContext(b.Context(), `SELECT id FROM backlog_items ORDER BY md5(id::text) LIMIT $1`, n)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // Its error repeats what Err says.
	for rows.Next() {
		var id needle.BacklogItemID
		if err := rows.Scan(&id); err != nil {
			b.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return ids
}

func bunScan(ctx context.Context, db *bun.DB, workspace needle.WorkspaceID, ids []needle.BacklogItemID) (int, error) {
	var items []*needle.BacklogItem
	err := db.NewSelect().Model(&items).Where("workspace_id = ?", workspace).Where("id IN ?", bun.Tuple(ids)).Scan(ctx)
	return len(items), err
}

// handScan reads items by prepared statements.
type handScan struct {
	workspace     uuid.UUID
	all, selected *sql.Stmt
}

func newHandScan(ctx context.Context, db *bun.DB, workspace needle.WorkspaceID) (*handScan, error) {
	h := &handScan{workspace: workspace.UUID}
	const from = ` FROM backlog_items WHERE workspace_id = $1 AND id = ANY($2::uuid[])`
	var err error
	if h.all, err = db.DB.PrepareContext(ctx, `SELECT workspace_id, created_at, updated_at, version, id, number, team_id, issue_id, title,
		description, status, stage, moscow, effort, parent_id, started_at, delivered_at, created_by`+from); err != nil {
		return nil, err
	}
	h.selected, err = db.DB.PrepareContext(ctx, `SELECT id, number, title, status, moscow, updated_at`+from)
	return h, err
}

func (h *handScan) close() {
	_ = h.all.Close() // The connection goes with the benchmark.
	_ = h.selected.Close()
}

func (h *handScan) whole(ctx context.Context, ids []needle.BacklogItemID) (int, error) {
	var items []*needle.BacklogItem
	err := h.each(ctx, h.all, ids, func(rows *sql.Rows) error {
		i := new(needle.BacklogItem)
		items = append(items, i)
		return rows.Scan(&i.WorkspaceID.UUID, &i.CreatedAt, &i.UpdatedAt, &i.Version, &i.ID.UUID, &i.Number, &i.TeamID.UUID, &i.IssueID, &i.Title,
			&i.Description, &i.Status, &i.Stage, &i.Moscow, &i.Effort, &i.ParentID, &i.StartedAt, &i.DeliveredAt, &i.CreatedBy)
	})
	return len(items), err
}

func (h *handScan) shown(ctx context.Context, ids []needle.BacklogItemID) (int, error) {
	type row struct {
		id            uuid.UUID
		number        int64
		title, status string
		moscow        sql.NullString
		lastChangedAt time.Time
	}
	var items []row
	err := h.each(ctx, h.selected, ids, func(rows *sql.Rows) error {
		var i row
		err := rows.Scan(&i.id, &i.number, &i.title, &i.status, &i.moscow, &i.lastChangedAt)
		items = append(items, i)
		return err
	})
	return len(items), err
}

func (h *handScan) each(ctx context.Context, stmt *sql.Stmt, ids []needle.BacklogItemID, row func(*sql.Rows) error) error {
	text := make([]string, len(ids))
	for i, id := range ids {
		text[i] = id.UUID.String()
	}
	rows, err := stmt.QueryContext(ctx, h.workspace, "{"+strings.Join(text, ",")+"}")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Its error repeats what Err says.
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
