package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// sealedTable is a table whose rows hold a sealed text beside the id of its key; an empty id means that nothing is sealed.
type sealedTable struct {
	table, sealed, keyID string
	// row is the column that tells the rows of a workspace apart.
	row string
	// bound names what the sealed text of a row belongs to, as it was named when it was sealed.
	bound func(s Scope, id uuid.UUID) string
}

// sealedTables are all of them.
var sealedTables = []sealedTable{
	{"connections", "sealed_secrets", "sealed_key_id", "id", credentials},
	{"webhooks", "sealed_secret", "sealed_key_id", "connection_id", webhook},
	{"webhooks", "sealed_old_secret", "sealed_old_key_id", "connection_id", webhook},
}

func credentials(s Scope, id uuid.UUID) string { return s.boundTo(needle.ConnectionID{UUID: id}) }

func webhook(s Scope, id uuid.UUID) string { return s.boundToWebhook(needle.ConnectionID{UUID: id}) }

// KeyUse is how much is sealed with a key.
type KeyUse struct {
	// KeyID names the key.
	KeyID string
	// Sealed counts the rows that are sealed with it.
	Sealed int
	// Held is true when the ring has the key, and Current when it seals with it.
	Held, Current bool
}

// KeyUses tells, for each key of the ring and each that something is sealed with, how much that is, in all workspaces; the
// current one first, then by id.
func (s *Store) KeyUses(ctx context.Context) ([]KeyUse, error) {
	counts := map[string]int{}
	for id := range s.keys.Keys {
		counts[id] = 0
	}
	all := Scope{idb: s.db}
	for _, t := range sealedTables {
		err := all.each(ctx, "SELECT ?0, count(*) FROM ?1 WHERE ?0 <> '' GROUP BY ?0",
			[]any{bun.Ident(t.keyID), bun.Ident(t.table)}, func(r *sql.Rows) error {
				var id string
				var n int
				err := r.Scan(&id, &n)
				counts[id] += n
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	uses := make([]KeyUse, 0, len(counts))
	for id, n := range counts {
		_, held := s.keys.Keys[id]
		uses = append(uses, KeyUse{KeyID: id, Sealed: n, Held: held, Current: id == s.keys.Current})
	}
	slices.SortFunc(uses, func(a, b KeyUse) int {
		switch {
		case a.Current:
			return -1
		case b.Current:
			return 1
		default:
			return cmp.Compare(a.KeyID, b.KeyID)
		}
	})
	return uses, nil
}

// Resealing is what became of sealed rows.
type Resealing struct {
	// Resealed rows are sealed with the current key now.
	Resealed int
	// Missing counts the rows whose key the ring does not hold, by key id. They stay as they are.
	Missing map[string]int
	// Broken rows do not open although their key is there. They stay as they are.
	Broken int
}

// Reseal seals everything that another key sealed with the current one, batch by batch, and reports after each. It may be
// called off at any moment and called again, and beside processes that read, write and seal: each batch is a transaction
// that holds its rows, and a row that somebody else sealed anew meanwhile is left alone. The error matches ErrNoKey when
// there is no current key.
func (s *Store) Reseal(ctx context.Context, batch int, report func(Resealing)) (Resealing, error) {
	done := Resealing{Missing: map[string]int{}}
	if s.keys.Current == "" {
		return done, ErrNoKey
	}
	workspaces, err := s.Workspaces(ctx)
	if err != nil {
		return done, err
	}
	for _, id := range workspaces {
		for _, t := range sealedTables {
			for last, more := uuid.Nil, true; more; {
				err := s.In(id).InTx(ctx, func(ctx context.Context, tx Scope) error {
					var err error
					last, more, err = tx.reseal(ctx, t, last, batch, &done)
					return err
				})
				if err != nil {
					return done, fmt.Errorf("sealing %s anew: %w", t.table, err)
				}
				report(done)
			}
		}
	}
	return done, nil
}

// sealedRow is a row as it is sealed.
type sealedRow struct {
	id     uuid.UUID
	sealed []byte
	keyID  string
}

// reseal seals up to batch rows behind last anew, and returns the last of them and whether there may be more.
func (s Scope) reseal(ctx context.Context, t sealedTable, last uuid.UUID, batch int, done *Resealing) (uuid.UUID, bool, error) {
	var rows []sealedRow
	err := s.each(ctx, `
		SELECT ?7, ?0, ?1 FROM ?2 WHERE workspace_id = ?3 AND ?7 > ?4 AND ?1 NOT IN ('', ?5) ORDER BY ?7 LIMIT ?6 FOR NO KEY UPDATE`,
		[]any{bun.Ident(t.sealed), bun.Ident(t.keyID), bun.Ident(t.table), s.workspace, last, s.keys.Current, batch, bun.Ident(t.row)},
		func(r *sql.Rows) error {
			var row sealedRow
			err := r.Scan(&row.id, &row.sealed, &row.keyID)
			rows = append(rows, row)
			return err
		})
	if err != nil {
		return last, false, err
	}
	// The count stands only if the transaction does, which a failure below prevents.
	for _, row := range rows {
		last = row.id
		bound := t.bound(s, row.id)
		plain, err := s.keys.open(row.sealed, row.keyID, bound)
		missing := (*MissingKeyError)(nil)
		switch {
		case errors.As(err, &missing):
			done.Missing[missing.KeyID]++
			continue
		case errors.Is(err, ErrSealBroken):
			done.Broken++
			continue
		case err != nil:
			return last, false, err
		}
		sealed, keyID, err := s.keys.seal(plain, bound)
		if err != nil {
			return last, false, err
		}
		_, err = s.idb.ExecContext(ctx, "UPDATE ? SET ? = ?, ? = ? WHERE workspace_id = ? AND ? = ?",
			bun.Ident(t.table), bun.Ident(t.sealed), sealed, bun.Ident(t.keyID), keyID, s.workspace, bun.Ident(t.row), row.id)
		if err != nil {
			return last, false, mapError(err)
		}
		done.Resealed++
	}
	return last, len(rows) == batch, nil
}
