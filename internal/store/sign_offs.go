package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// SignOffList asks for a list of signatures.
type SignOffList = needle.ListArgs[needle.SignOffFilter, needle.SignOffOrderField]

var signOffs = listing[needle.SignOff, needle.SignOffFilter, needle.SignOffOrderField]{
	orders: map[needle.SignOffOrderField]orderKey[needle.SignOff]{
		needle.SignOffByRecordedAt: byTime("recorded_at", func(r *needle.SignOff) time.Time { return r.RecordedAt }),
	},
	usual:  order(needle.SignOffByRecordedAt, needle.Desc),
	filter: signOffFilter,
	id:     func(row *needle.SignOff) uuid.UUID { return row.ID.UUID },
}

func signOffFilter(w *where, f *needle.SignOffFilter) {
	compare(w, "user_id", f.UserID)
	compare(w, "function", f.Function)
	compare(w, "verdict", f.Verdict)
	w.number("revision", f.Revision)
	w.date("recorded_at", f.RecordedAt)
	nest(w, f.And, f.Or, f.Not, signOffFilter)
}

// SignOffsByObjective reads one page of signatures of each objective.
func (s Scope) SignOffsByObjective(ctx context.Context, parents []needle.ObjectiveID, q SignOffList) ([]*needle.Page[*needle.SignOff], error) {
	return below(ctx, s, &signOffs, relation{column: "t.objective_id"}, parents, q)
}

// SignOffsByID reads signatures; the answer lies parallel to ids, nil where there is none.
func (s Scope) SignOffsByID(ctx context.Context, ids []needle.SignOffID) ([]*needle.SignOff, error) {
	return signOffs.byIDs(ctx, s, raw(ids))
}

// InsertSignOff stores a new signature.
func (s Scope) InsertSignOff(ctx context.Context, row *needle.SignOff) error {
	return s.insert(ctx, row)
}

// SignOffsOfAll reads every signature under the present revisions of many objectives, oldest first.
func (s Scope) SignOffsOfAll(ctx context.Context, ids []needle.ObjectiveID) (map[needle.ObjectiveID][]*needle.SignOff, error) {
	sh := shapeOf[needle.SignOff](nil)
	rows, err := readRows[needle.SignOff](ctx, s, sh, "SELECT "+sh.columns+` FROM sign_offs AS t
		JOIN objectives AS o ON o.workspace_id = t.workspace_id AND o.id = t.objective_id AND o.revision = t.revision
		WHERE t.workspace_id = ? AND t.objective_id = ANY(?::uuid[]) ORDER BY t.objective_id, t.recorded_at, t.id`,
		s.workspace, uuids(distinct(raw(ids))))
	out := make(map[needle.ObjectiveID][]*needle.SignOff, len(ids))
	for _, r := range rows {
		out[r.ObjectiveID] = append(out[r.ObjectiveID], r)
	}
	return out, err
}

// StateBeforeClosing returns where a closed objective stood when it was closed; a closed one does not change, so that is
// the last state of its history but being closed. It is empty where the history does not tell.
func (s Scope) StateBeforeClosing(ctx context.Context, id needle.ObjectiveID) (needle.ObjectiveState, error) {
	var state needle.ObjectiveState
	err := s.idb.QueryRowContext(ctx, `SELECT coalesce((SELECT state FROM objective_states
		WHERE workspace_id = ? AND objective_id = ? AND state <> ? ORDER BY version DESC LIMIT 1), '')`,
		s.workspace, id, needle.ObjectiveClosed).Scan(&state)
	return state, mapError(err)
}
