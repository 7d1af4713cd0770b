package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ObjectiveList asks for a list of objectives.
type ObjectiveList = needle.ListArgs[needle.ObjectiveFilter, needle.ObjectiveOrderField]

var objectives = listing[needle.Objective, needle.ObjectiveFilter, needle.ObjectiveOrderField]{
	orders: map[needle.ObjectiveOrderField]orderKey[needle.Objective]{
		needle.ObjectiveByNumber:    {"number", "bigint", func(r *needle.Objective) string { return strconv.Itoa(r.Number) }},
		needle.ObjectiveByTitle:     byText("title", func(r *needle.Objective) string { return r.Title }),
		needle.ObjectiveByCreatedAt: byTime("created_at", func(r *needle.Objective) time.Time { return r.CreatedAt }),
		needle.ObjectiveByUpdatedAt: byTime("updated_at", func(r *needle.Objective) time.Time { return r.UpdatedAt }),
	},
	usual:  order(needle.ObjectiveByNumber, needle.Asc),
	filter: objectiveFilter,
	id:     func(row *needle.Objective) uuid.UUID { return row.ID.UUID },
}

func objectiveFilter(w *where, f *needle.ObjectiveFilter) {
	compare(w, "id", f.ID)
	compare(w, "team_id", f.TeamID)
	compare(w, "cycle_id", f.CycleID)
	w.text("title", f.Title)
	compare(w, "state", f.State)
	w.date("created_at", f.CreatedAt)
	w.date("updated_at", f.UpdatedAt)
	if c := f.PainPoints; c != nil {
		related(w, `pain_points AS %a JOIN pain_points AS %ad ON %ad.workspace_id = %a.workspace_id AND %ad.root_id = %a.id
			JOIN objective_pain_points AS %aj ON %aj.workspace_id = %ad.workspace_id AND %aj.pain_point_id = %ad.id
			WHERE %aj.workspace_id = §workspace_id AND %aj.objective_id = §id AND %aj.removed_at IS NULL`, c.Some, c.None, painPointFilter)
	}
	if c := f.KeyResults; c != nil {
		related(w, "key_results AS %a WHERE %a.workspace_id = §workspace_id AND %a.objective_id = §id", c.Some, c.None, keyResultFilter)
	}
	nest(w, f.And, f.Or, f.Not, objectiveFilter)
}

// Objectives reads one page of objectives. Malformed arguments answer coded Errors.
func (s Scope) Objectives(ctx context.Context, q ObjectiveList) (*needle.Page[*needle.Objective], error) {
	return objectives.page(ctx, s, q)
}

// ObjectivesByTeam reads one page of objectives of each team.
func (s Scope) ObjectivesByTeam(ctx context.Context, parents []needle.TeamID, q ObjectiveList) ([]*needle.Page[*needle.Objective], error) {
	return below(ctx, s, &objectives, relation{column: "t.team_id"}, parents, q)
}

// ObjectivesByCycle reads one page of objectives of each cycle.
func (s Scope) ObjectivesByCycle(ctx context.Context, parents []needle.CycleID, q ObjectiveList) ([]*needle.Page[*needle.Objective], error) {
	return below(ctx, s, &objectives, relation{column: "t.cycle_id"}, parents, q)
}

// ObjectivesByParent reads one page of objectives that serve each objective.
func (s Scope) ObjectivesByParent(ctx context.Context, parents []needle.ObjectiveID, q ObjectiveList) ([]*needle.Page[*needle.Objective], error) {
	return below(ctx, s, &objectives, relation{column: "t.parent_objective_id"}, parents, q)
}

// ObjectivesByParentKeyResult reads one page of objectives that serve each key result.
func (s Scope) ObjectivesByParentKeyResult(ctx context.Context, parents []needle.KeyResultID, q ObjectiveList) ([]*needle.Page[*needle.Objective], error) {
	return below(ctx, s, &objectives, relation{column: "t.parent_key_result_id"}, parents, q)
}

// ObjectivesByPainPoint reads one page of objectives that address each pain point or one of its duplicates, each once.
func (s Scope) ObjectivesByPainPoint(ctx context.Context, parents []needle.PainPointID, q ObjectiveList) ([]*needle.Page[*needle.Objective], error) {
	return below(ctx, s, &objectives, relation{condition: `t.id = ANY(ARRAY(
		SELECT j.objective_id FROM objective_pain_points AS j
		WHERE j.workspace_id = k.workspace_id AND j.removed_at IS NULL AND j.pain_point_id = ANY(` + belowPainPoint + ")))"}, parents, q)
}

// ObjectivesByID reads objectives; the answer lies parallel to ids, nil where there is none.
func (s Scope) ObjectivesByID(ctx context.Context, ids []needle.ObjectiveID) ([]*needle.Objective, error) {
	return objectives.byIDs(ctx, s, raw(ids))
}

// Objective reads one objective, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Objective(ctx context.Context, id needle.ObjectiveID) (*needle.Objective, error) {
	return objectives.one(ctx, s, id.UUID, "objective")
}

// InsertObjective stores a new objective.
func (s Scope) InsertObjective(ctx context.Context, row *needle.Objective) error {
	return s.insert(ctx, row)
}

// UpdateObjective stores a changed objective. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateObjective(ctx context.Context, row *needle.Objective) error {
	return s.update(ctx, row)
}

// SetObjectivePainPoints replaces what an objective addresses; links that end stay in its history. A duplicate stands for
// what it was merged into: a link to it stays where that is still addressed, so that undoing the merge finds it.
func (s Scope) SetObjectivePainPoints(ctx context.Context, id needle.ObjectiveID, pains []needle.PainPointID) error {
	const wanted = "SELECT root_id FROM pain_points WHERE workspace_id = ?0 AND id = ANY(?2::uuid[])"
	args := []any{s.workspace, id, uuids(distinct(raw(pains))), s.Now()}
	if _, err := s.idb.ExecContext(ctx, `
		UPDATE objective_pain_points AS j SET removed_at = ?3
		FROM pain_points AS d
		WHERE j.workspace_id = ?0 AND j.objective_id = ?1 AND j.removed_at IS NULL
			AND d.workspace_id = ?0 AND d.id = j.pain_point_id AND d.root_id NOT IN (`+wanted+`)`, args...); err != nil {
		return mapError(err)
	}
	_, err := s.idb.ExecContext(ctx, `
		INSERT INTO objective_pain_points (workspace_id, objective_id, pain_point_id, created_at)
		SELECT ?0, ?1, root_id, ?3 FROM (`+wanted+` EXCEPT
			SELECT d.root_id FROM objective_pain_points AS j JOIN pain_points AS d ON d.workspace_id = ?0 AND d.id = j.pain_point_id
			WHERE j.workspace_id = ?0 AND j.objective_id = ?1 AND j.removed_at IS NULL) AS missing
		ON CONFLICT DO NOTHING`, args...)
	return mapError(err)
}

// AddressedPainPoints lists the pain points that an objective addresses, what remained in the place of duplicates.
func (s Scope) AddressedPainPoints(ctx context.Context, id needle.ObjectiveID) ([]needle.PainPointID, error) {
	var pains []needle.PainPointID
	err := s.each(ctx, `
		SELECT DISTINCT p.root_id FROM objective_pain_points AS j
		JOIN pain_points AS p ON p.workspace_id = j.workspace_id AND p.id = j.pain_point_id
		WHERE j.workspace_id = ? AND j.objective_id = ? AND j.removed_at IS NULL ORDER BY 1`,
		[]any{s.workspace, id}, func(rows *sql.Rows) error {
			var p needle.PainPointID
			err := rows.Scan(&p)
			pains = append(pains, p)
			return err
		})
	return pains, err
}

// MissingPainPoints returns the places of ids that name no pain point of the workspace.
func (s Scope) MissingPainPoints(ctx context.Context, ids []needle.PainPointID) ([]int, error) {
	found, err := s.exists(ctx, "pain_points", raw(ids))
	var missing []int
	for i, ok := range found {
		if !ok {
			missing = append(missing, i)
		}
	}
	return missing, err
}

// ObjectiveServes reports whether an objective serves another one, straight or through others and their key results.
// Every objective serves itself.
func (s Scope) ObjectiveServes(ctx context.Context, id, other needle.ObjectiveID) (bool, error) {
	var serves bool
	err := s.idb.QueryRowContext(ctx, `
		WITH RECURSIVE up(id) AS (
			SELECT ?1::uuid
			UNION
			SELECT coalesce(o.parent_objective_id, k.objective_id)
			FROM up JOIN objectives AS o ON o.workspace_id = ?0 AND o.id = up.id
			LEFT JOIN key_results AS k ON k.workspace_id = ?0 AND k.id = o.parent_key_result_id
			WHERE coalesce(o.parent_objective_id, k.objective_id) IS NOT NULL
		) SELECT EXISTS (SELECT 1 FROM up WHERE id = ?2)`, s.workspace, id, other).Scan(&serves)
	return serves, mapError(err)
}

// KeyResultsOfAll reads every key result of many objectives, for what is computed over all of them.
func (s Scope) KeyResultsOfAll(ctx context.Context, ids []needle.ObjectiveID) (map[needle.ObjectiveID][]*needle.KeyResult, error) {
	sh := shapeOf[needle.KeyResult](nil)
	rows, err := readRows[needle.KeyResult](ctx, s, sh, "SELECT "+sh.columns+
		" FROM key_results AS t WHERE t.workspace_id = ? AND t.objective_id = ANY(?::uuid[]) ORDER BY t.objective_id, t.number",
		s.workspace, uuids(distinct(raw(ids))))
	out := make(map[needle.ObjectiveID][]*needle.KeyResult, len(ids))
	for _, k := range rows {
		out[k.ObjectiveID] = append(out[k.ObjectiveID], k)
	}
	return out, err
}
