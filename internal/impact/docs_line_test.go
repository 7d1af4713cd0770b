package impact_test

import (
	"os"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

// TestDocs_ofLineOfSightTellTheTruth works the example of docs/line-of-sight.md out and looks for every kind of break.
func TestDocs_ofLineOfSightTellTheTruth(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/line-of-sight.md")
	if err != nil {
		t.Fatal(err)
	}
	s := wholeLine()
	s.keyResult(2, 1, 4)
	want := []string{"```\n" + strings.Join(inWords(s.see(fromPain(1), date(40))), "\n") + "\n```"}
	for _, kind := range []needle.LineBreakKind{
		needle.BreakUnknownThen, needle.BreakPainPointDismissed, needle.BreakNoFreshEvidence, needle.BreakPainPointWithoutObjective,
		needle.BreakObjectiveNotAgreed, needle.BreakObjectiveWithoutPainPoint, needle.BreakObjectiveWithoutKeyResult,
		needle.BreakKeyResultWithoutWork, needle.BreakOnlyDroppedWork, needle.BreakWorkWithoutKeyResult, needle.BreakIssueWithoutWork,
		needle.BreakIssueGone,
	} {
		want = append(want, "| "+string(kind)+" |")
	}
	for _, example := range want {
		if !strings.Contains(string(page), example) {
			t.Errorf("the page does not say:\n%s", example)
		}
	}
}
