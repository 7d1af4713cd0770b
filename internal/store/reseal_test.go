package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func key(b byte) []byte {
	out := make([]byte, 32)
	for i := range out {
		out[i] = b
	}
	return out
}

func TestReseal_movesEverythingToTheCurrentKey(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	open := func(current string, keys map[string][]byte) *store.Store {
		return store.New(storetest.Open(t, address), store.Config{Keys: store.KeyRing{Current: current, Keys: keys}})
	}
	old := open("old", map[string][]byte{"old": key(1)})
	both := open("new", map[string][]byte{"new": key(2), "old": key(1)})
	alone := open("new", map[string][]byte{"new": key(2)})
	secrets := map[string]string{"token": "very secret"}
	type place struct {
		workspace needle.WorkspaceID
		id        needle.ConnectionID
	}
	var places []place
	for range 2 {
		f := storetest.Seed(t, old.DB())
		for range 5 {
			conn := f.Connection()
			if err := old.In(f.Workspace.ID).SetConnectionSecrets(t.Context(), conn.ID, secrets); err != nil {
				t.Fatal(err)
			}
			places = append(places, place{f.Workspace.ID, conn.ID})
		}
		f.Connection() // Without secrets.
	}
	uses := func(s *store.Store) []store.KeyUse {
		t.Helper()
		got, err := s.KeyUses(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if diff := cmp.Diff([]store.KeyUse{{KeyID: "new", Held: true, Current: true}, {KeyID: "old", Sealed: 10, Held: true}}, uses(both)); diff != "" {
		t.Errorf("before: %s", diff)
	}
	if diff := cmp.Diff([]store.KeyUse{{KeyID: "new", Held: true, Current: true}, {KeyID: "old", Sealed: 10}}, uses(alone)); diff != "" {
		t.Errorf("without the old key: %s", diff)
	}
	done, err := alone.Reseal(t.Context(), 2, func(store.Resealing) {})
	if diff := cmp.Diff(store.Resealing{Missing: map[string]int{"old": 10}}, done); diff != "" || err != nil {
		t.Errorf("without the old key: %v %s", err, diff)
	}
	facts, err := alone.In(places[0].workspace).ConnectionFacts(t.Context(), []*needle.Connection{{ID: places[0].id}})
	if err != nil || facts[0].MissingKey != "old" {
		t.Errorf("the missing key is %q, %v", facts[0].MissingKey, err)
	}

	// One that is called off goes on where it stopped.
	ctx, cancel := context.WithCancel(t.Context())
	half, err := both.Reseal(ctx, 2, func(store.Resealing) { cancel() })
	if err == nil || half.Resealed != 2 {
		t.Fatalf("called off: %+v, %v", half, err)
	}
	rest, err := both.Reseal(t.Context(), 2, func(store.Resealing) {})
	if err != nil || rest.Resealed != 8 {
		t.Errorf("the rest: %+v, %v", rest, err)
	}
	if diff := cmp.Diff([]store.KeyUse{{KeyID: "new", Sealed: 10, Held: true, Current: true}, {KeyID: "old", Held: true}}, uses(both)); diff != "" {
		t.Errorf("after: %s", diff)
	}
	for _, p := range places {
		got, err := alone.In(p.workspace).ConnectionSecrets(t.Context(), p.id)
		if diff := cmp.Diff(secrets, got); diff != "" || err != nil {
			t.Errorf("the old key can be taken away: %v %s", err, diff)
		}
	}
	if _, err := open("", nil).Reseal(t.Context(), 2, func(store.Resealing) {}); err == nil {
		t.Error("it seals without a key")
	}
}

func TestReseal_leavesWhatDoesNotOpen(t *testing.T) {
	t.Parallel()
	s := store.New(storetest.New(t), store.Config{Keys: store.KeyRing{Current: "new", Keys: map[string][]byte{"new": key(2), "old": key(1)}}})
	f := storetest.Seed(t, s.DB())
	conn := f.Connection()
	if _, err := s.DB().ExecContext(t.Context(), `UPDATE connections SET sealed_secrets = 'nonsense', sealed_key_id = 'old' WHERE id = ?`, conn.ID); err != nil {
		t.Fatal(err)
	}
	done, err := s.Reseal(t.Context(), 10, func(store.Resealing) {})
	if err != nil || done.Broken != 1 || done.Resealed != 0 {
		t.Errorf("%+v, %v", done, err)
	}
}
