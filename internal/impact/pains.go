package impact

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// pain is a pain point as it was known at an instant. What was said of a duplicate is with the one it was merged into.
type pain struct {
	id         needle.PainPointID
	number     int
	severity   int
	status     needle.PainPointStatus
	mergedInto *needle.PainPointID
	// mergedAt is since when it has been merged into that; nil unless it is.
	mergedAt   *time.Time
	capturedAt time.Time
	// relievedAt is when it last became RELIEVED; nil unless it was.
	relievedAt *time.Time
	// heard are its reporters, by name without case, and the group each was last placed in.
	heard map[string]placed
	// fresh counts the pieces of evidence that spoke for the instant; newest is when the newest of all was observed.
	fresh  int
	newest *time.Time
	// objectives are those that addressed it, by key.
	objectives []*objective
}

// placed is the segment that a reporter's latest report names.
type placed struct {
	segment    string
	reportedAt time.Time
	report     needle.PainReportID
}

// live reports whether customers still had it: it was neither dismissed nor relieved, nor a duplicate.
func (p *pain) live() bool {
	return p.mergedInto == nil && (p.status == needle.PainOpen || p.status == needle.PainTargeted)
}

// painsAsOf returns every pain point captured by asOf.
func painsAsOf(versions []*needle.PainPointVersion, asOf time.Time) map[needle.PainPointID]*pain {
	pains := map[needle.PainPointID]*pain{}
	for id, history := range histories(versions, asOf, func(v *needle.PainPointVersion) (needle.PainPointID, time.Time, int) {
		return v.PainPointID, v.RecordedAt, v.Version
	}) {
		last := history[len(history)-1]
		p := &pain{
			id: id, number: last.Number, severity: last.Severity, status: last.Status, mergedInto: last.MergedIntoID,
			capturedAt: history[0].RecordedAt, heard: map[string]placed{},
		}
		for i := len(history) - 1; i >= 0 && history[i].Status == needle.PainRelieved; i-- {
			p.relievedAt = &history[i].RecordedAt
		}
		for i := len(history) - 1; i >= 0 && p.mergedInto != nil && history[i].MergedIntoID != nil && *history[i].MergedIntoID == *p.mergedInto; i-- {
			p.mergedAt = &history[i].RecordedAt
		}
		pains[id] = p
	}
	return pains
}

// root follows the merges that stood to the pain point that remained. Merges in a ring, which no write allows but an
// import might bring, end where they began.
func root(pains map[needle.PainPointID]*pain, p *pain) *pain {
	seen := map[needle.PainPointID]bool{}
	for at := p; at.mergedInto != nil; {
		seen[at.id] = true
		next := pains[*at.mergedInto]
		if next == nil || seen[next.id] {
			return p
		}
		if next.mergedInto == nil {
			return next
		}
		at = next
	}
	return p
}

// hear adds a report: each reporter counts once, in the group that the latest report with one names.
func (p *pain) hear(r *needle.ReportTimes) {
	name, said := named(r.Reporter), placed{named(r.Segment), r.ReportedAt, r.ID}
	was, known := p.heard[name]
	if !known || said.segment != "" && (was.segment == "" || said.later(was)) {
		p.heard[name] = said
	}
}

func (s placed) later(other placed) bool {
	return cmp.Or(s.reportedAt.Compare(other.reportedAt), slices.Compare(s.report.UUID[:], other.report.UUID[:])) > 0
}

// named makes names comparable as the database does: without case and the spaces around them.
func named(name string) string { return strings.ToLower(strings.Trim(name, " ")) }

// show adds a piece of evidence.
func (p *pain) show(e *needle.EvidenceTimes, asOf time.Time, freshDays int) {
	if asOf.Sub(e.ObservedAt) <= time.Duration(freshDays)*day {
		p.fresh++
	}
	if p.newest == nil || e.ObservedAt.After(*p.newest) {
		p.newest = &e.ObservedAt
	}
}

// segmentWeight is the mean weight of the reporters' segments; one that says nothing, or of which nothing is said,
// weighs 1.
func (p *pain) segmentWeight(segments map[string]float64) float64 {
	if len(p.heard) == 0 {
		return 1
	}
	weights := make([]float64, 0, len(p.heard))
	for _, r := range p.heard {
		weight, known := segments[r.segment]
		if !known || r.segment == "" {
			weight = 1
		}
		weights = append(weights, weight)
	}
	slices.Sort(weights) // Sums of floats depend on their order.
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	return sum / float64(len(weights))
}

// Weight is what a pain point weighs: severity × log2(1 + reporters) × segment weight. What nobody reported weighs 0.
func Weight(severity, reporters int, segmentWeight float64) float64 {
	return float64(severity) * math.Log2(1+float64(reporters)) * segmentWeight
}

// segmentsAsOf returns what each segment weighed, by name without case.
func segmentsAsOf(versions []*needle.SegmentVersion, asOf time.Time) map[string]float64 {
	weights := map[string]float64{}
	for _, history := range histories(versions, asOf, func(v *needle.SegmentVersion) (needle.SegmentID, time.Time, int) {
		return v.SegmentID, v.RecordedAt, v.Version
	}) {
		last := history[len(history)-1]
		weights[named(last.Name)] = last.Weight
	}
	return weights
}

// histories sorts the versions that were recorded by asOf to their subjects, each in the order they were recorded.
func histories[K comparable, V any](versions []V, asOf time.Time, of func(V) (subject K, recorded time.Time, version int)) map[K][]V {
	found := map[K][]V{}
	for _, v := range versions {
		if subject, recorded, _ := of(v); !recorded.After(asOf) {
			found[subject] = append(found[subject], v)
		}
	}
	for _, history := range found {
		slices.SortFunc(history, func(a, b V) int {
			_, recordedA, versionA := of(a)
			_, recordedB, versionB := of(b)
			return cmp.Or(recordedA.Compare(recordedB), cmp.Compare(versionA, versionB))
		})
	}
	return found
}
