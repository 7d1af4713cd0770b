package store

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// PainPointList asks for a list of pain points.
type PainPointList = needle.ListArgs[needle.PainPointFilter, needle.PainPointOrderField]

var painPoints = listing[needle.PainPoint, needle.PainPointFilter, needle.PainPointOrderField]{
	orders: map[needle.PainPointOrderField]orderKey[needle.PainPoint]{
		needle.PainPointBySeverity:  {"severity", "bigint", func(r *needle.PainPoint) string { return strconv.Itoa(r.Severity) }},
		needle.PainPointByNumber:    {"number", "bigint", func(r *needle.PainPoint) string { return strconv.Itoa(r.Number) }},
		needle.PainPointByCreatedAt: byTime("created_at", func(r *needle.PainPoint) time.Time { return r.CreatedAt }),
		needle.PainPointByUpdatedAt: byTime("updated_at", func(r *needle.PainPoint) time.Time { return r.UpdatedAt }),
	},
	usual:  order(needle.PainPointByNumber, needle.Desc),
	filter: painPointFilter,
	id:     func(row *needle.PainPoint) uuid.UUID { return row.ID.UUID },
	// The database works the weight out, so that its order and its value agree to the last digit.
	computed: map[string]string{"weight": "t.weight"},
}

func painPointFilter(w *where, f *needle.PainPointFilter) {
	compare(w, "id", f.ID)
	w.text("title", f.Title)
	w.text("category", f.Category)
	w.number("severity", f.Severity)
	compare(w, "status", f.Status)
	w.date("created_at", f.CreatedAt)
	if c := f.Objectives; c != nil {
		related(w, "objectives AS %a JOIN objective_pain_points AS %aj ON %aj.workspace_id = %a.workspace_id AND %aj.objective_id = %a.id WHERE %aj.workspace_id = §workspace_id AND %aj.pain_point_id = §id AND %aj.removed_at IS NULL", c.Some, c.None, objectiveFilter)
	}
	nest(w, f.And, f.Or, f.Not, painPointFilter)
}

// PainPoints reads one page of pain points. Malformed arguments answer coded Errors.
func (s Scope) PainPoints(ctx context.Context, q PainPointList) (*needle.Page[*needle.PainPoint], error) {
	return painPoints.page(ctx, s, q)
}

// PainPointsByObjective reads one page of pain points that each objective addresses.
func (s Scope) PainPointsByObjective(ctx context.Context, parents []needle.ObjectiveID, q PainPointList) ([]*needle.Page[*needle.PainPoint], error) {
	return below(ctx, s, &painPoints, relation{join: "JOIN objective_pain_points AS j ON j.workspace_id = t.workspace_id AND j.pain_point_id = t.id AND j.removed_at IS NULL", column: "j.objective_id"}, parents, q)
}

// PainPointsByID reads pain points; the answer lies parallel to ids, nil where there is none.
func (s Scope) PainPointsByID(ctx context.Context, ids []needle.PainPointID) ([]*needle.PainPoint, error) {
	return painPoints.byIDs(ctx, s, raw(ids))
}

// PainPoint reads one pain point, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) PainPoint(ctx context.Context, id needle.PainPointID) (*needle.PainPoint, error) {
	return painPoints.one(ctx, s, id.UUID, "pain point")
}

// InsertPainPoint stores a new pain point.
func (s Scope) InsertPainPoint(ctx context.Context, row *needle.PainPoint) error {
	return s.insert(ctx, row)
}

// UpdatePainPoint stores a changed pain point. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdatePainPoint(ctx context.Context, row *needle.PainPoint) error {
	return s.update(ctx, row)
}

// WeighPainPoints counts the reporters of what remains of the pain points after merges, each once, and the mean weight
// of their segments: the one a reporter was last placed in, which weighs 1 when the workspace says nothing of it. It
// changes no version, so it never makes anybody's edit conflict. Callers at the same moment queue.
func (s Scope) WeighPainPoints(ctx context.Context, ids []needle.PainPointID) error {
	touched := uuids(distinct(raw(ids)))
	if _, err := s.idb.ExecContext(ctx, `
		SELECT FROM pain_points WHERE workspace_id = ?0 AND id IN (
			SELECT root_id FROM pain_points WHERE workspace_id = ?0 AND id = ANY(?1::uuid[]))
		ORDER BY id FOR NO KEY UPDATE`, s.workspace, touched); err != nil {
		return mapError(err)
	}
	_, err := s.idb.ExecContext(ctx, `
		WITH roots AS (
			SELECT DISTINCT root_id AS id FROM pain_points WHERE workspace_id = ?0 AND id = ANY(?1::uuid[])
		), heard AS (
			SELECT d.root_id, lower(btrim(r.reporter)) AS reporter,
				(array_agg(lower(btrim(r.segment)) ORDER BY r.reported_at DESC, r.id DESC) FILTER (WHERE btrim(r.segment) <> ''))[1] AS segment
			FROM roots
			JOIN pain_points AS d ON d.workspace_id = ?0 AND d.root_id = roots.id
			JOIN pain_reports AS r ON r.workspace_id = ?0 AND r.pain_point_id = d.id
			GROUP BY d.root_id, lower(btrim(r.reporter))
		), weighed AS (
			SELECT h.root_id, count(*)::integer AS reporters, avg(coalesce(g.weight, 1)) AS segment_weight
			FROM heard AS h LEFT JOIN segments AS g ON g.workspace_id = ?0 AND lower(g.name) = h.segment
			GROUP BY h.root_id
		)
		UPDATE pain_points AS p SET reporters = coalesce(w.reporters, 0), segment_weight = coalesce(w.segment_weight, 1)
		FROM roots LEFT JOIN weighed AS w ON w.root_id = roots.id
		WHERE p.workspace_id = ?0 AND p.id = roots.id`, s.workspace, touched)
	return mapError(err)
}
