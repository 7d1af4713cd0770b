package impact

import (
	"gonum.org/v1/gonum/mathext"

	"github.com/needle-okr/needle/internal/needle"
)

// ReliefConfidence is the level of the intervals that relief checks show.
const ReliefConfidence = 0.95

// RateRatio compares how often a pain was reported after with how often before, each against its exposure: the number
// of customers, sessions or days in which a report could have come. Without both exposures the counts are all there is to
// say, and the answer is COUNTS_ONLY.
//
// The interval is the exact conditional one. Given the x₀ + x₁ reports of both spans, and if reports come independently
// and at a constant rate in each, x₁ is binomial with p = r·t₁/(r·t₁ + t₀) for a rate ratio r (J. Przyborowski and
// H. Wilenski, Homogeneity of results in testing samples from Poisson series, Biometrika 31, 1940). The limits of
// C. J. Clopper and E. S. Pearson for p (The use of confidence or fiducial limits illustrated in the case of the
// binomial, Biometrika 26, 1934), taken back to r, cover the true ratio at least as often as confidence says, however few
// reports there are. R's poisson.test and Stata's ir give the same limits.
//
// Without a report before, Ratio and High are nil: no number bounds the ratio from above. A confidence outside (0, 1) or
// an exposure that is not between 1/MaxExposure and MaxExposure counts as none.
func RateRatio(before, after needle.ReliefSpan, confidence float64) *needle.ReliefEstimate {
	e := &needle.ReliefEstimate{Verdict: needle.ReliefCountsOnly, Method: needle.MethodNone}
	if !exposed(before) || !exposed(after) || !(confidence > 0 && confidence < 1) {
		e.Note = "without the exposure of both spans there are no rates: the counts are all that can be said"
		return e
	}
	e.Method, e.Confidence, e.Verdict = needle.MethodPoisson, &confidence, needle.ReliefNoClearChange
	x0, x1 := float64(before.Reports), float64(after.Reports)
	t0, t1 := *before.Exposure, *after.Exposure
	tail := (1 - confidence) / 2
	low := 0.0
	if x1 > 0 {
		q := mathext.InvRegIncBeta(x1, x0+1, tail)
		low = q * t0 / ((1 - q) * t1)
	}
	e.Low = &low
	if x0 > 0 {
		// The upper limit by its distance from 1, which stays exact when it is close to 1.
		q := mathext.InvRegIncBeta(x0, x1+1, tail)
		ratio, high := x1*t0/(x0*t1), (1-q)*t0/(q*t1)
		e.Ratio, e.High = &ratio, &high
	}
	return worded(e, before.Reports, after.Reports)
}

// worded draws the verdict from the interval and says what the numbers do not.
func worded(e *needle.ReliefEstimate, before, after int) *needle.ReliefEstimate {
	switch {
	case e.High != nil && *e.High < 1:
		e.Verdict = needle.ReliefFewer
	case *e.Low > 1:
		e.Verdict = needle.ReliefMore
	}
	switch {
	case before == 0 && after == 0:
		e.Note = "nobody reported it in either span: there is nothing to compare"
	case before == 0:
		e.Note = "nobody reported it before: the ratio is not a number and nothing bounds it from above"
	case after == 0:
		e.Note = "nobody reported it after: the ratio is 0, and the interval says how much of the old rate may be left"
	case e.Verdict == needle.ReliefNoClearChange:
		e.Note = "the interval holds 1: as few reports as these may differ so much by chance"
	}
	return e
}

func exposed(s needle.ReliefSpan) bool {
	return s.Exposure != nil && *s.Exposure >= 1/needle.MaxExposure && *s.Exposure <= needle.MaxExposure
}
