package impact_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// reports is a span in which so many reports came from so much exposure.
func reports(n int, exposure float64) needle.ReliefSpan {
	return needle.ReliefSpan{From: date(0), To: date(30), Reports: n, Exposure: &exposure}
}

func ptr[T any](v T) *T { return &v }

// closely compares to ten digits.
func closely() cmp.Option { return cmpopts.EquateApprox(1e-10, 0) }

// The first case is the example of R's manual page of poisson.test (data of ISwR's eba1977), for which R prints 1.971488
// and 0.8584264 to 4.2772659; the second is the example of Stata's manual of ir (K. J. Rothman's breast cancer data), for
// which Stata prints 1.855759 and 1.005684 to 3.6093 (exact). The digits here, as those of the other cases, were worked
// out with 60 digits by bisection on binomial tail sums, which shares nothing with the quantiles of a beta distribution
// that RateRatio takes; the last one by bisection on the incomplete beta function with 40 digits.
func TestRateRatio_agreesWithReferences(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after needle.ReliefSpan
		confidence    float64
		ratio         *float64
		low           float64
		high          *float64
		verdict       needle.ReliefVerdict
	}{
		"R's example":       {reports(21, 3011), reports(11, 800), 0.95, ptr(1.9714880952381), 0.85842640339164, ptr(4.27726594365407), needle.ReliefNoClearChange},
		"Stata's example":   {reports(15, 19017), reports(41, 28010), 0.95, ptr(1.85575865762228), 1.00568406268926, ptr(3.60930031107791), needle.ReliefMore},
		"half as many":      {reports(12, 1000), reports(6, 1000), 0.95, ptr(0.5), 0.153971407464297, ptr(1.439469217507), needle.ReliefNoClearChange},
		"clearly fewer":     {reports(20, 1000), reports(3, 1250), 0.95, ptr(0.12), 0.0228349090872687, ptr(0.404618152206051), needle.ReliefFewer},
		"none after":        {reports(7, 100), reports(0, 100), 0.95, ptr(0.0), 0, ptr(0.693813980096453), needle.ReliefFewer},
		"none before":       {reports(0, 100), reports(5, 100), 0.95, nil, 0.91635585731546, nil, needle.ReliefNoClearChange},
		"more confidence":   {reports(10, 1000), reports(2, 1000), 0.99, ptr(0.2), 0.0090490353941217, ptr(1.34164397653431), needle.ReliefNoClearChange},
		"one each":          {reports(1, 1), reports(1, 1), 0.95, ptr(1.0), 0.0127393670836666, ptr(78.496835316263), needle.ReliefNoClearChange},
		"many":              {reports(260, 4.8e6), reports(130, 5e6), 0.95, ptr(0.48), 0.385832884142867, ptr(0.594737365355213), needle.ReliefFewer},
		"tens of thousands": {reports(20300, 1e6), reports(19800, 1e6), 0.95, ptr(19800.0 / 20300.0), 0.956412312161474, ptr(0.994701171521333), needle.ReliefFewer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := impact.RateRatio(c.before, c.after, c.confidence)
			want := &needle.ReliefEstimate{
				Ratio: c.ratio, Low: &c.low, High: c.high, Confidence: &c.confidence, Verdict: c.verdict, Method: needle.MethodPoisson, Note: got.Note,
			}
			equal(t, "estimate", want, got, closely())
		})
	}
}

func TestRateRatio_withoutExposuresCountsOnly(t *testing.T) {
	t.Parallel()
	bare := func(n int) needle.ReliefSpan { return needle.ReliefSpan{From: date(0), To: date(30), Reports: n} }
	for name, spans := range map[string][2]needle.ReliefSpan{
		"none":            {bare(9), bare(1)},
		"of one only":     {reports(9, 100), bare(1)},
		"zero":            {reports(9, 0), reports(1, 100)},
		"negative":        {reports(9, 100), reports(1, -1)},
		"infinite":        {reports(9, math.Inf(1)), reports(1, 100)},
		"no number":       {reports(9, math.NaN()), reports(1, 100)},
		"beyond a number": {reports(9, 1e300), reports(1, 1e-300)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := &needle.ReliefEstimate{
				Verdict: needle.ReliefCountsOnly, Method: needle.MethodNone,
				Note: "without the exposure of both spans there are no rates: the counts are all that can be said",
			}
			equal(t, "estimate", want, impact.RateRatio(spans[0], spans[1], impact.ReliefConfidence))
		})
	}
}

func TestRateRatio_saysWhatItCannot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after int
		want          string
	}{
		"no report at all":    {0, 0, "nobody reported it in either span: there is nothing to compare"},
		"no report before":    {0, 3, "nobody reported it before: the ratio is not a number and nothing bounds it from above"},
		"no report after":     {30, 0, "nobody reported it after: the ratio is 0, and the interval says how much of the old rate may be left"},
		"no clear difference": {3, 2, "the interval holds 1: as few reports as these may differ so much by chance"},
		"a clear difference":  {30, 2, ""},
	} {
		if got := impact.RateRatio(reports(c.before, 10), reports(c.after, 10), impact.ReliefConfidence); got.Note != c.want {
			t.Errorf("%s: %q", name, got.Note)
		}
	}
	if got := impact.RateRatio(reports(0, 10), reports(0, 10), impact.ReliefConfidence); got.Ratio != nil || *got.Low > 0 || got.High != nil {
		t.Errorf("of nothing: %+v", got)
	}
}

// binomial is the probability of k among n at p, by way of logarithms.
func binomial(n, k int, p float64) float64 {
	whole, _ := math.Lgamma(float64(n + 1))
	part, _ := math.Lgamma(float64(k + 1))
	rest, _ := math.Lgamma(float64(n - k + 1))
	return math.Exp(whole - part - rest + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

// atLeast is the probability of k or more among n at p.
func atLeast(n, k int, p float64) float64 {
	total := 0.0
	for i := k; i <= n; i++ {
		total += binomial(n, i, p)
	}
	return total
}

func drawSpans(t *rapid.T) (before, after needle.ReliefSpan) {
	exposure := rapid.Float64Range(0.5, 1e6)
	return reports(rapid.IntRange(0, 60).Draw(t, "before"), exposure.Draw(t, "exposure before")),
		reports(rapid.IntRange(0, 60).Draw(t, "after"), exposure.Draw(t, "exposure after"))
}

// The limits are those ratios at which what was seen, or more of it, has the probability of one tail.
func TestRateRatio_limitsLeaveOneTailEach(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawSpans(t)
		confidence := rapid.Float64Range(0.5, 0.999).Draw(t, "confidence")
		e := impact.RateRatio(before, after, confidence)
		tail, n := (1-confidence)/2, before.Reports+after.Reports
		share := func(ratio float64) float64 {
			return ratio * *after.Exposure / (ratio**after.Exposure + *before.Exposure)
		}
		if after.Reports > 0 {
			equal(t, "the lower tail", tail, atLeast(n, after.Reports, share(*e.Low)), cmpopts.EquateApprox(1e-7, 0))
		}
		if before.Reports > 0 {
			equal(t, "the upper tail", tail, 1-atLeast(n, after.Reports+1, share(*e.High)), cmpopts.EquateApprox(1e-7, 1e-12))
			if *e.Low > *e.Ratio || *e.Ratio > *e.High {
				t.Fatalf("the ratio lies outside its interval: %v %v %v", *e.Low, *e.Ratio, *e.High)
			}
		}
	})
}

func TestRateRatio_turnsRoundWithItsSpans(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawSpans(t)
		one := impact.RateRatio(before, after, impact.ReliefConfidence)
		other := impact.RateRatio(after, before, impact.ReliefConfidence)
		inverse := func(v *float64) *float64 {
			if v == nil {
				return ptr(0.0)
			}
			return ptr(1 / *v)
		}
		if one.Ratio != nil && *one.Ratio > 0 {
			equal(t, "ratio", inverse(one.Ratio), other.Ratio, closely())
		}
		equal(t, "low", inverse(one.High), other.Low, cmpopts.EquateApprox(1e-9, 0))
		turned := map[needle.ReliefVerdict]needle.ReliefVerdict{needle.ReliefFewer: needle.ReliefMore, needle.ReliefMore: needle.ReliefFewer}
		want, turns := turned[one.Verdict]
		if !turns {
			want = one.Verdict
		}
		equal(t, "verdict", want, other.Verdict)
	})
}

// Whatever the true ratio, the interval covers it at least as often as promised, given the number of reports.
func TestRateRatio_coversTheTruthAsOftenAsItSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 25).Draw(t, "reports")
		truth := rapid.Float64Range(0.05, 20).Draw(t, "ratio")
		covered := 0.0
		for after := range n + 1 {
			e := impact.RateRatio(reports(n-after, 2), reports(after, 3), impact.ReliefConfidence)
			if *e.Low <= truth && (e.High == nil || truth <= *e.High) {
				covered += binomial(n, after, truth*3/(truth*3+2))
			}
		}
		if covered < impact.ReliefConfidence-1e-9 {
			t.Fatalf("covers %v", covered)
		}
	})
}
