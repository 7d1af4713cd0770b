package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// SegmentList asks for a list of segments.
type SegmentList = needle.ListArgs[needle.SegmentFilter, needle.SegmentOrderField]

var segments = listing[needle.Segment, needle.SegmentFilter, needle.SegmentOrderField]{
	orders: map[needle.SegmentOrderField]orderKey[needle.Segment]{
		needle.SegmentByName:      byText("name", func(r *needle.Segment) string { return r.Name }),
		needle.SegmentByCreatedAt: byTime("created_at", func(r *needle.Segment) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.SegmentByName, needle.Asc),
	filter: segmentFilter,
	id:     func(row *needle.Segment) uuid.UUID { return row.ID.UUID },
}

func segmentFilter(w *where, f *needle.SegmentFilter) {
	w.text("name", f.Name)
	w.number("weight", f.Weight)
	nest(w, f.And, f.Or, f.Not, segmentFilter)
}

// Segments reads one page of segments. Malformed arguments answer coded Errors.
func (s Scope) Segments(ctx context.Context, q SegmentList) (*needle.Page[*needle.Segment], error) {
	return segments.page(ctx, s, q)
}

// SegmentsByID reads segments; the answer lies parallel to ids, nil where there is none.
func (s Scope) SegmentsByID(ctx context.Context, ids []needle.SegmentID) ([]*needle.Segment, error) {
	return segments.byIDs(ctx, s, raw(ids))
}

// Segment reads one segment, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Segment(ctx context.Context, id needle.SegmentID) (*needle.Segment, error) {
	return segments.one(ctx, s, id.UUID, "segment")
}

// InsertSegment stores a new segment. A name that differs from another's in case at most answers DUPLICATE.
func (s Scope) InsertSegment(ctx context.Context, row *needle.Segment) error {
	return s.insert(ctx, row)
}

// UpdateSegment stores a changed segment. It answers CONFLICT when somebody else changed it since it was read, and
// DUPLICATE like InsertSegment.
func (s Scope) UpdateSegment(ctx context.Context, row *needle.Segment) error {
	return s.update(ctx, row)
}

// DeleteSegment removes a segment. It is touched first, so that its history tells when.
func (s Scope) DeleteSegment(ctx context.Context, row *needle.Segment) error {
	if err := s.update(ctx, row); err != nil {
		return err
	}
	return s.remove(ctx, "segments", row.ID.UUID)
}
