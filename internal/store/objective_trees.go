package store

import (
	"context"
	"database/sql"

	"github.com/needle-okr/needle/internal/needle"
)

// ObjectiveTrees reads who serves whom among the objectives of each cycle, or those of one team in it, in one statement
// whatever their number and depth. Cycles without objectives get empty trees. The answer lies parallel to cycles.
func (s Scope) ObjectiveTrees(ctx context.Context, cycles []needle.CycleID, team *needle.TeamID) ([]*needle.ObjectiveTree, error) {
	of := make(map[needle.CycleID][]*needle.ObjectiveTreeNode, len(cycles))
	err := s.each(ctx, `
		SELECT o.cycle_id, o.id, coalesce(o.parent_objective_id, k.objective_id), o.parent_key_result_id
		FROM objectives AS o LEFT JOIN key_results AS k ON k.workspace_id = o.workspace_id AND k.id = o.parent_key_result_id
		WHERE o.workspace_id = ?0 AND o.cycle_id = ANY(?1::uuid[]) AND (?2::uuid IS NULL OR o.team_id = ?2)
		ORDER BY o.number`, []any{s.workspace, uuids(distinct(raw(cycles))), team}, func(rows *sql.Rows) error {
		var cycle needle.CycleID
		n := &needle.ObjectiveTreeNode{}
		err := rows.Scan(&cycle, &n.ObjectiveID, &n.ServesID, &n.ViaID)
		of[cycle] = append(of[cycle], n)
		return err
	})
	trees := make(map[needle.CycleID]*needle.ObjectiveTree, len(cycles))
	out := make([]*needle.ObjectiveTree, len(cycles))
	for i, id := range cycles {
		if trees[id] == nil {
			trees[id] = needle.NewObjectiveTree(of[id], needle.MaxTree)
		}
		out[i] = trees[id]
	}
	return out, err
}
