package impact_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// causal are the words by which people say that one thing made another happen.
var causal = regexp.MustCompile(`(?i)\b(caus\w*|because|due to|led to|leads? to|dr(i|o)ves?|driven|result(s|ed)? (in|from|of)|thanks to|` +
	`owing to|effects? of|impact\w*|improve\w*|responsible|attribut\w*|contribut\w*|produc\w*|made (it|the)|moved it|worked|` +
	`success\w*|proves?|proof|explains?)\b`)

// TestExplanation_speaksOfACauseOnlyWhereAnExperimentDoes reads what is said of every grade in drawn worlds.
func TestExplanation_speaksOfACauseOnlyWhereAnExperimentDoes(t *testing.T) {
	t.Parallel()
	said := map[needle.Grade]int{}
	drawn := rapid.Custom(drawAttribution)
	for seed := range 400 {
		e := impact.Gather(drawn.Example(seed))
		for _, a := range e.Attributions() {
			text := a.Explanation()
			if strings.Contains(text, "%!") || strings.Contains(text, "  ") || !strings.HasSuffix(text, ".") || strings.Contains(text, " 1 days") {
				t.Errorf("badly said: %q", text)
			}
			if a.Grade == nil {
				if causal.MatchString(text) {
					t.Errorf("a guard: %s", text)
				}
				continue
			}
			said[*a.Grade]++
			if *a.Grade != needle.GradeTested {
				if word := causal.FindString(text); word != "" {
					t.Errorf("%s says %q: %s", *a.Grade, word, text)
				}
				continue
			}
			apart := a.Experiment.Low > 0 || a.Experiment.High < 0
			if strings.Contains(text, " caused ") != apart {
				t.Errorf("an experiment from %v to %v: %s", a.Experiment.Low, a.Experiment.High, text)
			}
		}
		for _, g := range e.Gaps() {
			if word := causal.FindString(g.Evidence); word != "" {
				t.Errorf("%s says %q: %s", g.Kind, word, g.Evidence)
			}
		}
	}
	for _, g := range needle.Grades() {
		if said[g] == 0 {
			t.Errorf("nothing was said of %s", g)
		}
	}
}

func TestExplanation_ofAMovementOutsideTheLimitsThatWentNotFar(t *testing.T) {
	t.Parallel()
	f := risen()
	f.CheckIns[11].Value = 106 // Close to the limit before, just across it after.
	for _, c := range f.CheckIns[12:] {
		c.Value = 110.5
	}
	a := impact.Gather(f).Attributions()[0]
	equal(t, "grade", needle.GradeNoMovementSeen, *a.Grade)
	if a.Movement.Now.Value <= a.Signal.High {
		t.Fatalf("%v lies within the limits, up to %v", a.Movement.Now.Value, a.Signal.High)
	}
	if !strings.Contains(a.Explanation(), "lies outside its routine variation") {
		t.Error(a.Explanation())
	}
}
