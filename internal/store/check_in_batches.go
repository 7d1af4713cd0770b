package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// Recording a batch of check-ins is a constant number of statements, whatever its size.

// KeyResultsByNumber reads the key results that people call by these numbers; numbers that nobody has are absent.
func (s Scope) KeyResultsByNumber(ctx context.Context, numbers []int) (map[int]*needle.KeyResult, error) {
	wide := make([]int64, len(numbers))
	for i, n := range numbers {
		wide[i] = int64(n)
	}
	sh := shapeOf[needle.KeyResult](nil)
	rows, err := readRows[needle.KeyResult](ctx, s, sh, "SELECT "+sh.columns+
		" FROM key_results AS t WHERE t.workspace_id = ? AND t.number = ANY(?::bigint[])", s.workspace, pq.Array(wide))
	out := make(map[int]*needle.KeyResult, len(rows))
	for _, k := range rows {
		out[k.Number] = k
	}
	return out, err
}

// LockObjectives reads objectives and, inside a transaction, holds them until its end, in the order of their ids, so that
// two callers never wait for each other.
func (s Scope) LockObjectives(ctx context.Context, ids []needle.ObjectiveID) (map[needle.ObjectiveID]*needle.Objective, error) {
	sh := shapeOf[needle.Objective](nil)
	rows, err := readRows[needle.Objective](ctx, s, sh, "SELECT "+sh.columns+
		" FROM objectives AS t WHERE t.workspace_id = ? AND t.id = ANY(?::uuid[]) ORDER BY t.id"+s.lockClause(),
		s.workspace, uuids(distinct(raw(ids))))
	out := make(map[needle.ObjectiveID]*needle.Objective, len(rows))
	for _, o := range rows {
		out[o.ID] = o
	}
	return out, err
}

// CheckInsInTheWay reads what a metric source's values may meet: its own of the same ids, a person's of the same instants,
// and every correction of these, whoever made it. Either list may name more than there is.
func (s Scope) CheckInsInTheWay(ctx context.Context, keyResults []needle.KeyResultID, source string, externalIDs []string, instants []time.Time) ([]*needle.CheckIn, error) {
	texts := make([]string, len(instants))
	for i, t := range instants {
		texts[i] = instantText(t)
	}
	sh := shapeOf[needle.CheckIn](checkIns.computed)
	return readRows[needle.CheckIn](ctx, s, sh, `
		WITH RECURSIVE own AS (
			SELECT c.id, c.key_result_id, c.measured_at FROM check_ins AS c
			WHERE c.workspace_id = ?0 AND c.key_result_id = ANY(?1::uuid[]) AND c.metric_source = ?2
				AND c.external_id = ANY(?3::text[]) AND c.external_id <> ''
		), met(id) AS (
			(SELECT id FROM own
			UNION
			SELECT c.id FROM check_ins AS c
			WHERE c.workspace_id = ?0 AND c.key_result_id = ANY(?1::uuid[]) AND c.measured_at = ANY(?4::timestamptz[])
				AND c.author_id IS NOT NULL
			UNION
			SELECT c.id FROM own JOIN check_ins AS c
				ON c.workspace_id = ?0 AND c.key_result_id = own.key_result_id AND c.measured_at = own.measured_at
			WHERE c.author_id IS NOT NULL)
			UNION
			SELECT c.id FROM met JOIN check_ins AS c ON c.workspace_id = ?0 AND c.supersedes_id = met.id
		)
		SELECT `+sh.columns+` FROM met JOIN check_ins AS t ON t.workspace_id = ?0 AND t.id = met.id ORDER BY t.recorded_at, t.id`,
		s.workspace, uuids(distinct(raw(keyResults))), source, pq.Array(externalIDs), pq.Array(texts))
}

// InsertCheckIns stores many new check-ins.
func (s Scope) InsertCheckIns(ctx context.Context, rows []*needle.CheckIn) error {
	if len(rows) == 0 {
		return nil
	}
	return s.insert(ctx, &rows)
}

// SetPresentValues makes check-ins the present values of their key results, one each, and counts their versions up. The
// caller holds their objectives.
func (s Scope) SetPresentValues(ctx context.Context, latest map[needle.KeyResultID]*needle.CheckIn) error {
	if len(latest) == 0 {
		return nil
	}
	var ids, at []string
	var values []float64
	var confidences []sql.NullFloat64
	for id, c := range latest {
		ids, values, at = append(ids, id.Raw().String()), append(values, c.Value), append(at, instantText(c.MeasuredAt))
		confidences = append(confidences, nullFloat(c.Confidence))
	}
	return s.plain(ctx, `
		UPDATE key_results AS k SET current_value = n.value, current_confidence = n.confidence, current_at = n.at,
			updated_at = $2, version = k.version + 1
		FROM unnest($3::uuid[], $4::float8[], $5::float8[], $6::timestamptz[]) AS n(id, value, confidence, at)
		WHERE k.workspace_id = $1 AND k.id = n.id`,
		[]any{s.workspace, s.Now(), pq.Array(ids), pq.Array(values), pq.Array(confidences), pq.Array(at)},
		func(*sql.Rows) error { return nil })
}

func nullFloat(v *float64) sql.NullFloat64 {
	if v == nil {
		return sql.NullFloat64{}
	}
	return sql.NullFloat64{Float64: *v, Valid: true}
}
