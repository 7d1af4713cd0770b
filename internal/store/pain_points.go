package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// PainPointList asks for a list of pain points.
type PainPointList = needle.ListArgs[needle.PainPointFilter, needle.PainPointOrderField]

var painPoints = listing[needle.PainPoint, needle.PainPointFilter, needle.PainPointOrderField]{
	orders: map[needle.PainPointOrderField]orderKey[needle.PainPoint]{
		needle.PainPointBySeverity:  {"severity", "bigint", func(r *needle.PainPoint) string { return strconv.Itoa(r.Severity) }},
		needle.PainPointByWeight:    byFloat("weight", func(r *needle.PainPoint) float64 { return r.Weight }),
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

// belowPainPoint lists the pain points that count for k.id: itself and, when it remains after merges, its duplicates. It
// is an array because that is worked out once for each k, whatever the planner knows of the tables.
const belowPainPoint = `ARRAY(
	SELECT d.id FROM pain_points AS d WHERE d.workspace_id = k.workspace_id AND (d.root_id = k.id OR d.id = k.id))`

// belowPainPoints relates rows that were entered for a pain point.
var belowPainPoints = relation{condition: "t.pain_point_id = ANY(" + belowPainPoint + ")"}

func painPointFilter(w *where, f *needle.PainPointFilter) {
	compare(w, "id", f.ID)
	w.text("title", f.Title)
	w.text("category", f.Category)
	w.number("severity", f.Severity)
	w.number("weight", f.Weight)
	w.number("reporters", f.Reporters)
	compare(w, "status", f.Status)
	w.usually("merged_into_id IS NOT NULL", f.Merged.IsSet(), f.Merged.Value())
	w.text("external_key", f.ExternalKey)
	w.date("relieved_at", f.RelievedAt)
	w.date("created_at", f.CreatedAt)
	if f.Search != nil && strings.TrimSpace(*f.Search) != "" {
		w.and("§words @@ websearch_to_tsquery('simple', ?)", searched(*f.Search))
	}
	if c := f.Objectives; c != nil {
		related(w, `objectives AS %a JOIN objective_pain_points AS %aj ON %aj.workspace_id = %a.workspace_id AND %aj.objective_id = %a.id
			JOIN pain_points AS %ad ON %ad.workspace_id = %aj.workspace_id AND %ad.id = %aj.pain_point_id
			WHERE %a.workspace_id = §workspace_id AND %ad.root_id = §root_id AND (§merged_into_id IS NULL OR %ad.id = §id) AND %aj.removed_at IS NULL`, c.Some, c.None, objectiveFilter)
	}
	if c := f.Evidence; c != nil {
		related(w, `evidence AS %a JOIN pain_points AS %ad ON %ad.workspace_id = %a.workspace_id AND %ad.id = %a.pain_point_id
			WHERE %a.workspace_id = §workspace_id AND %ad.root_id = §root_id AND (§merged_into_id IS NULL OR %ad.id = §id)`, c.Some, c.None, evidenceFilter)
	}
	nest(w, f.And, f.Or, f.Not, painPointFilter)
}

// searched cuts what somebody looks for: words beyond the limit of a title narrow a search no further.
func searched(text string) string {
	runes := []rune(needle.Clean(text))
	return string(runes[:min(len(runes), needle.MaxTitle)])
}

// PainPoints reads one page of pain points. Malformed arguments answer coded Errors.
func (s Scope) PainPoints(ctx context.Context, q PainPointList) (*needle.Page[*needle.PainPoint], error) {
	return painPoints.page(ctx, s, q)
}

// PainPointsByObjective reads one page of pain points that each objective addresses: what remains after merges, each once.
func (s Scope) PainPointsByObjective(ctx context.Context, parents []needle.ObjectiveID, q PainPointList) ([]*needle.Page[*needle.PainPoint], error) {
	return below(ctx, s, &painPoints, relation{condition: `t.id = ANY(ARRAY(
		SELECT d.root_id FROM objective_pain_points AS j
		JOIN pain_points AS d ON d.workspace_id = j.workspace_id AND d.id = j.pain_point_id
		WHERE j.workspace_id = k.workspace_id AND j.objective_id = k.id AND j.removed_at IS NULL))`}, parents, q)
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
