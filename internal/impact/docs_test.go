package impact_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// TestDocs_workTheirExamplesOut works out every example of docs/customer-centricity.md and looks it up there.
func TestDocs_workTheirExamplesOut(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/customer-centricity.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(page)), " ")
	for _, example := range append(append(weights(), shopExamples()...), append(ratios(), spanExample(t))...) {
		if !strings.Contains(text, example) {
			t.Errorf("the page does not say: %s", example)
		}
	}
}

func weights() []string {
	return []string{
		fmt.Sprintf("| 5 | 3 | 3, 1, 1 | 5 × log2(4) × 5/3 = %.2f |", impact.Weight(5, 3, 5.0/3)),
		fmt.Sprintf("| 4 | 1 | 1 | 4 × log2(2) × 1 = %.2f |", impact.Weight(4, 1, 1)),
		fmt.Sprintf("| 2 | 7 | 1 each | 2 × log2(8) × 1 = %.2f |", impact.Weight(2, 7, 1)),
	}
}

func shopExamples() []string {
	c := impact.Centricity(shop().CentricityFacts, needle.CentricityScope{}, date(60))
	lines := []string{
		fmt.Sprintf("%d of %d = %.1f %%; the others", c.Objectives.Tracing, c.Objectives.Active, 100**c.Objectives.Share),
		fmt.Sprintf("%v of %v = %.1f %%. Items", c.Effort.Tracing, c.Effort.Total, 100**c.Effort.Share),
	}
	for _, r := range c.Rungs {
		pains := strconv.Itoa(r.Pains)
		if r.WithoutEvidence > 0 {
			pains += ", without evidence"
		}
		lines = append(lines, fmt.Sprintf("| %s | %s | %.2f | %.1f %% | %.1f %% |", r.Rung, pains, r.Weight, 100**r.Share, 100**r.CumulativeShare))
	}
	return lines
}

func ratios() []string {
	var lines []string
	for _, c := range []struct{ before, after needle.ReliefSpan }{
		{reports(20, 1000), reports(3, 1250)},
		{reports(12, 1000), reports(6, 1000)},
		{reports(15, 19017), reports(41, 28010)},
		{reports(7, 100), reports(0, 100)},
		{reports(0, 100), reports(5, 100)},
	} {
		e := impact.RateRatio(c.before, c.after, impact.ReliefConfidence)
		ratio, high := "none", "no bound"
		if e.Ratio != nil {
			ratio, high = fmt.Sprintf("%.2f", *e.Ratio), fmt.Sprintf("%.3f", *e.High)
		}
		lines = append(lines, fmt.Sprintf("| %d of %v | %d of %v | %s | %.3f to %s | %s |",
			c.before.Reports, *c.before.Exposure, c.after.Reports, *c.after.Exposure, ratio, *e.Low, high, e.Verdict))
	}
	return lines
}

// spanExample delivers work on 11 January and looks on 2 March.
func spanExample(t *testing.T) string {
	t.Helper()
	s := climb()
	s.Pains = s.Pains[:1]
	s.Transitions = nil
	s.move(1, nil, needle.StatusDone, 102)
	r := impact.Relief(s.CentricityFacts, painID(1), needle.ReliefInput{}, date(152))
	if r.Before == nil {
		t.Fatal(r.Note)
	}
	const day = "2 January"
	return fmt.Sprintf("Work delivered on %s with at most 14 days of lag takes effect until %s; on %s that gives %s to %s, and %s to %s before.",
		r.FirstDeliveredAt.Format(day), r.EffectEndsAt.Format(day), r.AsOf.Format(day),
		r.After.From.Format(day), r.After.To.Format(day), r.Before.From.Format(day), r.Before.To.Format(day))
}
