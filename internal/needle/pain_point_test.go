package needle_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

func TestPainPoints(t *testing.T) {
	t.Parallel()
	pain := func(category string, severity int) error {
		return needle.CreatePainPointInput{Title: "Refunds", Category: &category, Severity: &severity}.Validate(noon())
	}
	observed := func(minutes int) error {
		at := noon().Add(minutesOf(minutes))
		return needle.CreatePainPointInput{Title: "R", Evidence: []*needle.EvidenceInput{{Body: "so"}, {Body: "so", ObservedAt: &at}}}.Validate(noon())
	}
	checkRules(t, []rule{
		{"the least severe", pain("REFUNDS", 1), ""},
		{"the most severe", pain("REFUNDS", 5), ""},
		{"below the scale", pain("REFUNDS", 0), "OUT_OF_RANGE input.severity"},
		{"above the scale, no category", pain(" ", 6), "REQUIRED input.category; OUT_OF_RANGE input.severity"},
		{"a category that is too long", pain(strings.Repeat("C", 41), 3), "TOO_LONG input.category"},
		{"seen a minute ahead of the server's clock", observed(1), ""},
		{"seen in the future", observed(6), "OUT_OF_RANGE input.evidence.1.observedAt"},
		{"seen before computers", observed(-60 * 24 * 366 * 60), "OUT_OF_RANGE input.evidence.1.observedAt"},
		{"dismissed for no reason", needle.DismissPainPointInput{}.Validate(), "REQUIRED input.reason"},
		{"nothing new", needle.UpdatePainPointInput{}.Validate(), ""},
	})
}

func TestPainPoint_WeightFactors(t *testing.T) {
	t.Parallel()
	p := needle.PainPoint{Severity: 5, Reporters: 3, SegmentWeight: 1.5, Weight: 15}
	want := &needle.PainWeight{Value: 15, Severity: 5, Reporters: 3, ReporterFactor: 2, SegmentWeight: 1.5, Formula: "5 × log2(1 + 3) × 1.5 = 15"}
	if diff := cmp.Diff(want, p.WeightFactors()); diff != "" {
		t.Errorf("the factors are others:\n%s", diff)
	}
}

func TestEvidence_Fresh(t *testing.T) {
	t.Parallel()
	policy := needle.Policy{FreshDays: 30}
	for age, want := range map[time.Duration]bool{0: true, 30 * 24 * time.Hour: true, 30*24*time.Hour + time.Microsecond: false} {
		if got := (&needle.Evidence{ObservedAt: noon().Add(-age)}).Fresh(policy, noon()); got != want {
			t.Errorf("after %v fresh is %v", age, got)
		}
	}
}
