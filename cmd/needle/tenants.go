package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// What an operator sees across workspaces and callers do not.

// workspaces lists the ids of all workspaces.
func workspaces(ctx context.Context, db *store.Store) ([]needle.WorkspaceID, error) {
	rows, err := db.DB().QueryContext(ctx, "SELECT id FROM workspaces ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("listing the workspaces: %w", err)
	}
	defer rows.Close()
	var ids []needle.WorkspaceID
	for rows.Next() {
		var id needle.WorkspaceID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("listing the workspaces: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// tokens lists the tokens of a workspace, oldest first.
func tokens(ctx context.Context, db *store.Store, scope store.Scope) ([]*needle.APIToken, error) {
	var list []*needle.APIToken
	err := db.DB().NewSelect().Model(&list).Where("workspace_id = ?", scope.WorkspaceID()).Order("created_at", "id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the tokens: %w", err)
	}
	return list, nil
}

// workspaceScope finds a workspace by its short name, or the only one.
func workspaceScope(ctx context.Context, db *store.Store, slug string) (store.Scope, error) {
	if slug != "" {
		w, err := db.WorkspaceBySlug(ctx, slug)
		if err != nil {
			return store.Scope{}, fmt.Errorf("looking for the workspace %q: %w", slug, err)
		}
		return db.In(w.ID), nil
	}
	ids, err := workspaces(ctx, db)
	switch {
	case err != nil:
		return store.Scope{}, err
	case len(ids) == 0:
		return store.Scope{}, errors.New("there is no workspace yet: needle init makes one")
	case len(ids) > 1:
		return store.Scope{}, &usageError{"there are several workspaces: name one with --workspace"}
	}
	return db.In(ids[0]), nil
}
