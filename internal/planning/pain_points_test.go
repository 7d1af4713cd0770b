package planning_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// dismiss makes the world's pain point DISMISSED.
func dismiss(w *world) {
	w.t.Helper()
	must[needle.PainPoint](w.t)(w.planner.DismissPainPoint(w.ctx, needle.DismissPainPointInput{ID: w.pain, Reason: "nobody has it any more"}))
}

func quote() needle.EvidenceInput {
	return needle.EvidenceInput{
		Source: needle.EvidenceQuote, Body: "I waited three weeks", Customer: ptr("Ada"), Segment: ptr("shops"),
		URL: ptr("https://desk.example/7"), ObservedAt: ptr(storetest.Now().Add(-time.Hour)),
	}
}

func TestCreatePainPoint(t *testing.T) {
	t.Parallel()
	type input = needle.CreatePainPointInput
	useCase[input, needle.PainPoint]{
		do: (*planning.Planner).CreatePainPoint, action: needle.ActCapturePain, verb: needle.VerbCreated,
		valid: func(*world) input {
			return input{
				Title: "Refunds take weeks", Description: ptr("Nobody says why"), Category: ptr(needle.CategoryComplexity), Severity: ptr(4),
				Evidence: []*needle.EvidenceInput{ptr(quote()), ptr(quote())},
			}
		},
		refused: []refusal[input]{
			{
				name: "no title and a severity off the scale",
				change: func(_ *world, in *input) {
					in.Title, in.Category, in.Severity = "", ptr(""), ptr(6)
				},
				want: []string{"REQUIRED input.title", "REQUIRED input.category", "OUT_OF_RANGE input.severity"},
			},
			{
				name: "evidence without words, with a strange address, from tomorrow",
				change: func(_ *world, in *input) {
					in.Evidence[1].Body, in.Evidence[1].URL = "", ptr("javascript:alert(1)")
					in.Evidence[1].ObservedAt = ptr(storetest.Now().AddDate(0, 0, 1))
				},
				want: []string{"REQUIRED input.evidence.1.body", "INVALID input.evidence.1.url", "OUT_OF_RANGE input.evidence.1.observedAt"},
			},
			{
				name:   "a category that there is not",
				change: func(_ *world, in *input) { in.Category = ptr("quality") },
				want:   []string{"NOT_FOUND input.category"},
			},
			{
				name: "too much evidence",
				change: func(_ *world, in *input) {
					for len(in.Evidence) <= 100 {
						in.Evidence = append(in.Evidence, ptr(quote()))
					}
				},
				want: []string{"OUT_OF_RANGE input.evidence"},
			},
		},
	}.run(t, newHouse(t))
}

func TestCreatePainPoint_fillsInWhatIsNotSaid(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	got := must[needle.PainPoint](t)(w.planner.CreatePainPoint(w.ctx, needle.CreatePainPointInput{
		Title: "Refunds take weeks", Evidence: []*needle.EvidenceInput{{Source: needle.EvidenceTicket, Body: "Where is it?"}},
	}))
	want := &needle.PainPoint{
		Stamp: got.Stamp, ID: got.ID, Number: got.Number, Title: "Refunds take weeks", Category: needle.CategoryQuality, Severity: 3,
		Status: needle.PainOpen, RootID: got.ID, SegmentWeight: 1, CreatedBy: w.owner,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pain point is another:\n%s", diff)
	}
	pages, err := w.scope.EvidenceByPainPoint(t.Context(), []needle.PainPointID{got.ID}, store.EvidenceList{})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages[0].Nodes) != 1 || pages[0].Nodes[0].ObservedAt.Before(got.CreatedAt) || pages[0].Nodes[0].CreatedBy != w.owner {
		t.Errorf("its evidence is %s", asJSON(t, pages[0].Nodes))
	}
}

func TestUpdatePainPoint(t *testing.T) {
	t.Parallel()
	type input = needle.UpdatePainPointInput
	useCase[input, needle.PainPoint]{
		do: (*planning.Planner).UpdatePainPoint, action: needle.ActEditPain, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{ID: w.pain, Title: ptr("Refunds"), Description: ptr("More"), Category: ptr("COMPLEXITY"), Severity: ptr(5)}
		},
		refused: []refusal[input]{
			{
				name:   "an empty title and no severity",
				change: func(_ *world, in *input) { in.Title, in.Severity = ptr(""), ptr(0) },
				want:   []string{"REQUIRED input.title", "OUT_OF_RANGE input.severity"},
			},
			{
				name:   "a category that there is not",
				change: func(_ *world, in *input) { in.Category = ptr("PRIVATE") },
				want:   []string{"NOT_FOUND input.category"},
			},
			{name: "a dismissed one", arrange: dismiss, want: []string{"CONFLICT input.id"}},
			{name: "a duplicate", change: func(w *world, in *input) { in.ID = w.duplicate }, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.pain }}},
	}.run(t, newHouse(t))
}

func TestDismissPainPoint(t *testing.T) {
	t.Parallel()
	type input = needle.DismissPainPointInput
	useCase[input, needle.PainPoint]{
		do: (*planning.Planner).DismissPainPoint, action: needle.ActEditPain, verb: needle.VerbMoved,
		valid: func(w *world) input { return input{ID: w.pain, Reason: "One customer, who left"} },
		refused: []refusal[input]{
			{
				name:   "no reason",
				change: func(_ *world, in *input) { in.Reason = " " },
				want:   []string{"REQUIRED input.reason"},
			},
			{name: "a dismissed one", arrange: dismiss, want: []string{"CONFLICT input.id"}},
			{name: "a duplicate", change: func(w *world, in *input) { in.ID = w.duplicate }, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.pain }}},
	}.run(t, newHouse(t))
}

func TestReopenPainPoint(t *testing.T) {
	t.Parallel()
	type input = needle.ReopenPainPointInput
	useCase[input, needle.PainPoint]{
		do: (*planning.Planner).ReopenPainPoint, action: needle.ActEditPain, verb: needle.VerbMoved,
		valid: func(w *world) input { return input{ID: w.dismissed} },
		refused: []refusal[input]{
			{name: "one that is open", change: func(w *world, in *input) { in.ID = w.pain }, want: []string{"CONFLICT input.id"}},
			{name: "a duplicate", change: func(w *world, in *input) { in.ID = w.duplicate }, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.pain }}},
	}.run(t, newHouse(t))
}

func TestReopenPainPoint_asWhatItIsNow(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for _, was := range []needle.PainPointStatus{needle.PainDismissed, needle.PainRelieved} {
		p := w.f.PainPoint(func(p *needle.PainPoint) {
			if p.Status = was; was == needle.PainDismissed {
				p.DismissedReason = "We thought so"
			}
		})
		address(w, needle.ObjectiveDraft, p.ID)
		reopened := must[needle.PainPoint](t)(w.planner.ReopenPainPoint(w.ctx, needle.ReopenPainPointInput{ID: p.ID}))
		if reopened.Status != needle.PainOpen || reopened.DismissedReason != "" || reopened.RelievedAt != nil {
			t.Errorf("a %s one that only a draft addresses became %s", was, asJSON(t, reopened))
		}
	}
	p := w.f.PainPoint(func(p *needle.PainPoint) { p.Status = needle.PainRelieved })
	address(w, needle.ObjectiveAgreed, p.ID)
	reopened := must[needle.PainPoint](t)(w.planner.ReopenPainPoint(w.ctx, needle.ReopenPainPointInput{ID: p.ID}))
	if reopened.Status != needle.PainTargeted || reopened.RelievedAt != nil {
		t.Errorf("one that an agreed objective addresses became %s", asJSON(t, reopened))
	}
}

func TestAddEvidence(t *testing.T) {
	t.Parallel()
	type input = needle.AddEvidenceInput
	useCase[input, needle.Evidence]{
		do: (*planning.Planner).AddEvidence, action: needle.ActCapturePain, verb: needle.VerbCreated,
		valid: func(w *world) input { return input{PainPointID: w.pain, Evidence: quote()} },
		refused: []refusal[input]{
			{
				name: "no words, from tomorrow",
				change: func(_ *world, in *input) {
					in.Evidence.Body, in.Evidence.ObservedAt = "", ptr(storetest.Now().AddDate(0, 0, 1))
				},
				want: []string{"REQUIRED input.evidence.body", "OUT_OF_RANGE input.evidence.observedAt"},
			},
			{name: "a dismissed pain point", arrange: dismiss, want: []string{"CONFLICT input.painPointId"}},
			{name: "a duplicate", change: func(w *world, in *input) { in.PainPointID = w.duplicate }, want: []string{"CONFLICT input.painPointId"}},
		},
		refers: []reference[input]{{"input.painPointId", func(in *input, of ids) { in.PainPointID = of.pain }}},
	}.run(t, newHouse(t))
}
