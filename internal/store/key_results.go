package store

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// KeyResultList asks for a list of key results.
type KeyResultList = needle.ListArgs[needle.KeyResultFilter, needle.KeyResultOrderField]

var keyResults = listing[needle.KeyResult, needle.KeyResultFilter, needle.KeyResultOrderField]{
	orders: map[needle.KeyResultOrderField]orderKey[needle.KeyResult]{
		needle.KeyResultByNumber:    {"number", "bigint", func(r *needle.KeyResult) string { return strconv.Itoa(r.Number) }},
		needle.KeyResultByTitle:     byText("title", func(r *needle.KeyResult) string { return r.Title }),
		needle.KeyResultByCreatedAt: byTime("created_at", func(r *needle.KeyResult) time.Time { return r.CreatedAt }),
		needle.KeyResultByUpdatedAt: byTime("updated_at", func(r *needle.KeyResult) time.Time { return r.UpdatedAt }),
	},
	usual:  order(needle.KeyResultByNumber, needle.Asc),
	filter: keyResultFilter,
	id:     func(row *needle.KeyResult) uuid.UUID { return row.ID.UUID },
}

func keyResultFilter(w *where, f *needle.KeyResultFilter) {
	compare(w, "id", f.ID)
	compare(w, "team_id", f.TeamID)
	compare(w, "cycle_id", f.CycleID)
	compare(w, "owner_id", f.OwnerID)
	w.text("title", f.Title)
	compare(w, "kind", f.Kind)
	compare(w, "direction", f.Direction)
	w.date("current_at", f.CurrentAt)
	if c := f.Contributions; c != nil {
		related(w, "contributions AS %a WHERE %a.workspace_id = §workspace_id AND %a.key_result_id = §id", c.Some, c.None, contributionFilter)
	}
	nest(w, f.And, f.Or, f.Not, keyResultFilter)
}

// KeyResults reads one page of key results. Malformed arguments answer coded Errors.
func (s Scope) KeyResults(ctx context.Context, q KeyResultList) (*needle.Page[*needle.KeyResult], error) {
	return keyResults.page(ctx, s, q)
}

// KeyResultsByObjective reads one page of key results of each objective.
func (s Scope) KeyResultsByObjective(ctx context.Context, parents []needle.ObjectiveID, q KeyResultList) ([]*needle.Page[*needle.KeyResult], error) {
	return below(ctx, s, &keyResults, relation{column: "t.objective_id"}, parents, q)
}

// KeyResultsByTeam reads one page of key results of each team.
func (s Scope) KeyResultsByTeam(ctx context.Context, parents []needle.TeamID, q KeyResultList) ([]*needle.Page[*needle.KeyResult], error) {
	return below(ctx, s, &keyResults, relation{column: "t.team_id"}, parents, q)
}

// KeyResultsByCycle reads one page of key results of each cycle.
func (s Scope) KeyResultsByCycle(ctx context.Context, parents []needle.CycleID, q KeyResultList) ([]*needle.Page[*needle.KeyResult], error) {
	return below(ctx, s, &keyResults, relation{column: "t.cycle_id"}, parents, q)
}

// KeyResultsByID reads key results; the answer lies parallel to ids, nil where there is none.
func (s Scope) KeyResultsByID(ctx context.Context, ids []needle.KeyResultID) ([]*needle.KeyResult, error) {
	return keyResults.byIDs(ctx, s, raw(ids))
}

// KeyResult reads one key result, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) KeyResult(ctx context.Context, id needle.KeyResultID) (*needle.KeyResult, error) {
	return keyResults.one(ctx, s, id.UUID, "key result")
}

// ObjectiveOfKeyResult reads the objective that a key result measures, locked when inside a transaction: an objective is
// held before its parts. It answers NOT_FOUND for a key result that does not exist.
func (s Scope) ObjectiveOfKeyResult(ctx context.Context, id needle.KeyResultID) (*needle.Objective, error) {
	sh := shapeOf[needle.Objective](nil)
	rows, err := readRows[needle.Objective](ctx, s, sh, "SELECT "+sh.columns+` FROM objectives AS t
		WHERE t.workspace_id = ?0 AND t.id = (SELECT objective_id FROM key_results WHERE workspace_id = ?0 AND id = ?1)`+s.lockClause(),
		s.workspace, id)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, needle.NotFound("", "key result")
	}
	return rows[0], nil
}

// InsertKeyResult stores a new key result.
func (s Scope) InsertKeyResult(ctx context.Context, row *needle.KeyResult) error {
	return s.insert(ctx, row)
}

// UpdateKeyResult stores a changed key result. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateKeyResult(ctx context.Context, row *needle.KeyResult) error {
	return s.update(ctx, row)
}

// AppendGoal adds a version to the history of a key result's numbers.
func (s Scope) AppendGoal(ctx context.Context, g needle.GoalVersion) error {
	_, err := s.idb.ExecContext(ctx, `
		INSERT INTO key_result_goals (workspace_id, id, key_result_id, baseline, target, stretch, band_low, band_high, reason, author_id, valid_from, recorded_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.workspace, uuid.Must(uuid.NewV7()), g.KeyResultID, g.Baseline, g.Target, g.Stretch, g.BandLow, g.BandHigh, g.Reason, g.AuthorID, g.ValidFrom, g.RecordedAt)
	return mapError(err)
}

// GoalHistories reads every version of the numbers of many key results, oldest first.
func (s Scope) GoalHistories(ctx context.Context, ids []needle.KeyResultID) (map[needle.KeyResultID][]*needle.GoalVersion, error) {
	sh := shapeOf[needle.GoalVersion](map[string]string{"version": versionNumber("key_result_id")})
	rows, err := readRows[needle.GoalVersion](ctx, s, sh, "SELECT "+sh.columns+
		" FROM key_result_goals AS t WHERE t.workspace_id = ? AND t.key_result_id = ANY(?::uuid[]) ORDER BY t.recorded_at, t.id",
		s.workspace, uuids(distinct(raw(ids))))
	out := make(map[needle.KeyResultID][]*needle.GoalVersion, len(ids))
	for _, g := range rows {
		out[g.KeyResultID] = append(out[g.KeyResultID], g)
	}
	return out, err
}

// AgreedKeyResults reads the key results of a team's agreed objectives, in the order of their keys.
func (s Scope) AgreedKeyResults(ctx context.Context, team needle.TeamID) ([]*needle.KeyResult, error) {
	sh := shapeOf[needle.KeyResult](nil)
	return readRows[needle.KeyResult](ctx, s, sh, "SELECT "+sh.columns+` FROM key_results AS t
		JOIN objectives AS o ON o.workspace_id = t.workspace_id AND o.id = t.objective_id AND o.state = ?
		WHERE t.workspace_id = ? AND t.team_id = ? ORDER BY t.number`, needle.ObjectiveAgreed, s.workspace, team)
}
