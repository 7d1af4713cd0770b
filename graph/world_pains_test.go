package graph

import (
	"fmt"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// seedPainParts adds to the world's pain points what they consist of: a category and segments of the shop's own, reports,
// and a duplicate of the refunds that was merged, besides one whose merge was undone.
func (w *world) seedPainParts() {
	category := w.Category(func(c *needle.Category) { c.Name, c.Description = "PRIVACY", "Others see what they should not." })
	w.name("cat", "privacy", category.ID)
	w.name("cat", "speed", w.Category(func(c *needle.Category) { c.Name = "SPEED" }).ID)
	w.name("seg", "enterprise", w.Segment(func(s *needle.Segment) { s.Name, s.Weight, s.CreatedAt = "Enterprise", 3, ago(160) }).ID)
	w.name("seg", "hobby", w.Segment(func(s *needle.Segment) { s.Name, s.Weight = "Hobby", 0.5 }).ID)
	pain := func(name, title string, change func(*needle.PainPoint)) *needle.PainPoint {
		p := w.PainPoint(func(p *needle.PainPoint) {
			p.Title, p.CreatedAt, p.CreatedBy = title, ago(5), w.people["vic"].ID
			change(p)
		})
		w.pains[name] = p
		w.name("pain", name, p.ID)
		return p
	}
	refunds := w.pains["refunds"].ID
	money := pain("money", "Money comes back two weeks late", func(p *needle.PainPoint) {
		p.MergedIntoID, p.ExternalKey, p.Category = &refunds, "desk-900", "PRIVACY"
		p.Reporters, p.SegmentWeight = 2, 2 // As it was when it was merged.
	})
	w.name("ev", "late-money", w.Evidence(func(e *needle.Evidence) {
		e.PainPointID, e.ObservedAt, e.Body, e.Customer = money.ID, ago(20), "Two weeks for a refund!", "acme"
	}).ID)
	w.name("mrg", "money", w.Merge(func(m *needle.PainMerge) {
		m.FromID, m.IntoID, m.Note, m.MergedBy, m.RecordedAt = money.ID, refunds, "Said in other words", w.people["mia"].ID, ago(4)
	}).ID)
	w.name("mrg", "undone", w.Merge(func(m *needle.PainMerge) {
		m.FromID, m.IntoID, m.RecordedAt = w.pains["receipts"].ID, refunds, ago(9)
		m.UndoneBy, m.UndoneAt = &w.people["mia"].ID, ptr(ago(8))
	}).ID)
	report := func(name, pain, reporter, segment string, days int, change func(*needle.PainReport)) {
		w.name("rep", name, w.Report(func(r *needle.PainReport) {
			r.PainPointID, r.Reporter, r.Segment, r.ReportedAt, r.CreatedBy = w.pains[pain].ID, reporter, segment, ago(days), w.people["vic"].ID
			change(r)
		}).ID)
	}
	report("initech", "refunds", "Initech", "hobby", 2, func(r *needle.PainReport) { r.Note, r.ExternalKey = "Asked twice on the phone", "call-31" })
	report("globex", "money", "GLOBEX", "enterprise", 1, func(*needle.PainReport) {})
}

// weigh lets the database work out what the world's pain points weigh, as it does whenever something is reported.
func (w *world) weigh(t testing.TB, e *engine) {
	t.Helper()
	var ids []needle.PainPointID
	for _, p := range w.pains {
		ids = append(ids, p.ID)
	}
	if err := store.New(e.db, store.Config{}).In(w.Workspace.ID).WeighPainPoints(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
}

// seedPainParts gives each pain point a duplicate, and the first one fifty.
func (w *crowd) seedPainParts() {
	for i, p := range w.pains {
		w.Category(func(c *needle.Category) { c.Name = fmt.Sprintf("A %03d", i) })
		w.Segment(func(s *needle.Segment) { s.Name = fmt.Sprintf("A %03d", i) })
		for _, into := range []*needle.PainPoint{p, w.pains[0]} {
			w.Merge(func(m *needle.PainMerge) { m.IntoID = into.ID })
		}
	}
}

// seedPainParts adds a category, a segment and a duplicate of the one pain point, and reports another one now and then.
func (h *heap) seedPainParts(pain, other *needle.PainPoint) {
	h.Category(func(c *needle.Category) {
		h.stamp(&c.Stamp)
		c.Name += h.text()
	})
	h.Segment(func(s *needle.Segment) {
		h.stamp(&s.Stamp)
		s.Name, s.Weight = s.Name+h.text(), pick(h, 0.5, 1.0, 3.0)
	})
	h.Merge(func(m *needle.PainMerge) { m.IntoID, m.RecordedAt = pain.ID, h.moment() })
	for range h.random.IntN(3) {
		h.Report(func(r *needle.PainReport) {
			h.stamp(&r.Stamp)
			r.PainPointID, r.ReportedAt = other.ID, h.moment()
		})
	}
}
