package impact_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// relieved is climb with a report on each of some days. Work is delivered on day 60 and may take effect until day 74.
func relieved() *story {
	s := climb()
	for _, day := range []int{46, 50, 54, 59, 60, 70, 73, 80} {
		s.report(1, "Acme", "", day)
	}
	return s
}

func span(from, to, n int) *needle.ReliefSpan {
	return &needle.ReliefSpan{From: date(from), To: date(to), Reports: n}
}

func TestRelief_comparesWhatLiesAroundTheEffectWindow(t *testing.T) {
	t.Parallel()
	s := relieved()
	s.pain(1, 4, needle.PainOpen, 5) // It was captured earlier than the span before begins.
	got := impact.Relief(s.CentricityFacts, painID(1), needle.ReliefInput{}, date(90))
	want := &needle.Relief{
		AsOf: date(90), FirstDeliveredAt: ptr(date(60)), EffectEndsAt: ptr(date(74)),
		Before: span(44, 60, 4), After: span(74, 90, 1),
		Estimate: impact.RateRatio(*span(44, 60, 4), *span(74, 90, 1), impact.ReliefConfidence),
		Note: "the span after begins when the last effect window ended, on 2026-12-14; " +
			"the span before is as long and ends with the first delivery, on 2026-11-30",
	}
	equal(t, "relief", want, got)
	equal(t, "verdict", needle.ReliefCountsOnly, got.Estimate.Verdict)
}

func TestRelief_comparesWhatItIsTold(t *testing.T) {
	t.Parallel()
	s := relieved()
	in := needle.ReliefInput{
		Before:       &needle.ReliefSpanInput{From: date(0), To: date(60), Exposure: ptr(600.0)},
		After:        &needle.ReliefSpanInput{From: date(60), To: date(90), Exposure: ptr(400.0)},
		ExposureUnit: ptr("shops\x00"),
	}
	got := impact.Relief(s.CentricityFacts, painID(1), in, date(90))
	before, after := span(0, 60, 4), span(60, 90, 4)
	before.Exposure, after.Exposure = ptr(600.0), ptr(400.0)
	want := &needle.Relief{
		AsOf: date(90), FirstDeliveredAt: ptr(date(60)), EffectEndsAt: ptr(date(74)),
		Before: before, After: after, ExposureUnit: "shops", Estimate: impact.RateRatio(*before, *after, impact.ReliefConfidence),
		Note: "the spans are those asked for; the span before begins before the pain point was captured, " +
			"so it holds only the reports that were entered later",
	}
	equal(t, "relief", want, got)
	equal(t, "ratio", ptr(1.5), got.Estimate.Ratio, closely())
}

func TestRelief_hasNothingToCompare(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*story)
		day    int
		want   string
	}{
		"before it was captured": {func(*story) {}, 9, "nothing to compare: it was not captured by 2026-10-10"},
		"before anything was delivered": {
			func(*story) {}, 59, "nothing to compare: no work meant for it was delivered by 2026-11-29",
		},
		"while the effect may set in": {
			func(*story) {}, 74, "too early to compare: the effect of delivered work may show until 2026-12-14",
		},
		"while a later effect may set in": {
			func(s *story) {
				s.item(2, 60)
				s.link(2, 1, 60)
				s.move(2, nil, needle.StatusDone, 70)
			}, 80, "too early to compare: the effect of delivered work may show until 2026-12-24",
		},
		"when the work was taken back": {
			func(s *story) { s.move(1, status(needle.StatusDone), needle.StatusInProgress, 61) }, 80,
			"nothing to compare: no work meant for it was delivered by 2026-12-20",
		},
		"of a duplicate": {
			func(s *story) { s.pain(2, 3, needle.PainOpen, 1); s.merge(1, 2, 62) }, 68,
			"nothing to compare: it was a duplicate, and its reports count for the one it was merged into",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := relieved()
			c.change(s)
			got := impact.Relief(s.CentricityFacts, painID(1), needle.ReliefInput{}, date(c.day))
			equal(t, "note", c.want, got.Note)
			if got.Before != nil || got.After != nil || got.Estimate != nil {
				t.Errorf("it compares all the same: %+v", got)
			}
		})
	}
}

func TestCountReports_countsDuplicatesAndWhatWasKnown(t *testing.T) {
	t.Parallel()
	s := relieved()
	s.pain(2, 3, needle.PainOpen, 1)
	s.merge(2, 1, 55)
	s.report(2, "Globex", "", 50)
	s.report(3, "Globex", "", 50)
	s.report(1, "Globex", "", 52)
	s.Reports[len(s.Reports)-1].RecordedAt = date(80) // Learnt late.
	count := func(day int) int {
		return impact.CountReports(s.CentricityFacts, painID(1), *span(46, 60, 0), date(day))
	}
	equal(t, "before the merge", 3, count(54))
	equal(t, "after it", 5, count(60))
	equal(t, "with what was learnt late", 6, count(80))
	equal(t, "of a pain point that is not there", 0, impact.CountReports(s.CentricityFacts, painID(9), *span(0, 99, 0), date(99)))
}
