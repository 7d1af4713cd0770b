package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/needle-okr/needle/internal/store"
)

// workspaceScope finds a workspace by its short name, or the only one.
func workspaceScope(ctx context.Context, db *store.Store, slug string) (store.Scope, error) {
	if slug != "" {
		w, err := db.WorkspaceBySlug(ctx, slug)
		if err != nil {
			return store.Scope{}, fmt.Errorf("looking for the workspace %q: %w", slug, err)
		}
		return db.In(w.ID), nil
	}
	ids, err := db.Workspaces(ctx)
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
