package impact_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// TestDocs_ofAttributionTellTheTruth works out every example of docs/attribution.md and looks it up there, with the table
// of the simulation.
func TestDocs_ofAttributionTellTheTruth(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/attribution.md")
	if err != nil {
		t.Fatal(err)
	}
	simulation, err := os.ReadFile("testdata/simulation.txt")
	if err != nil {
		t.Fatal(err)
	}
	inOneLine := func(text string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(text, "\n>", "\n")), " ")
	}
	text := inOneLine(string(page))
	lines := append(toldExamples(), append(splitExample(), verdictExamples()...)...)
	lines = append(lines, chartExample(), calibrationExample(), string(simulation))
	for _, example := range lines {
		if !strings.Contains(text, inOneLine(example)) {
			t.Errorf("the page does not say: %s", example)
		}
	}
}

// toldExamples are the sentences of the story of KR-1.
func toldExamples() []string {
	early := risen()
	early.AsOf = date(10)
	shared := adding(risen(), work{delivered: 5, lagMax: 7})
	event := risen()
	event.OutsideEvents = []*needle.OutsideEvent{{KeyResultID: krID(1), Title: "Spring sale", From: date(3), To: date(4), RecordedAt: date(5)}}
	few := risen()
	few.CheckIns = few.CheckIns[8:]
	routine := risen()
	for _, c := range routine.CheckIns[12:] {
		c.Value -= 18
	}
	against := risen()
	against.KeyResults[0].Direction = needle.DirectionDecrease
	tested := risen()
	tested.Experiments = []*needle.Experiment{{
		ContributionID: linkID(1), Source: "A/B test 7", Estimate: 12, Low: 8, High: 16, Confidence: ptr(0.95), RecordedAt: date(30),
	}}
	var lines []string
	for _, f := range []needle.AttributionFacts{risen(), early, shared, event, few, routine, against, tested} {
		a := impact.Gather(f).Attributions()[0]
		lines = append(lines, fmt.Sprintf("**%s**: %s", *a.Grade, a.Explanation()))
	}
	return lines
}

func chartExample() string {
	s := impact.NewSeries(risen().CheckIns, date(40))
	l := impact.Chart(s, date(1), date(40), nil).Limits
	return fmt.Sprintf("mean %.2f, mean moving range %.2f, natural process limits %.2f and %.2f",
		l.Centre, l.MeanMovingRange, l.Centre-l.Reach, l.Centre+l.Reach)
}

// splitExample shares a movement between B-1, which expected 15 to 25, and B-250, which expected 2 to 4.
func splitExample() []string {
	f := adding(risen(), work{delivered: 5, lagMax: 7, low: 2, high: 4})
	b := impact.Gather(f).Breakdown(krID(1), date(0), date(30))
	var lines []string
	for i, s := range b.Shares {
		lines = append(lines, fmt.Sprintf("| %s | %v to %v | %v to %v | %v |",
			[]string{"B-1", "B-250"}[i], *s.Contribution.ExpectedLow, *s.Contribution.ExpectedHigh, s.Bounds.Low, s.Bounds.High, s.Planned))
	}
	return append(lines, fmt.Sprintf("| unexplained | | | %v |", b.Unexplained), fmt.Sprintf("| together | | | %v |", b.Change))
}

func verdictExamples() []string {
	var lines []string
	for _, c := range []struct {
		low, high float64
		shared    bool
	}{{15, 25, false}, {30, 40, false}, {5, 10, false}, {-10, -5, false}, {30, 40, true}, {0, 40, true}, {15, 25, true}} {
		f := risen()
		f.Links[0].ExpectedLow, f.Links[0].ExpectedHigh = ptr(c.low), ptr(c.high)
		if c.shared {
			sharing(&f)
		}
		v := impact.Gather(f).Attributions()[0].Verdict
		lines = append(lines, fmt.Sprintf("| %v to %v | %v to %v | %s |", c.low, c.high, v.Realised.Low, v.Realised.High, v.Verdict))
	}
	return lines
}

func calibrationExample() string {
	inside, outside := risen(), risen()
	outside.Links[0].ExpectedLow, outside.Links[0].ExpectedHigh = ptr(30.0), ptr(42.0)
	c := impact.Calibrate([]needle.AttributionFacts{inside, inside, inside, outside})
	return fmt.Sprintf("%d of %d bets inside is a share of %.2f, and the true one may lie anywhere from %.2f to %.2f",
		c.Inside, c.Judged, *c.InsideShare, *c.InsideLow, *c.InsideHigh)
}
