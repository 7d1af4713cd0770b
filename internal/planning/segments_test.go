package planning_test

import (
	"math"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestCreateSegment(t *testing.T) {
	t.Parallel()
	type input = needle.CreateSegmentInput
	useCase[input, needle.Segment]{
		do: (*planning.Planner).CreateSegment, action: needle.ActSetUp, verb: needle.VerbCreated,
		valid: func(*world) input { return input{Name: " Chains ", Weight: 2.5} },
		refused: []refusal[input]{
			{name: "no name, no weight", change: func(_ *world, in *input) { *in = input{} }, want: []string{"REQUIRED input.name", "OUT_OF_RANGE input.weight"}},
			{name: "too much weight", change: func(_ *world, in *input) { in.Weight = 100.5 }, want: []string{"OUT_OF_RANGE input.weight"}},
			{name: "no number", change: func(_ *world, in *input) { in.Weight = math.NaN() }, want: []string{"OUT_OF_RANGE input.weight"}},
			{name: "another's name in other case", change: func(_ *world, in *input) { in.Name = "shops" }, want: []string{"DUPLICATE input.name"}},
		},
	}.run(t, newHouse(t))
}

func TestUpdateSegment(t *testing.T) {
	t.Parallel()
	type input = needle.UpdateSegmentInput
	useCase[input, needle.Segment]{
		do: (*planning.Planner).UpdateSegment, action: needle.ActSetUp, verb: needle.VerbUpdated,
		valid: func(w *world) input { return input{ID: w.segment, Name: ptr("Small shops"), Weight: ptr(0.5)} },
		refused: []refusal[input]{
			{
				name:   "no name, a negative weight",
				change: func(_ *world, in *input) { in.Name, in.Weight = ptr(""), ptr(-1.0) },
				want:   []string{"REQUIRED input.name", "OUT_OF_RANGE input.weight"},
			},
			{
				name:    "another's name in other case",
				arrange: func(w *world) { w.f.Segment(func(s *needle.Segment) { s.Name = "SMALL SHOPS" }) },
				want:    []string{"DUPLICATE input.name"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.segment }}},
	}.run(t, newHouse(t))
}

func TestDeleteSegment(t *testing.T) {
	t.Parallel()
	type input = needle.DeleteSegmentInput
	useCase[input, needle.Segment]{
		do: (*planning.Planner).DeleteSegment, action: needle.ActSetUp, verb: needle.VerbDeleted, removes: true,
		valid:  func(w *world) input { return input{ID: w.segment} },
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.segment }}},
	}.run(t, newHouse(t))
}

// report says that somebody of a segment has the problem.
func report(t testing.TB, w *world, pain needle.PainPointID, reporter, segment string) {
	t.Helper()
	must[needle.PainReport](t)(w.planner.ReportPainPoint(w.ctx, needle.ReportPainPointInput{PainPointID: pain, Reporter: reporter, Segment: &segment}))
}

// wantWeight compares a pain point's factors with those given.
func wantWeight(t *testing.T, w *world, pain needle.PainPointID, severity, reporters int, segmentWeight float64) {
	t.Helper()
	p := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), pain))
	weight := float64(severity) * math.Log2(1+float64(reporters)) * segmentWeight
	if p.Severity != severity || p.Reporters != reporters || math.Abs(p.SegmentWeight-segmentWeight) > 1e-12 || math.Abs(p.Weight-weight) > 1e-9 {
		t.Errorf("%s weighs %+v, want %v × log2(1 + %v) × %v", p.Key(), *p.WeightFactors(), severity, reporters, segmentWeight)
	}
}

func TestSegments_weighWhatTheirCustomersReported(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	report(t, w, w.pain, "Ada", " shops ")
	report(t, w, w.pain, "Bob", "Chains")
	report(t, w, w.pain, "Cyd", "")
	wantWeight(t, w, w.pain, 3, 3, (2+1+1)/3.0)

	chains := must[needle.Segment](t)(w.planner.CreateSegment(w.ctx, needle.CreateSegmentInput{Name: "chains", Weight: 9}))
	wantWeight(t, w, w.pain, 3, 3, (2+9+1)/3.0)
	must[needle.Segment](t)(w.planner.UpdateSegment(w.ctx, needle.UpdateSegmentInput{ID: w.segment, Weight: ptr(0.5)}))
	wantWeight(t, w, w.pain, 3, 3, (0.5+9+1)/3.0)
	must[needle.Segment](t)(w.planner.UpdateSegment(w.ctx, needle.UpdateSegmentInput{ID: w.segment, Name: ptr("Kiosks")}))
	wantWeight(t, w, w.pain, 3, 3, (1+9+1)/3.0)
	report(t, w, w.pain, "ADA", "kiosks") // The latest segment counts.
	wantWeight(t, w, w.pain, 3, 3, (0.5+9+1)/3.0)
	must[needle.Segment](t)(w.planner.DeleteSegment(w.ctx, needle.DeleteSegmentInput{ID: chains.ID}))
	wantWeight(t, w, w.pain, 3, 3, (0.5+1+1)/3.0)

	got := must[needle.PainPoint](t)(w.planner.UpdatePainPoint(w.ctx, needle.UpdatePainPointInput{ID: w.pain, Severity: ptr(5)}))
	wantStored(t, w, got)
	wantWeight(t, w, w.pain, 5, 3, (0.5+1+1)/3.0)
}

func TestSegments_keepTheirHistory(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	g := must[needle.Segment](t)(w.planner.CreateSegment(w.ctx, needle.CreateSegmentInput{Name: "Chains", Weight: 9}))
	must[needle.Segment](t)(w.planner.UpdateSegment(w.ctx, needle.UpdateSegmentInput{ID: g.ID, Weight: ptr(4.0)}))
	must[needle.Segment](t)(w.planner.DeleteSegment(w.ctx, needle.DeleteSegmentInput{ID: g.ID}))
	var last struct {
		Name   string
		Weight float64
		States int
	}
	err := w.house.store.DB().NewRaw(`
		SELECT name, weight, count(*) OVER () AS states FROM segment_states WHERE workspace_id = ? AND segment_id = ?
		ORDER BY recorded_at DESC, version DESC LIMIT 1`, w.scope.WorkspaceID(), g.ID).Scan(t.Context(), &last)
	if err != nil {
		t.Fatal(err)
	}
	if last.Name != "" || last.Weight != 1 || last.States != 4 {
		t.Errorf("the last state of a deleted segment is %+v", last)
	}
}
