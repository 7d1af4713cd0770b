package store

import (
	"context"
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

// EvidenceByPainPoint reads one page of evidence of each pain point.
func (s Scope) EvidenceByPainPoint(ctx context.Context, parents []needle.PainPointID, q EvidenceList) ([]*needle.Page[*needle.Evidence], error) {
	return below(ctx, s, &evidence, relation{column: "t.pain_point_id"}, parents, q)
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
