package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// ring makes a key ring; every id has a key of its own, and the first one seals.
func ring(ids ...string) store.KeyRing {
	r := store.KeyRing{Current: ids[0], Keys: map[string][]byte{}}
	for _, id := range ids {
		r.Keys[id] = []byte(strings.Repeat(id, 32)[:32])
	}
	return r
}

func sealing(db *bun.DB, f *storetest.Factory, r store.KeyRing) store.Scope {
	return store.New(db, store.Config{Keys: r}).In(f.Workspace.ID)
}

func TestConnectionSecrets_openWithTheKeyThatSealed(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	conn := f.Connection()
	secrets := map[string]string{"token": "very secret", "other": "as well"}
	if err := sealing(db, f, ring("a")).SetConnectionSecrets(t.Context(), conn.ID, secrets); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]store.KeyRing{"the same ring": ring("a"), "a ring with a newer key": ring("b", "a")} {
		got, err := sealing(db, f, r).ConnectionSecrets(t.Context(), conn.ID)
		if diff := cmp.Diff(secrets, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	if err := sealing(db, f, ring("b", "a")).SetConnectionSecrets(t.Context(), conn.ID, secrets); err != nil {
		t.Fatal(err)
	}
	if _, err := sealing(db, f, ring("b")).ConnectionSecrets(t.Context(), conn.ID); err != nil {
		t.Errorf("sealed again, it needs the old key: %v", err)
	}
	var row string
	if err := db.QueryRowContext(t.Context(), `SELECT c::text || encode(sealed_secrets, 'escape') FROM connections AS c`).Scan(&row); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(row, "secret\"") || strings.Contains(row, "very") || !strings.Contains(row, ",b,") {
		t.Errorf("the row is %s", row)
	}
}

func TestConnectionSecrets_ofAConnectionWithoutAny(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	conn := f.Connection()
	scope := sealing(db, f, store.KeyRing{})
	if got, err := scope.ConnectionSecrets(t.Context(), conn.ID); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := scope.ConnectionSecrets(t.Context(), needle.NewConnectionID()); !errors.Is(err, needle.ErrNotFound) {
		t.Errorf("an unknown connection answers %v", err)
	}
	if err := scope.SetConnectionSecrets(t.Context(), conn.ID, map[string]string{"token": "x"}); !errors.Is(err, store.ErrNoKey) {
		t.Errorf("without a key sealing answers %v", err)
	}
	sealed := sealing(db, f, ring("a"))
	if err := sealed.SetConnectionSecrets(t.Context(), conn.ID, map[string]string{"token": "x"}); err != nil {
		t.Fatal(err)
	}
	if err := sealed.SetConnectionSecrets(t.Context(), conn.ID, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := sealed.ConnectionSecrets(t.Context(), conn.ID); err != nil || len(got) != 0 {
		t.Errorf("after they were taken away: %v, %v", got, err)
	}
}

func TestConnectionSecrets_doNotOpenElsewhereOrAltered(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f, foreign := storetest.Seed(t, db), storetest.Seed(t, db)
	conn, other, abroad := f.Connection(), f.Connection(), foreign.Connection()
	scope := sealing(db, f, ring("a", "b"))
	seal := func() {
		t.Helper()
		if err := scope.SetConnectionSecrets(t.Context(), conn.ID, map[string]string{"token": "very secret"}); err != nil {
			t.Fatal(err)
		}
	}
	set := func(to needle.ConnectionID, what string) {
		t.Helper()
		_, err := db.ExecContext(t.Context(), `UPDATE connections SET (sealed_secrets, sealed_key_id) =
			(SELECT `+what+` FROM connections WHERE id = ?) WHERE id = ?`, conn.ID, to)
		if err != nil {
			t.Fatal(err)
		}
	}
	seal()
	set(other.ID, "sealed_secrets, sealed_key_id")
	set(abroad.ID, "sealed_secrets, sealed_key_id")
	if _, err := scope.ConnectionSecrets(t.Context(), other.ID); !errors.Is(err, store.ErrSealBroken) {
		t.Errorf("moved to another connection: %v", err)
	}
	if _, err := sealing(db, foreign, ring("a")).ConnectionSecrets(t.Context(), abroad.ID); !errors.Is(err, store.ErrSealBroken) {
		t.Errorf("moved to another workspace: %v", err)
	}
	for name, what := range map[string]string{
		"one bit of the text":  "set_bit(sealed_secrets, 8 * octet_length(sealed_secrets) - 1, 1 - get_bit(sealed_secrets, 8 * octet_length(sealed_secrets) - 1)), sealed_key_id",
		"one bit of the nonce": "set_bit(sealed_secrets, 0, 1 - get_bit(sealed_secrets, 0)), sealed_key_id",
		"cut short":            "substring(sealed_secrets for 5), sealed_key_id",
		"another key's id":     "sealed_secrets, 'b'",
	} {
		seal()
		set(conn.ID, what)
		if _, err := scope.ConnectionSecrets(t.Context(), conn.ID); !errors.Is(err, store.ErrSealBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	seal()
	wrong := ring("a")
	wrong.Keys["a"] = []byte(strings.Repeat("z", 32))
	if _, err := sealing(db, f, wrong).ConnectionSecrets(t.Context(), conn.ID); !errors.Is(err, store.ErrSealBroken) {
		t.Errorf("another key of the same id: %v", err)
	}
	var missing *store.MissingKeyError
	if _, err := sealing(db, f, ring("c")).ConnectionSecrets(t.Context(), conn.ID); !errors.As(err, &missing) || missing.KeyID != "a" {
		t.Errorf("a missing key: %v", err)
	}
}

func TestKeyRing_printsNoKey(t *testing.T) {
	t.Parallel()
	r := ring("old", "new")
	text, err := json.Marshal(map[string]any{"ring": r})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("keys", "ring", r)
	for _, printed := range []string{fmt.Sprint(r), fmt.Sprintf("%+v", r), fmt.Sprintf("%#v", r), string(text), log.String()} {
		if !strings.Contains(printed, "keys(new,old)") || strings.Contains(printed, "oldold") {
			t.Errorf("printed as %s", printed)
		}
	}
}
