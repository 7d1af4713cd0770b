package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// OutsideEventList asks for a list of outside events.
type OutsideEventList = needle.ListArgs[needle.OutsideEventFilter, needle.OutsideEventOrderField]

var outsideEvents = listing[needle.OutsideEvent, needle.OutsideEventFilter, needle.OutsideEventOrderField]{
	orders: map[needle.OutsideEventOrderField]orderKey[needle.OutsideEvent]{
		needle.OutsideEventByFrom:       byTime("from_at", func(r *needle.OutsideEvent) time.Time { return r.From }),
		needle.OutsideEventByRecordedAt: byTime("recorded_at", func(r *needle.OutsideEvent) time.Time { return r.RecordedAt }),
	},
	usual:    order(needle.OutsideEventByFrom, needle.Desc),
	filter:   outsideEventFilter,
	id:       func(row *needle.OutsideEvent) uuid.UUID { return row.ID.UUID },
	computed: map[string]string{"superseded_by_id": "(SELECT c.id FROM outside_events AS c WHERE c.workspace_id = t.workspace_id AND c.supersedes_id = t.id) AS superseded_by_id"},
}

func outsideEventFilter(w *where, f *needle.OutsideEventFilter) {
	compare(w, "kind", f.Kind)
	w.text("title", f.Title)
	w.date("from_at", f.From)
	w.date("to_at", f.To)
	w.date("recorded_at", f.RecordedAt)
	w.usually("removed_at IS NOT NULL", f.Removed.IsSet(), f.Removed.Value())
	nest(w, f.And, f.Or, f.Not, outsideEventFilter)
}

// OutsideEventsByKeyResult reads one page of outside events of each key result.
func (s Scope) OutsideEventsByKeyResult(ctx context.Context, parents []needle.KeyResultID, q OutsideEventList) ([]*needle.Page[*needle.OutsideEvent], error) {
	return below(ctx, s, &outsideEvents, relation{column: "t.key_result_id"}, parents, q)
}

// OutsideEventsByID reads outside events; the answer lies parallel to ids, nil where there is none.
func (s Scope) OutsideEventsByID(ctx context.Context, ids []needle.OutsideEventID) ([]*needle.OutsideEvent, error) {
	return outsideEvents.byIDs(ctx, s, raw(ids))
}

// OutsideEvent reads one outside event, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) OutsideEvent(ctx context.Context, id needle.OutsideEventID) (*needle.OutsideEvent, error) {
	return outsideEvents.one(ctx, s, id.UUID, "outside event")
}

// StandingEvents reads the events of an occurrence that stand, in the order of their ids, locked when inside a
// transaction.
func (s Scope) StandingEvents(ctx context.Context, occurrence needle.OutsideEventID) ([]*needle.OutsideEvent, error) {
	sh := shapeOf[needle.OutsideEvent](outsideEvents.computed)
	return readRows[needle.OutsideEvent](ctx, s, sh, "SELECT "+sh.columns+` FROM outside_events AS t
		WHERE t.workspace_id = ? AND t.occurrence_id = ? AND t.removed_at IS NULL ORDER BY t.id`+s.lockClause(), s.workspace, occurrence)
}

// InsertOutsideEvents stores many new outside events.
func (s Scope) InsertOutsideEvents(ctx context.Context, rows []*needle.OutsideEvent) error {
	if len(rows) == 0 {
		return nil
	}
	return s.insert(ctx, &rows)
}

// RemoveOutsideEvents stores that events were taken back: when, and by whom.
func (s Scope) RemoveOutsideEvents(ctx context.Context, ids []needle.OutsideEventID, at time.Time, by needle.UserID) error {
	_, err := s.idb.ExecContext(ctx, "UPDATE outside_events SET removed_at = ?, removed_by = ? WHERE workspace_id = ? AND id = ANY(?::uuid[])",
		at, by, s.workspace, uuids(raw(ids)))
	return mapError(err)
}

// OutsideEventsAsOf reads the events of many key results that stood at an instant, as known then, by when they began.
func (s Scope) OutsideEventsAsOf(ctx context.Context, ids []needle.KeyResultID, asOf time.Time) (map[needle.KeyResultID][]*needle.OutsideEvent, error) {
	sh := shapeOf[needle.OutsideEvent](outsideEvents.computed)
	rows, err := readRows[needle.OutsideEvent](ctx, s, sh, "SELECT "+sh.columns+` FROM outside_events AS t
		WHERE t.workspace_id = ? AND t.key_result_id = ANY(?::uuid[]) AND `+stood("removed_at")+` ORDER BY t.key_result_id, t.from_at, t.id`,
		s.workspace, uuids(distinct(raw(ids))), asOf, asOf)
	out := make(map[needle.KeyResultID][]*needle.OutsideEvent, len(ids))
	for _, e := range rows {
		e.RemovedAt, e.RemovedBy, e.SupersededByID = nil, nil, nil // Nobody knew of it then.
		out[e.KeyResultID] = append(out[e.KeyResultID], e)
	}
	return out, err
}

// stood tells rows that were recorded by an instant and not taken back by then; it takes the instant twice.
func stood(until string) string {
	return "t.recorded_at <= ? AND (t." + until + " IS NULL OR t." + until + " > ?)"
}
