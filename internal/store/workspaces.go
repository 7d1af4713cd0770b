package store

import (
	"context"
	"database/sql"

	"github.com/needle-okr/needle/internal/needle"
)

// InsertWorkspace stores a new tenant with the categories every one starts with. A taken slug answers DUPLICATE.
func (s *Store) InsertWorkspace(ctx context.Context, row *needle.Workspace) error {
	return s.In(row.ID).InTx(ctx, func(ctx context.Context, tx Scope) error {
		if err := tx.insert(ctx, row); err != nil {
			return err
		}
		categories := needle.DefaultCategories(row.ID, row.CreatedAt)
		return tx.insert(ctx, &categories)
	})
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
	return s.readWorkspace(ctx, s.lockClause())
}

func (s Scope) readWorkspace(ctx context.Context, lock string) (*needle.Workspace, error) {
	sh := shapeOf[needle.Workspace](nil)
	rows, err := readRows[needle.Workspace](ctx, s, sh, "SELECT "+sh.columns+" FROM workspaces AS t WHERE t.id = ?"+lock, s.workspace)
	if err == nil && len(rows) == 0 {
		err = needle.NotFound("", "workspace")
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// Policy reads what the workspace demands. It locks nothing, or everybody's changes would queue on the workspace's row.
func (s Scope) Policy(ctx context.Context) (needle.Policy, error) {
	w, err := s.readWorkspace(ctx, "")
	if err != nil {
		return needle.Policy{}, err
	}
	return w.Policy, nil
}

// UpdateWorkspace stores a changed workspace. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateWorkspace(ctx context.Context, row *needle.Workspace) error {
	return s.update(ctx, row)
}
