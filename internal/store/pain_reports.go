package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// PainReportList asks for a list of reports.
type PainReportList = needle.ListArgs[needle.PainReportFilter, needle.PainReportOrderField]

var painReports = listing[needle.PainReport, needle.PainReportFilter, needle.PainReportOrderField]{
	orders: map[needle.PainReportOrderField]orderKey[needle.PainReport]{
		needle.PainReportByReportedAt: byTime("reported_at", func(r *needle.PainReport) time.Time { return r.ReportedAt }),
		needle.PainReportByCreatedAt:  byTime("created_at", func(r *needle.PainReport) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.PainReportByReportedAt, needle.Desc),
	filter: painReportFilter,
	id:     func(row *needle.PainReport) uuid.UUID { return row.ID.UUID },
}

func painReportFilter(w *where, f *needle.PainReportFilter) {
	w.text("reporter", f.Reporter)
	w.text("segment", f.Segment)
	w.text("external_key", f.ExternalKey)
	w.date("reported_at", f.ReportedAt)
	w.date("created_at", f.CreatedAt)
	nest(w, f.And, f.Or, f.Not, painReportFilter)
}

// PainReportsByPainPoint reads one page of reports of each pain point, those of its duplicates included.
func (s Scope) PainReportsByPainPoint(ctx context.Context, parents []needle.PainPointID, q PainReportList) ([]*needle.Page[*needle.PainReport], error) {
	return below(ctx, s, &painReports, belowPainPoints, parents, q)
}

// PainReportsByID reads reports; the answer lies parallel to ids, nil where there is none.
func (s Scope) PainReportsByID(ctx context.Context, ids []needle.PainReportID) ([]*needle.PainReport, error) {
	return painReports.byIDs(ctx, s, raw(ids))
}

// PainReportByKey reads the report of a pain point that came with an external key; nil when there is none.
func (s Scope) PainReportByKey(ctx context.Context, pain needle.PainPointID, key string) (*needle.PainReport, error) {
	sh := shapeOf[needle.PainReport](nil)
	rows, err := readRows[needle.PainReport](ctx, s, sh, "SELECT "+sh.columns+
		" FROM pain_reports AS t WHERE t.workspace_id = ? AND t.pain_point_id = ? AND t.external_key = ? AND t.external_key <> ''",
		s.workspace, pain, key)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// InsertPainReports stores new reports.
func (s Scope) InsertPainReports(ctx context.Context, rows []*needle.PainReport) error {
	if len(rows) == 0 {
		return nil
	}
	return s.insert(ctx, &rows)
}
