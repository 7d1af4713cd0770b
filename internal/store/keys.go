package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// numbered says which table the number of a people's key counts in.
var numbered = map[string]string{
	needle.PainPointKey: "pain_points", needle.ObjectiveKey: "objectives",
	needle.KeyResultKey: "key_results", needle.BacklogItemKey: "backlog_items",
}

// ByKey reads what people call by letters and number; nil when there is none.
func (s Scope) ByKey(ctx context.Context, letters string, number int) (needle.Node, error) {
	table, known := numbered[letters]
	if !known {
		return nil, nil //nolint:nilnil // No such key is no error: the answer is null.
	}
	var id uuid.UUID
	err := s.idb.QueryRowContext(ctx, "SELECT id FROM "+table+" WHERE workspace_id = ? AND number = ?", s.workspace, number).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // As above.
	}
	if err != nil {
		return nil, mapError(err)
	}
	switch letters {
	case needle.PainPointKey:
		return s.PainPoint(ctx, needle.PainPointID{UUID: id})
	case needle.ObjectiveKey:
		return s.Objective(ctx, needle.ObjectiveID{UUID: id})
	case needle.KeyResultKey:
		return s.KeyResult(ctx, needle.KeyResultID{UUID: id})
	default:
		return s.BacklogItem(ctx, needle.BacklogItemID{UUID: id})
	}
}
