package planning_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestReportPainPoint(t *testing.T) {
	t.Parallel()
	type input = needle.ReportPainPointInput
	useCase[input, needle.PainReport]{
		do: (*planning.Planner).ReportPainPoint, action: needle.ActCapturePain, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{
				PainPointID: w.pain, Reporter: " Ada ", Segment: ptr("shops"), Note: ptr("Again"),
				ReportedAt: ptr(storetest.Now().Add(-time.Hour)), ExternalKey: ptr("desk-7"),
			}
		},
		refused: []refusal[input]{
			{
				name: "nobody, tomorrow",
				change: func(_ *world, in *input) {
					in.Reporter, in.ReportedAt = " ", ptr(storetest.Now().AddDate(0, 0, 1))
				},
				want: []string{"REQUIRED input.reporter", "OUT_OF_RANGE input.reportedAt"},
			},
			{
				name: "names without end",
				change: func(_ *world, in *input) {
					long := strings.Repeat("a", 121)
					in.Reporter, in.Segment, in.ExternalKey = long, &long, &long
				},
				want: []string{"TOO_LONG input.reporter", "TOO_LONG input.segment", "TOO_LONG input.externalKey"},
			},
			{name: "a dismissed pain point", arrange: dismiss, want: []string{"CONFLICT input.painPointId"}},
			{
				name: "a duplicate", change: func(w *world, in *input) { in.PainPointID = w.duplicate },
				want: []string{"CONFLICT input.painPointId"},
			},
		},
		refers: []reference[input]{{"input.painPointId", func(in *input, of ids) { in.PainPointID = of.pain }}},
	}.run(t, newHouse(t))
}

func TestReportPainPoint_namesWhatRemains(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	_, err := w.planner.ReportPainPoint(w.ctx, needle.ReportPainPointInput{PainPointID: w.duplicate, Reporter: "Ada"})
	root := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), w.otherPain))
	if err == nil || !strings.Contains(err.Error(), "merged into "+root.Key()) {
		t.Errorf("the answer is %v, want it to name %s", err, root.Key())
	}
}

func TestReportPainPoint_sameKeyAgainWritesNothing(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	in := needle.ReportPainPointInput{PainPointID: w.pain, Reporter: "Ada", ExternalKey: ptr("desk-7")}
	var first *needle.PainReport
	errs := atOnce(6, func(int) error {
		_, err := w.planner.ReportPainPoint(w.ctx, in)
		return err
	})
	wantOutcomes(t, errs, map[string]int{"": 6})
	first = must[needle.PainReport](t)(w.planner.ReportPainPoint(w.ctx, in))
	before := fingerprint(t, w)
	in.Reporter, in.Note = "Bob", ptr("Now I am somebody else")
	again := must[needle.PainReport](t)(w.planner.ReportPainPoint(w.ctx, in))
	dismiss(w)
	late := must[needle.PainReport](t)(w.planner.ReportPainPoint(w.ctx, in))
	if diff := cmp.Diff([]*needle.PainReport{first, first}, []*needle.PainReport{again, late}); diff != "" {
		t.Errorf("the report is another:\n%s", diff)
	}
	if diff := cmp.Diff(before["pain_reports"], fingerprint(t, w)["pain_reports"]); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
	wantWeight(t, w, w.pain, 3, 1, 1)
	// Another pain point has keys of its own.
	in.PainPointID = w.otherPain
	if other := must[needle.PainReport](t)(w.planner.ReportPainPoint(w.ctx, in)); other.ID == first.ID {
		t.Error("the key of one pain point answered for another")
	}
}

func TestReports_atOnceAllCount(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	errs := atOnce(24, func(i int) error {
		if i%3 == 2 { // A name that differs by case and space is the same reporter.
			_, err := w.planner.AddEvidence(w.ctx, needle.AddEvidenceInput{
				PainPointID: w.pain, Evidence: needle.EvidenceInput{Source: needle.EvidenceQuote, Body: "x", Customer: ptr(fmt.Sprintf(" CUSTOMER %d", i-1))},
			})
			return err
		}
		_, err := w.planner.ReportPainPoint(w.ctx, needle.ReportPainPointInput{PainPointID: w.pain, Reporter: fmt.Sprintf("Customer %d", i)})
		return err
	})
	wantOutcomes(t, errs, map[string]int{"": 24})
	wantWeight(t, w, w.pain, 3, 16, 1)
}

// A report that a segment's change does not see would keep the old weight for ever.
func TestReports_meetSegmentsThatChange(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for i := range 10 {
		p, weight := w.f.PainPoint().ID, float64(i+1)
		errs := atOnce(4, func(j int) error {
			switch j {
			case 0:
				_, err := w.planner.UpdateSegment(w.ctx, needle.UpdateSegmentInput{ID: w.segment, Weight: &weight})
				return err
			case 1:
				_, err := w.planner.CreatePainPoint(w.ctx, needle.CreatePainPointInput{Title: "x", Evidence: []*needle.EvidenceInput{ptr(quote())}})
				return err
			default:
				_, err := w.planner.ReportPainPoint(w.ctx, needle.ReportPainPointInput{PainPointID: p, Reporter: strconv.Itoa(j), Segment: ptr("SHOPS")})
				return err
			}
		})
		wantOutcomes(t, errs, map[string]int{"": 4})
		wantWeight(t, w, p, 3, 2, weight)
	}
}
