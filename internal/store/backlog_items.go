package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// BacklogItemList asks for a list of backlog items.
type BacklogItemList = needle.ListArgs[needle.BacklogItemFilter, needle.BacklogItemOrderField]

var backlogItems = listing[needle.BacklogItem, needle.BacklogItemFilter, needle.BacklogItemOrderField]{
	orders: map[needle.BacklogItemOrderField]orderKey[needle.BacklogItem]{
		needle.BacklogItemByNumber:    {"number", "bigint", func(r *needle.BacklogItem) string { return strconv.Itoa(r.Number) }},
		needle.BacklogItemByUpdatedAt: byTime("updated_at", func(r *needle.BacklogItem) time.Time { return r.UpdatedAt }),
		needle.BacklogItemByCreatedAt: byTime("created_at", func(r *needle.BacklogItem) time.Time { return r.CreatedAt }),
		needle.BacklogItemByTitle:     byText("title", func(r *needle.BacklogItem) string { return r.Title }),
	},
	usual:  order(needle.BacklogItemByNumber, needle.Desc),
	filter: backlogItemFilter,
	id:     func(row *needle.BacklogItem) uuid.UUID { return row.ID.UUID },
}

func backlogItemFilter(w *where, f *needle.BacklogItemFilter) {
	compare(w, "id", f.ID)
	compare(w, "team_id", f.TeamID)
	w.text("title", f.Title)
	compare(w, "status", f.Status)
	compare(w, stageAt(w.now), f.Stage)
	compare(w, "moscow", f.Moscow)
	compare(w, "parent_id", f.ParentID)
	w.date("delivered_at", f.DeliveredAt)
	w.date("created_at", f.CreatedAt)
	w.date("updated_at", f.UpdatedAt)
	w.flag("issue_id IS NOT NULL", f.Mirrored)
	if c := f.Contributions; c != nil {
		related(w, "contributions AS %a WHERE %a.workspace_id = §workspace_id AND %a.item_id = §id", c.Some, c.None, contributionFilter)
	}
	nest(w, f.And, f.Or, f.Not, backlogItemFilter)
}

// BacklogItems reads one page of backlog items. Malformed arguments answer coded Errors.
func (s Scope) BacklogItems(ctx context.Context, q BacklogItemList) (*needle.Page[*needle.BacklogItem], error) {
	return backlogItems.page(ctx, s, q)
}

// BacklogItemsByTeam reads one page of backlog items of each team.
func (s Scope) BacklogItemsByTeam(ctx context.Context, parents []needle.TeamID, q BacklogItemList) ([]*needle.Page[*needle.BacklogItem], error) {
	return below(ctx, s, &backlogItems, relation{column: "t.team_id"}, parents, q)
}

// BacklogItemsByParent reads one page of backlog items below each item.
func (s Scope) BacklogItemsByParent(ctx context.Context, parents []needle.BacklogItemID, q BacklogItemList) ([]*needle.Page[*needle.BacklogItem], error) {
	return below(ctx, s, &backlogItems, relation{column: "t.parent_id"}, parents, q)
}

// BacklogItemsByID reads backlog items; the answer lies parallel to ids, nil where there is none.
func (s Scope) BacklogItemsByID(ctx context.Context, ids []needle.BacklogItemID) ([]*needle.BacklogItem, error) {
	return backlogItems.byIDs(ctx, s, raw(ids))
}

// BacklogItem reads one backlog item, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) BacklogItem(ctx context.Context, id needle.BacklogItemID) (*needle.BacklogItem, error) {
	return backlogItems.one(ctx, s, id.UUID, "backlog item")
}

// InsertBacklogItem stores a new backlog item.
func (s Scope) InsertBacklogItem(ctx context.Context, row *needle.BacklogItem) error {
	return s.insert(ctx, row)
}

// UpdateBacklogItem stores a changed backlog item. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateBacklogItem(ctx context.Context, row *needle.BacklogItem) error {
	return s.update(ctx, row)
}

// ItemAncestors lists the items above an item, nearest first.
func (s Scope) ItemAncestors(ctx context.Context, id needle.BacklogItemID) ([]needle.BacklogItemID, error) {
	up, err := s.ancestors(ctx, "backlog_items", "parent_id", id.UUID)
	out := make([]needle.BacklogItemID, len(up))
	for i, u := range up {
		out[i] = needle.BacklogItemID{UUID: u}
	}
	return out, err
}

// ItemsByIssue reads the item that mirrors each issue; the answer lies parallel to ids, nil where there is none.
func (s Scope) ItemsByIssue(ctx context.Context, ids []needle.IssueID) ([]*needle.BacklogItem, error) {
	sh := shapeOf[needle.BacklogItem](nil)
	rows, err := readRows[needle.BacklogItem](ctx, s, sh, "SELECT "+sh.columns+
		" FROM backlog_items AS t WHERE t.workspace_id = ? AND t.issue_id = ANY(?::uuid[])", s.workspace, uuids(distinct(raw(ids))))
	found := make(map[needle.IssueID]*needle.BacklogItem, len(rows))
	for _, item := range rows {
		found[*item.IssueID] = item
	}
	out := make([]*needle.BacklogItem, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, err
}

// AppendTransition adds a move to an item's history.
func (s Scope) AppendTransition(ctx context.Context, t needle.ItemTransition) error {
	_, err := s.idb.ExecContext(ctx, `
		INSERT INTO item_transitions (workspace_id, id, item_id, from_status, to_status, occurred_at, recorded_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		s.workspace, uuid.Must(uuid.NewV7()), t.ItemID, t.From, t.To, t.OccurredAt, t.RecordedAt)
	return mapError(err)
}

// Transitions reads every move of many items that holds, oldest first.
func (s Scope) Transitions(ctx context.Context, ids []needle.BacklogItemID) (map[needle.BacklogItemID][]*needle.ItemTransition, error) {
	out, err := s.TransitionHistories(ctx, ids)
	for id, moves := range out {
		out[id] = slices.DeleteFunc(moves, func(t *needle.ItemTransition) bool { return t.SupersededAt != nil })
	}
	return out, err
}

// TransitionHistories reads every move of many items, those that turned out to have been otherwise among them, oldest
// first.
func (s Scope) TransitionHistories(ctx context.Context, ids []needle.BacklogItemID) (map[needle.BacklogItemID][]*needle.ItemTransition, error) {
	out := make(map[needle.BacklogItemID][]*needle.ItemTransition, len(ids))
	err := s.each(ctx, `
		SELECT m.item_id, m.from_status, m.to_status, m.occurred_at, m.recorded_at, x.superseded_at FROM item_transitions AS m
		LEFT JOIN superseded_transitions AS x ON x.workspace_id = m.workspace_id AND x.transition_id = m.id
		WHERE m.workspace_id = ? AND m.item_id = ANY(?::uuid[])
		ORDER BY m.item_id, m.occurred_at, m.recorded_at, m.id`,
		[]any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
			t := new(needle.ItemTransition)
			err := rows.Scan(&t.ItemID, &t.From, &t.To, &t.OccurredAt, &t.RecordedAt, &t.SupersededAt)
			out[t.ItemID] = append(out[t.ItemID], t)
			return err
		})
	return out, err
}

// AppendPriority adds a version to the history of an item's class; nil takes the class away.
func (s Scope) AppendPriority(ctx context.Context, item needle.BacklogItemID, class *needle.Moscow, author needle.UserID, at time.Time) error {
	_, err := s.idb.ExecContext(ctx, `
		INSERT INTO item_priorities (workspace_id, id, item_id, moscow, author_id, valid_from, recorded_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, s.workspace, uuid.Must(uuid.NewV7()), item, class, author, at, s.Now())
	return mapError(err)
}
