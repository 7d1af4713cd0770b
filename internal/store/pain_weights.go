package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// weighing names what transactions that change what segments weigh, and those that weigh by them, queue on.
const weighing = "weighing"

// HoldSegments keeps what segments weigh as it is until the transaction ends; others may hold it too. Whoever will weigh
// pain points calls it before taking any row, as HoldSegmentsAlone waits for them all.
func (s Scope) HoldSegments(ctx context.Context) error { return s.share(ctx, weighing) }

// HoldSegmentsAlone lets this transaction alone change what segments weigh: whoever weighs pain points meanwhile waits,
// and then weighs by what was changed.
func (s Scope) HoldSegmentsAlone(ctx context.Context) error { return s.Serialize(ctx, weighing) }

// WeighPainPoints counts the reporters of what remains of the pain points after merges, each once, and the mean weight
// of their segments: the one a reporter was last placed in, which weighs 1 when the workspace says nothing of it. It
// changes no version, so it never makes anybody's edit conflict. Callers at the same moment queue.
func (s Scope) WeighPainPoints(ctx context.Context, ids []needle.PainPointID) error {
	if err := s.HoldSegments(ctx); err != nil {
		return err
	}
	return s.weigh(ctx, "id = ANY(?1::uuid[])", uuids(distinct(raw(ids))), "")
}

// WeighSegments weighs every pain point anew that somebody of a segment of one of the two names has reported. The caller
// holds the segments alone.
func (s Scope) WeighSegments(ctx context.Context, name, former string) error {
	return s.weigh(ctx, `id IN (SELECT pain_point_id FROM pain_reports
		WHERE workspace_id = ?0 AND lower(btrim(segment)) IN (lower(?1), lower(?2)))`, name, former)
}

// weigh weighs the roots of the pain points that meet a condition.
func (s Scope) weigh(ctx context.Context, condition, first, second string) error {
	const roots = "SELECT root_id FROM pain_points WHERE workspace_id = ?0 AND "
	if _, err := s.idb.ExecContext(ctx, `
		SELECT FROM pain_points WHERE workspace_id = ?0 AND id IN (`+roots+condition+`)
		ORDER BY id FOR NO KEY UPDATE`, s.workspace, first, second); err != nil {
		return mapError(err)
	}
	_, err := s.idb.ExecContext(ctx, `
		WITH heard AS (
			SELECT d.root_id, lower(btrim(r.reporter)) AS reporter,
				(array_agg(lower(btrim(r.segment)) ORDER BY r.reported_at DESC, r.id DESC) FILTER (WHERE btrim(r.segment) <> ''))[1] AS segment
			FROM pain_points AS d LEFT JOIN pain_reports AS r ON r.workspace_id = ?0 AND r.pain_point_id = d.id
			WHERE d.workspace_id = ?0 AND d.root_id = ANY(ARRAY(`+roots+condition+`))
			GROUP BY d.root_id, lower(btrim(r.reporter))
		), weighed AS (
			SELECT h.root_id, count(h.reporter)::integer AS reporters,
				coalesce(avg(coalesce(g.weight, 1) ORDER BY h.reporter) FILTER (WHERE h.reporter IS NOT NULL), 1) AS segment_weight
			FROM heard AS h LEFT JOIN segments AS g ON g.workspace_id = ?0 AND lower(g.name) = h.segment
			GROUP BY h.root_id
		)
		UPDATE pain_points AS p SET reporters = w.reporters, segment_weight = w.segment_weight
		FROM weighed AS w
		WHERE p.workspace_id = ?0 AND p.id = w.root_id
			AND (p.reporters, p.segment_weight) IS DISTINCT FROM (w.reporters, w.segment_weight)`,
		s.workspace, first, second)
	return mapError(err)
}

// SettledPainPoint is a pain point whose status followed from the objectives that address it.
type SettledPainPoint struct {
	ID needle.PainPointID
	// From and To are its status before and after; the one is OPEN and the other TARGETED.
	From, To needle.PainPointStatus
}

// SettlePainPoints makes what remains of the pain points after merges TARGETED when an agreed objective addresses it or
// one of its duplicates, and OPEN when none does any more. RELIEVED and DISMISSED ones stay as people left them. It
// answers with those that moved. Callers at the same moment queue, and the last one sees what the others did.
func (s Scope) SettlePainPoints(ctx context.Context, ids []needle.PainPointID) ([]SettledPainPoint, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	touched := uuids(distinct(raw(ids)))
	// Whoever merges one of them meanwhile is waited for; what remains then is another one, which is held in turn.
	for range 2 {
		if _, err := s.idb.ExecContext(ctx, `
			SELECT FROM pain_points WHERE workspace_id = ?0 AND id IN (
				SELECT unnest(ARRAY[id, root_id]) FROM pain_points WHERE workspace_id = ?0 AND id = ANY(?1::uuid[]))
			ORDER BY id FOR NO KEY UPDATE`, s.workspace, touched); err != nil {
			return nil, mapError(err)
		}
	}
	var settled []SettledPainPoint
	err := s.each(ctx, `
		WITH due AS (
			SELECT r.id, r.status AS was, CASE WHEN EXISTS (
				SELECT 1 FROM pain_points AS d
				JOIN objective_pain_points AS j ON j.workspace_id = ?0 AND j.pain_point_id = d.id AND j.removed_at IS NULL
				JOIN objectives AS o ON o.workspace_id = ?0 AND o.id = j.objective_id AND o.state = ?4
				WHERE d.workspace_id = ?0 AND d.root_id = r.id) THEN ?3 ELSE ?2 END AS status
			FROM pain_points AS r
			WHERE r.workspace_id = ?0 AND r.status IN (?2, ?3)
				AND r.id IN (SELECT root_id FROM pain_points WHERE workspace_id = ?0 AND id = ANY(?1::uuid[]))
		)
		UPDATE pain_points AS p SET status = due.status, updated_at = ?5, version = p.version + 1
		FROM due WHERE p.workspace_id = ?0 AND p.id = due.id AND p.status <> due.status
		RETURNING p.id, due.was, p.status`,
		[]any{s.workspace, touched, needle.PainOpen, needle.PainTargeted, needle.ObjectiveAgreed, s.Now()}, func(rows *sql.Rows) error {
			var moved SettledPainPoint
			err := rows.Scan(&moved.ID, &moved.From, &moved.To)
			settled = append(settled, moved)
			return err
		})
	return settled, err
}

// EverAddressed lists what an objective addresses or once addressed.
func (s Scope) EverAddressed(ctx context.Context, objective needle.ObjectiveID) ([]needle.PainPointID, error) {
	var ids []needle.PainPointID
	err := s.each(ctx, `SELECT DISTINCT pain_point_id FROM objective_pain_points WHERE workspace_id = ? AND objective_id = ?`,
		[]any{s.workspace, objective}, func(rows *sql.Rows) error {
			var id uuid.UUID
			err := rows.Scan(&id)
			ids = append(ids, needle.PainPointID{UUID: id})
			return err
		})
	return ids, err
}
