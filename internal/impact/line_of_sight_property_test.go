package impact_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func drawStart(t *rapid.T) needle.LineOfSightFrom {
	if rapid.Bool().Draw(t, "from a pain point") {
		return fromPain(rapid.IntRange(1, storyPains).Draw(t, "pain"))
	}
	return fromItem(rapid.IntRange(1, items).Draw(t, "item"))
}

// TestLineOfSight_dependsOnWhatWasKnownAlone shuffles the facts and takes away all that was recorded later.
func TestLineOfSight_dependsOnWhatWasKnownAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, asOf := drawStory(t), drawInstant(t)
		from := drawStart(t)
		want := impact.LineOfSight(lineFacts(f, from, asOf))
		for name, same := range map[string]needle.CentricityFacts{
			"in another order": shuffledFacts(f, rapid.Uint64().Draw(t, "seed")), "without what came later": knownBy(f, asOf),
		} {
			if diff := cmp.Diff(want, impact.LineOfSight(lineFacts(same, from, asOf))); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

// TestLineOfSight_hangsTogether demands that every step joins two things that are shown, that whatever is shown but the
// start has a step, and that breaks are about what is shown.
func TestLineOfSight_hangsTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, asOf := drawStory(t), drawInstant(t)
		from := drawStart(t)
		line := impact.LineOfSight(lineFacts(f, from, asOf))
		joined := map[string]bool{}
		for _, id := range things(line) {
			joined[id] = false
		}
		for _, s := range line.Steps {
			for _, id := range []string{s.FromID, s.ToID} {
				if _, shown := joined[id]; !shown {
					t.Fatalf("%q leads to what is not shown", s.Sentence)
				}
				joined[id] = true
			}
		}
		for id, has := range joined {
			if !has && len(joined) > 1 {
				t.Fatalf("%s hangs in the air:\n%v", id, inWords(line))
			}
		}
		for _, b := range line.Breaks {
			if _, shown := joined[b.SubjectID]; !shown && b.Kind != needle.BreakUnknownThen {
				t.Fatalf("%q is about what is not shown", b.Sentence)
			}
		}
		if !line.Connected && len(line.Breaks) == 0 {
			t.Fatal("the line ends and nothing says where")
		}
	})
}

// things are the ids of all that a line leads over.
func things(line *needle.LineOfSight) []string {
	var ids []string
	for _, p := range line.PainPoints {
		ids = append(ids, p.PainPointID.String())
	}
	for _, o := range line.Objectives {
		ids = append(ids, o.ObjectiveID.String())
	}
	for _, id := range line.KeyResultIDs {
		ids = append(ids, id.String())
	}
	for _, w := range line.Work {
		ids = append(ids, w.ItemID.String())
	}
	return ids
}

// TestLineOfSight_leadsThereAndBack demands that all work that a pain point leads to leads back to what remained of it, and
// that every pain point that work leads back to leads to that work, or to what lies above or below it.
func TestLineOfSight_leadsThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, asOf := drawStory(t), drawInstant(t)
		down, up := map[needle.PainPointID]*needle.LineOfSight{}, map[needle.BacklogItemID]*needle.LineOfSight{}
		for n := range storyPains {
			down[painID(n+1)] = impact.LineOfSight(lineFacts(f, fromPain(n+1), asOf))
		}
		for n := range items {
			up[itemID(n+1)] = impact.LineOfSight(lineFacts(f, fromItem(n+1), asOf))
		}
		for p, line := range down {
			for _, w := range line.Work {
				if !slices.ContainsFunc(up[w.ItemID].PainPoints, func(q *needle.LinePainPoint) bool { return q.PainPointID == remained(line, p) }) {
					t.Fatalf("%s leads to %s and not back at %s", p, w.ItemID, asOf.Format(time.DateOnly))
				}
			}
		}
		for i, line := range up {
			for _, p := range line.PainPoints {
				if !slices.ContainsFunc(down[p.PainPointID].Work, func(w *needle.LineWork) bool {
					return slices.ContainsFunc(line.Work, func(own *needle.LineWork) bool { return own.ItemID == w.ItemID })
				}) {
					t.Fatalf("%s leads back to %s and not there at %s", i, p.PainPointID, asOf.Format(time.DateOnly))
				}
			}
		}
	})
}

// remained follows the merges on a line from a pain point to what remained.
func remained(line *needle.LineOfSight, p needle.PainPointID) needle.PainPointID {
	id := p.String()
	for range line.Steps {
		for _, s := range line.Steps {
			if s.Kind == needle.StepMergedInto && s.FromID == id {
				id = s.ToID
			}
		}
	}
	for _, on := range line.PainPoints {
		if on.PainPointID.String() == id {
			return on.PainPointID
		}
	}
	return p
}
