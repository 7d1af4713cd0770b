package store

import (
	"context"
	"database/sql"

	"github.com/needle-okr/needle/internal/needle"
)

// InsertWorkspace stores a new tenant. A taken slug answers DUPLICATE.
func (s *Store) InsertWorkspace(ctx context.Context, row *needle.Workspace) error {
	_, err := s.db.NewInsert().Model(row).Exec(ctx)
	return mapError(err)
}

// WorkspaceBySlug finds a tenant by its short name. It answers NOT_FOUND.
func (s *Store) WorkspaceBySlug(ctx context.Context, slug string) (*needle.Workspace, error) {
	sh := shapeOf[needle.Workspace](nil)
	rows, err := readRows[needle.Workspace](ctx, Scope{idb: s.db}, sh,
		"SELECT "+sh.columns+" FROM workspaces AS t WHERE t.slug = ?", slug)
	if err == nil && len(rows) == 0 {
		err = needle.NotFound("", "workspace")
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// Workspaces lists the ids of all tenants, for work that goes round them.
func (s *Store) Workspaces(ctx context.Context) ([]needle.WorkspaceID, error) {
	var ids []needle.WorkspaceID
	err := Scope{idb: s.db}.each(ctx, "SELECT id FROM workspaces ORDER BY id", nil, func(rows *sql.Rows) error {
		var id needle.WorkspaceID
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Workspace reads the tenant, locked when inside a transaction.
func (s Scope) Workspace(ctx context.Context) (*needle.Workspace, error) {
	sh := shapeOf[needle.Workspace](nil)
	rows, err := readRows[needle.Workspace](ctx, s, sh,
		"SELECT "+sh.columns+" FROM workspaces AS t WHERE t.id = ?"+s.lockClause(), s.workspace)
	if err == nil && len(rows) == 0 {
		err = needle.NotFound("", "workspace")
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// UpdateWorkspace stores a changed workspace. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateWorkspace(ctx context.Context, row *needle.Workspace) error {
	return s.update(ctx, row)
}
