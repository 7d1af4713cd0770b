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
}

func painPointFilter(w *where, f *needle.PainPointFilter) {
	compare(w, "id", f.ID)
	w.text("title", f.Title)
	w.text("category", f.Category)
	w.number("severity", f.Severity)
	compare(w, "status", f.Status)
	w.date("created_at", f.CreatedAt)
	if c := f.Objectives; c != nil {
		related(w, "objectives AS %a JOIN objective_pain_points AS %aj ON %aj.workspace_id = %a.workspace_id AND %aj.objective_id = %a.id WHERE %aj.workspace_id = §workspace_id AND %aj.pain_point_id = §id", c.Some, c.None, objectiveFilter)
	}
	nest(w, f.And, f.Or, f.Not, painPointFilter)
}

// PainPoints reads one page of pain points. Malformed arguments answer coded Errors.
func (s Scope) PainPoints(ctx context.Context, q PainPointList) (*needle.Page[*needle.PainPoint], error) {
	return painPoints.page(ctx, s, q)
}

// PainPointsByObjective reads one page of pain points that each objective addresses.
func (s Scope) PainPointsByObjective(ctx context.Context, parents []needle.ObjectiveID, q PainPointList) ([]*needle.Page[*needle.PainPoint], error) {
	return below(ctx, s, &painPoints, relation{join: "JOIN objective_pain_points AS j ON j.workspace_id = t.workspace_id AND j.pain_point_id = t.id", column: "j.objective_id"}, parents, q)
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
