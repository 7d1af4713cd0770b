package store

import (
	"context"
	"database/sql"

	"github.com/needle-okr/needle/internal/needle"
)

// ObjectivesByCarriedFrom reads one page of objectives that continue each objective in later cycles.
func (s Scope) ObjectivesByCarriedFrom(ctx context.Context, parents []needle.ObjectiveID, q ObjectiveList) ([]*needle.Page[*needle.Objective], error) {
	return below(ctx, s, &objectives, relation{column: "t.carried_from_id"}, parents, q)
}

// CopyCompany makes an objective address what another addresses and invites to it who takes part in the other, in the
// name of a person who takes part too.
func (s Scope) CopyCompany(ctx context.Context, from, to needle.ObjectiveID, by needle.UserID, function needle.Function) error {
	if _, err := s.idb.ExecContext(ctx, `
		INSERT INTO objective_pain_points (workspace_id, objective_id, pain_point_id, created_at)
		SELECT workspace_id, ?::uuid, pain_point_id, ?::timestamptz FROM objective_pain_points
		WHERE workspace_id = ? AND objective_id = ? AND removed_at IS NULL`,
		to, s.Now(), s.workspace, from); err != nil {
		return mapError(err)
	}
	_, err := s.idb.ExecContext(ctx, `
		INSERT INTO participants (workspace_id, objective_id, user_id, function, must_sign, invited_by, invited_at)
		SELECT p.workspace_id, ?0::uuid, p.user_id, p.function, p.must_sign, ?1::uuid, ?2::timestamptz FROM participants AS p
		WHERE p.workspace_id = ?3 AND p.objective_id = ?4 AND p.left_at IS NULL
		UNION ALL
		SELECT ?3::uuid, ?0::uuid, ?1::uuid, ?5, false, ?1::uuid, ?2::timestamptz
		WHERE NOT EXISTS (SELECT 1 FROM participants AS p
			WHERE p.workspace_id = ?3 AND p.objective_id = ?4 AND p.user_id = ?1 AND p.left_at IS NULL)`,
		to, by, s.Now(), s.workspace, from, function)
	return mapError(err)
}

// maxLineage bounds how far back a line of key results is followed; no team carries one over that often.
const maxLineage = 100

// Lineages reads the key results that each of some was carried over from, the oldest first and itself last.
func (s Scope) Lineages(ctx context.Context, ids []needle.KeyResultID) (map[needle.KeyResultID][]*needle.KeyResult, error) {
	sh := shapeOf[needle.KeyResult](nil)
	out := make(map[needle.KeyResultID][]*needle.KeyResult, len(ids))
	var of idTarget
	scanner := newScanner[needle.KeyResult](sh, &of)
	err := s.each(ctx, `
		WITH RECURSIVE line(of_id, id, age) AS (
			SELECT k, k, 0 FROM unnest(?0::uuid[]) AS k
			UNION ALL
			SELECT line.of_id, k.carried_from_id, line.age + 1 FROM line
			JOIN key_results AS k ON k.workspace_id = ?1 AND k.id = line.id
			WHERE k.carried_from_id IS NOT NULL AND line.age < ?2
		)
		SELECT line.of_id, `+sh.columns+` FROM line JOIN key_results AS t ON t.workspace_id = ?1 AND t.id = line.id
		ORDER BY line.of_id, line.age DESC`,
		[]any{uuids(distinct(raw(ids))), s.workspace, maxLineage}, func(rows *sql.Rows) error {
			k, err := scanner.next(rows)
			if err == nil {
				id := needle.KeyResultID{UUID: [16]byte(of)}
				out[id] = append(out[id], k)
			}
			return err
		})
	return out, err
}
