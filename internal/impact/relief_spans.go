package impact

import (
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Relief says what was reported of a pain point in two spans, as known at asOf. The spans are those given; absent, they
// follow from the work delivered for it: after runs from the end of the last effect window until asOf, before is as long
// and ends with the first delivery. What was reported while effects were setting in belongs to neither. Nothing is
// compared when nothing was delivered, or while a window is open.
//
// Meant for a pain point is the work on any key result of any objective that addressed it at asOf. Reports of duplicates
// count for the one that remained, by when they were reported; evidence that names no customer is no report.
func Relief(f needle.CentricityFacts, id needle.PainPointID, in needle.ReliefInput, asOf time.Time) *needle.Relief {
	l := ladderAsOf(f, asOf)
	r := &needle.Relief{AsOf: asOf}
	p := l.tree[id]
	switch {
	case p == nil:
		r.Note = "nothing to compare: it was not captured by " + instant(asOf)
		return r
	case p.id != id || p.mergedInto != nil:
		r.Note = "nothing to compare: it was a duplicate, and its reports count for the one it was merged into"
		return r
	}
	l.deliveries(p, r)
	r.Note = spans(r, in)
	if r.Before == nil {
		return r
	}
	if in.ExposureUnit != nil {
		r.ExposureUnit = needle.Clean(*in.ExposureUnit)
	}
	r.Before.Reports, r.After.Reports = l.reportsIn(f, p, *r.Before), l.reportsIn(f, p, *r.After)
	r.Estimate = RateRatio(*r.Before, *r.After, ReliefConfidence)
	if r.Before.From.Before(p.capturedAt) {
		r.Note += "; the span before begins before the pain point was captured, so it holds only the reports that were entered later"
	}
	return r
}

// CountReports returns how often a pain point and its duplicates were reported in a span, as known at asOf.
func CountReports(f needle.CentricityFacts, id needle.PainPointID, span needle.ReliefSpan, asOf time.Time) int {
	l := ladderAsOf(f, asOf)
	return l.reportsIn(f, l.tree[id], span)
}

func (l *ladder) reportsIn(f needle.CentricityFacts, p *pain, span needle.ReliefSpan) int {
	n := 0
	for _, r := range f.Reports {
		inside := !r.ReportedAt.Before(span.From) && r.ReportedAt.Before(span.To)
		if inside && !r.RecordedAt.After(l.asOf) && p != nil && l.tree[r.PainPointID] == p {
			n++
		}
	}
	return n
}

// deliveries finds when the first work meant for a pain point was delivered and when the last effect window ends.
func (l *ladder) deliveries(p *pain, r *needle.Relief) {
	meant := map[needle.KeyResultID]*keyResult{}
	for _, o := range p.objectives {
		for _, kr := range o.keyResults {
			meant[kr.ID] = kr
		}
	}
	for id, item := range l.items {
		delivered := l.work[id].DeliveredAt
		if delivered == nil {
			continue
		}
		for _, link := range l.serving(item) {
			kr := meant[link.KeyResultID]
			if kr == nil {
				continue
			}
			if r.FirstDeliveredAt == nil || delivered.Before(*r.FirstDeliveredAt) {
				r.FirstDeliveredAt = delivered
			}
			if end := EffectWindow(*delivered, link.Bet, kr.KeyResult).To; r.EffectEndsAt == nil || end.After(*r.EffectEndsAt) {
				r.EffectEndsAt = &end
			}
		}
	}
}

// spans sets what is compared and says where it comes from, or why there is nothing.
func spans(r *needle.Relief, in needle.ReliefInput) string {
	switch {
	case in.Before != nil && in.After != nil:
		before, after := in.Before.Span(), in.After.Span()
		r.Before, r.After = &before, &after
		return "the spans are those asked for"
	case r.FirstDeliveredAt == nil:
		return "nothing to compare: no work meant for it was delivered by " + instant(r.AsOf)
	case !r.EffectEndsAt.Before(r.AsOf):
		return "too early to compare: the effect of delivered work may show until " + instant(*r.EffectEndsAt)
	}
	first, end := *r.FirstDeliveredAt, *r.EffectEndsAt
	r.After = &needle.ReliefSpan{From: end, To: r.AsOf}
	r.Before = &needle.ReliefSpan{From: first.Add(end.Sub(r.AsOf)), To: first}
	return strings.Join([]string{
		"the span after begins when the last effect window ended, on " + instant(end),
		"the span before is as long and ends with the first delivery, on " + instant(first),
	}, "; ")
}
