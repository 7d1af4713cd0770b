package store

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// InsertParticipants makes people take part in objectives. Who takes part already stays as they are; who left takes part
// again, as if for the first time.
func (s Scope) InsertParticipants(ctx context.Context, rows []*needle.Participant) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := s.idb.NewInsert().Model(&rows).
		On("CONFLICT (workspace_id, objective_id, user_id) DO UPDATE").
		Set("function = EXCLUDED.function, must_sign = EXCLUDED.must_sign, invited_by = EXCLUDED.invited_by").
		Set("invited_at = EXCLUDED.invited_at, left_at = NULL").
		Where("participant.left_at IS NOT NULL").Exec(ctx)
	return mapError(err)
}
