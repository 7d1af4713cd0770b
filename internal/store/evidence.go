package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// EvidenceList asks for a list of evidence.
type EvidenceList = needle.ListArgs[needle.EvidenceFilter, needle.EvidenceOrderField]

var evidence = listing[needle.Evidence, needle.EvidenceFilter, needle.EvidenceOrderField]{
	orders: map[needle.EvidenceOrderField]orderKey[needle.Evidence]{
		needle.EvidenceByObservedAt: byTime("observed_at", func(r *needle.Evidence) time.Time { return r.ObservedAt }),
		needle.EvidenceByCreatedAt:  byTime("created_at", func(r *needle.Evidence) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.EvidenceByObservedAt, needle.Desc),
	filter: evidenceFilter,
	id:     func(row *needle.Evidence) uuid.UUID { return row.ID.UUID },
}

func evidenceFilter(w *where, f *needle.EvidenceFilter) {
	compare(w, "source", f.Source)
	w.text("customer", f.Customer)
	w.text("segment", f.Segment)
	w.date("observed_at", f.ObservedAt)
	nest(w, f.And, f.Or, f.Not, evidenceFilter)
}

// Evidence reads one page of evidence. Malformed arguments answer coded Errors.
func (s Scope) Evidence(ctx context.Context, q EvidenceList) (*needle.Page[*needle.Evidence], error) {
	return evidence.page(ctx, s, q)
}

// EvidenceByPainPoint reads one page of evidence of each pain point, that of its duplicates included.
func (s Scope) EvidenceByPainPoint(ctx context.Context, parents []needle.PainPointID, q EvidenceList) ([]*needle.Page[*needle.Evidence], error) {
	return below(ctx, s, &evidence, belowPainPoints, parents, q)
}

// EvidenceFreshness counts, for each pain point, the evidence that was observed since and that which is older; evidence
// of its duplicates included. The answer lies parallel to ids.
func (s Scope) EvidenceFreshness(ctx context.Context, ids []needle.PainPointID, since time.Time) ([]*needle.EvidenceFreshness, error) {
	out, parents := make([]*needle.EvidenceFreshness, len(ids)), idKeys(raw(ids))
	err := s.each(ctx, `
		SELECT k.ord, e.fresh, e.stale, e.newest_at FROM `+parents.rows()+` CROSS JOIN LATERAL (
			SELECT count(*) FILTER (WHERE e.observed_at >= ?) AS fresh, count(*) FILTER (WHERE e.observed_at < ?) AS stale,
				max(e.observed_at) AS newest_at
			FROM evidence AS e WHERE e.workspace_id = k.workspace_id AND e.pain_point_id = ANY(`+belowPainPoint+`)) AS e`,
		[]any{s.workspace, parents.array, since, since}, func(rows *sql.Rows) error {
			var ord int
			f := new(needle.EvidenceFreshness)
			err := rows.Scan(&ord, &f.Fresh, &f.Stale, &f.NewestAt)
			if err == nil {
				out[ord-1] = f
			}
			return err
		})
	return out, err
}

// EvidenceByID reads evidence; the answer lies parallel to ids, nil where there is none.
func (s Scope) EvidenceByID(ctx context.Context, ids []needle.EvidenceID) ([]*needle.Evidence, error) {
	return evidence.byIDs(ctx, s, raw(ids))
}

// evidenceTable is spelt out because bun would write "evidences".
const evidenceTable = "evidence"

// InsertEvidence stores new pieces of evidence.
func (s Scope) InsertEvidence(ctx context.Context, rows []*needle.Evidence) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := s.idb.NewInsert().Model(&rows).ModelTableExpr(evidenceTable).Exec(ctx)
	return mapError(err)
}
