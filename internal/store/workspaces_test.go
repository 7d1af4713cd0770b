package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestWorkspaces_listsEveryTenant(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	a, b := storetest.Seed(t, db), storetest.Seed(t, db)
	got, err := store.New(db, store.Config{}).Workspaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[needle.WorkspaceID]bool{a.Workspace.ID: true, b.Workspace.ID: true}
	if len(got) != 2 || !want[got[0]] || !want[got[1]] || got[0] == got[1] {
		t.Errorf("got %v", got)
	}
}

func TestAPITokens_areTheWorkspacesOwn(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	a, b := storetest.Seed(t, db), storetest.Seed(t, db)
	mine, _ := a.Token()
	b.Token()
	got, err := store.New(db, store.Config{}).In(a.Workspace.ID).APITokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]*needle.APIToken{mine}, got); diff != "" {
		t.Error(diff)
	}
}
