package store

import (
	"context"
	"database/sql"

	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// ScoreKeyResults stores the scores and notes of key results, whose versions count up. The caller holds their
// objective.
func (s Scope) ScoreKeyResults(ctx context.Context, rows []*needle.KeyResult) error {
	if len(rows) == 0 {
		return nil
	}
	var ids, notes []string
	var scores []sql.NullFloat64
	now := s.Now()
	for _, k := range rows {
		ids, scores, notes = append(ids, k.ID.Raw().String()), append(scores, nullFloat(k.Score)), append(notes, k.ScoreNote)
		k.Touch(now)
	}
	return s.plain(ctx, `
		UPDATE key_results AS k SET score = n.score, score_note = n.note, updated_at = $2, version = k.version + 1
		FROM unnest($3::uuid[], $4::float8[], $5::text[]) AS n(id, score, note)
		WHERE k.workspace_id = $1 AND k.id = n.id`,
		[]any{s.workspace, now, pq.Array(ids), pq.Array(scores), pq.Array(notes)}, func(*sql.Rows) error { return nil })
}
