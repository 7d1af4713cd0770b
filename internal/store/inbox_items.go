package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// InboxItemList asks for a list of what waits.
type InboxItemList = needle.ListArgs[needle.InboxItemFilter, needle.InboxItemOrderField]

var inboxItems = listing[needle.InboxItem, needle.InboxItemFilter, needle.InboxItemOrderField]{
	orders: map[needle.InboxItemOrderField]orderKey[needle.InboxItem]{
		needle.InboxItemBySince: byTime("since", func(r *needle.InboxItem) time.Time { return r.Since }),
		needle.InboxItemByKind:  byText("kind", func(r *needle.InboxItem) string { return string(r.Kind) }),
	},
	usual: order(needle.InboxItemBySince, needle.Desc),
	filter: func(w *where, f *needle.InboxItemFilter) {
		w.and("§since <= ?", w.now) // A check-in that falls due later does not wait yet.
		inboxItemFilter(w, f)
	},
	id: func(row *needle.InboxItem) uuid.UUID { return row.ID.UUID },
}

func inboxItemFilter(w *where, f *needle.InboxItemFilter) {
	compare(w, "kind", f.Kind)
	compare(w, "objective_id", f.ObjectiveID)
	w.date("since", f.Since)
	w.flag("read_at IS NOT NULL", f.Read)
	nest(w, f.And, f.Or, f.Not, inboxItemFilter)
}

// InboxItemsByUser reads one page of what waits for each person.
func (s Scope) InboxItemsByUser(ctx context.Context, people []needle.UserID, q InboxItemList) ([]*needle.Page[*needle.InboxItem], error) {
	return below(ctx, s, &inboxItems, relation{column: "t.user_id"}, people, q)
}

// InboxCount counts what waits for a person at now: what they have read, what they have not, or all of it when read is
// nil.
func (s Scope) InboxCount(ctx context.Context, person needle.UserID, read *bool, now time.Time) (int, error) {
	var n int
	err := s.idb.QueryRowContext(ctx, `
		SELECT count(*) FROM inbox_items
		WHERE workspace_id = ?0 AND user_id = ?1 AND since <= ?2 AND (?3::boolean IS NULL OR (read_at IS NOT NULL) = ?3::boolean)`,
		s.workspace, person, now, read).Scan(&n)
	return n, mapError(err)
}

// InboxItemsOf reads what waits for a person at now; the answer lies parallel to ids, nil where nothing does, or where
// it waits for somebody else.
func (s Scope) InboxItemsOf(ctx context.Context, person needle.UserID, ids []needle.InboxItemID, now time.Time) ([]*needle.InboxItem, error) {
	sh := shapeOf[needle.InboxItem](nil)
	rows, err := readRows[needle.InboxItem](ctx, s, sh, "SELECT "+sh.columns+
		" FROM inbox_items AS t WHERE t.workspace_id = ? AND t.user_id = ? AND t.since <= ? AND t.id = ANY(?::uuid[])",
		s.workspace, person, now, uuids(distinct(raw(ids))))
	found := make(map[needle.InboxItemID]*needle.InboxItem, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	out := make([]*needle.InboxItem, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, err
}

// inboxRead is a row of what a person has seen.
type inboxRead struct {
	bun.BaseModel `bun:"table:inbox_reads"`
	WorkspaceID   needle.WorkspaceID
	UserID        needle.UserID
	ItemID        needle.InboxItemID
	ReadAt        time.Time
}

// MarkInboxRead notes that a person has seen things. What they had seen before stays seen since then.
func (s Scope) MarkInboxRead(ctx context.Context, person needle.UserID, ids []needle.InboxItemID) error {
	rows := make([]inboxRead, 0, len(ids))
	for _, id := range distinct(raw(ids)) {
		rows = append(rows, inboxRead{WorkspaceID: s.workspace, UserID: person, ItemID: needle.InboxItemID{UUID: id}, ReadAt: s.Now()})
	}
	_, err := s.idb.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx)
	return mapError(err)
}

// MarkInboxUnread forgets that a person has seen things.
func (s Scope) MarkInboxUnread(ctx context.Context, person needle.UserID, ids []needle.InboxItemID) error {
	_, err := s.idb.ExecContext(ctx, `DELETE FROM inbox_reads WHERE workspace_id = ? AND user_id = ? AND item_id = ANY(?::uuid[])`,
		s.workspace, person, uuids(raw(ids)))
	return mapError(err)
}

// MarkAllInboxRead notes that a person has seen everything that waits for them now; kinds narrow it, nil means all.
func (s Scope) MarkAllInboxRead(ctx context.Context, person needle.UserID, kinds []needle.InboxKind) error {
	w := newWhere("i", s.Now())
	w.and("§workspace_id = ? AND §user_id = ?", s.workspace, person)
	unread := false
	inboxItems.filter(w, &needle.InboxItemFilter{Read: &unread, Kind: &needle.Comparator[needle.InboxKind]{In: kinds}})
	_, err := s.idb.ExecContext(ctx, `
		INSERT INTO inbox_reads (workspace_id, user_id, item_id, read_at)
		SELECT i.workspace_id, i.user_id, i.id, ?::timestamptz FROM inbox_items AS i WHERE `+w.String()+` ORDER BY i.id
		ON CONFLICT DO NOTHING`, append([]any{s.Now()}, w.args...)...)
	return mapError(err)
}
