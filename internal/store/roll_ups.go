package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ObjectivesServing reads, for each of some objectives, itself and every objective that serves it, straight or through
// others and their key results, each once. A loop, which no write allows, would end the search.
func (s Scope) ObjectivesServing(ctx context.Context, ids []needle.ObjectiveID) (map[needle.ObjectiveID][]*needle.Objective, error) {
	served := make(map[needle.ObjectiveID][]needle.ObjectiveID, len(ids))
	all := make(map[needle.ObjectiveID]bool, len(ids))
	err := s.each(ctx, `
		WITH RECURSIVE down(top, id) AS (
			SELECT o.id, o.id FROM objectives AS o WHERE o.workspace_id = ?0 AND o.id = ANY(?1::uuid[])
			UNION
			SELECT down.top, o.id FROM down CROSS JOIN LATERAL (
				SELECT c.id FROM objectives AS c WHERE c.workspace_id = ?0 AND c.parent_objective_id = down.id
				UNION ALL
				SELECT c.id FROM key_results AS k
				JOIN objectives AS c ON c.workspace_id = ?0 AND c.parent_key_result_id = k.id
				WHERE k.workspace_id = ?0 AND k.objective_id = down.id
			) AS o
		) SELECT top, id FROM down`,
		[]any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
			var top, id uuid.UUID
			if err := rows.Scan((*idTarget)(&top), (*idTarget)(&id)); err != nil {
				return err
			}
			above, below := needle.ObjectiveID{UUID: top}, needle.ObjectiveID{UUID: id}
			served[above] = append(served[above], below)
			all[below] = true
			return nil
		})
	if err != nil {
		return nil, err
	}
	each := make([]needle.ObjectiveID, 0, len(all))
	for id := range all {
		each = append(each, id)
	}
	found, err := s.ObjectivesByID(ctx, each)
	if err != nil {
		return nil, err
	}
	byID := make(map[needle.ObjectiveID]*needle.Objective, len(found))
	for i, o := range found {
		byID[each[i]] = o
	}
	out := make(map[needle.ObjectiveID][]*needle.Objective, len(served))
	for top, below := range served {
		for _, id := range below {
			out[top] = append(out[top], byID[id])
		}
	}
	return out, nil
}
