package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// CheckInList asks for a list of check-ins.
type CheckInList = needle.ListArgs[needle.CheckInFilter, needle.CheckInOrderField]

var checkIns = listing[needle.CheckIn, needle.CheckInFilter, needle.CheckInOrderField]{
	orders: map[needle.CheckInOrderField]orderKey[needle.CheckIn]{
		needle.CheckInByMeasuredAt: byTime("measured_at", func(r *needle.CheckIn) time.Time { return r.MeasuredAt }),
		needle.CheckInByRecordedAt: byTime("recorded_at", func(r *needle.CheckIn) time.Time { return r.RecordedAt }),
	},
	usual:    order(needle.CheckInByMeasuredAt, needle.Desc),
	filter:   checkInFilter,
	id:       func(row *needle.CheckIn) uuid.UUID { return row.ID.UUID },
	computed: map[string]string{"superseded_by_id": "(SELECT c.id FROM check_ins AS c WHERE c.workspace_id = t.workspace_id AND c.supersedes_id = t.id) AS superseded_by_id"},
}

func checkInFilter(w *where, f *needle.CheckInFilter) {
	w.number("value", f.Value)
	w.date("measured_at", f.MeasuredAt)
	w.date("recorded_at", f.RecordedAt)
	if f.Superseded != nil {
		corrected := "EXISTS (SELECT 1 FROM check_ins AS c WHERE c.workspace_id = §workspace_id AND c.supersedes_id = §id)"
		if !*f.Superseded {
			corrected = "NOT " + corrected
		}
		w.and(corrected)
	}
	nest(w, f.And, f.Or, f.Not, checkInFilter)
}

// CheckIns reads one page of check-ins. Malformed arguments answer coded Errors.
func (s Scope) CheckIns(ctx context.Context, q CheckInList) (*needle.Page[*needle.CheckIn], error) {
	return checkIns.page(ctx, s, q)
}

// CheckInsByKeyResult reads one page of check-ins of each key result.
func (s Scope) CheckInsByKeyResult(ctx context.Context, parents []needle.KeyResultID, q CheckInList) ([]*needle.Page[*needle.CheckIn], error) {
	return below(ctx, s, &checkIns, relation{column: "t.key_result_id"}, parents, q)
}

// CheckInsByID reads check-ins; the answer lies parallel to ids, nil where there is none.
func (s Scope) CheckInsByID(ctx context.Context, ids []needle.CheckInID) ([]*needle.CheckIn, error) {
	return checkIns.byIDs(ctx, s, raw(ids))
}

// CheckIn reads one check-in, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) CheckIn(ctx context.Context, id needle.CheckInID) (*needle.CheckIn, error) {
	return checkIns.one(ctx, s, id.UUID, "check-in")
}

// InsertCheckIn stores a new check-in.
func (s Scope) InsertCheckIn(ctx context.Context, row *needle.CheckIn) error {
	return s.insert(ctx, row)
}

// CheckInHistories reads every check-in of many key results, oldest measurement first.
func (s Scope) CheckInHistories(ctx context.Context, ids []needle.KeyResultID) (map[needle.KeyResultID][]*needle.CheckIn, error) {
	sh := shapeOf[needle.CheckIn](checkIns.computed)
	rows, err := readRows[needle.CheckIn](ctx, s, sh, "SELECT "+sh.columns+
		" FROM check_ins AS t WHERE t.workspace_id = ? AND t.key_result_id = ANY(?::uuid[]) ORDER BY t.key_result_id, t.measured_at, t.recorded_at, t.id",
		s.workspace, uuids(distinct(raw(ids))))
	out := make(map[needle.KeyResultID][]*needle.CheckIn, len(ids))
	for _, c := range rows {
		out[c.KeyResultID] = append(out[c.KeyResultID], c)
	}
	return out, err
}

// LatestCheckIns reads the check-in whose value holds now of each key result: the last by CheckIn.Compare of those that
// nothing corrects.
func (s Scope) LatestCheckIns(ctx context.Context, ids []needle.KeyResultID) (map[needle.KeyResultID]*needle.CheckIn, error) {
	sh := shapeOf[needle.CheckIn](checkIns.computed)
	rows, err := readRows[needle.CheckIn](ctx, s, sh, `
		SELECT c.* FROM unnest(?::uuid[]) AS k(id) CROSS JOIN LATERAL (
			SELECT `+sh.columns+` FROM check_ins AS t
			WHERE t.workspace_id = ? AND t.key_result_id = k.id
			AND NOT EXISTS (SELECT 1 FROM check_ins AS n WHERE n.workspace_id = t.workspace_id AND n.supersedes_id = t.id)
			ORDER BY t.measured_at DESC FETCH FIRST 1 ROW WITH TIES) AS c`, uuids(distinct(raw(ids))), s.workspace)
	out := make(map[needle.KeyResultID]*needle.CheckIn, len(rows))
	for _, c := range rows {
		if last := out[c.KeyResultID]; last == nil || c.Compare(last) > 0 {
			out[c.KeyResultID] = c
		}
	}
	return out, err
}
