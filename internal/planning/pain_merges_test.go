package planning_test

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
)

func TestMergePainPoints(t *testing.T) {
	t.Parallel()
	type input = needle.MergePainPointsInput
	useCase[input, needle.PainMerge]{
		do: (*planning.Planner).MergePainPoints, action: needle.ActMergePain, verb: needle.VerbCreated,
		valid: func(w *world) input { return input{From: w.pain, Into: w.otherPain, Note: ptr("The same")} },
		refused: []refusal[input]{
			{name: "into itself", change: func(_ *world, in *input) { in.Into = in.From }, want: []string{"INVALID input.into"}},
			{name: "into a duplicate", change: func(w *world, in *input) { in.Into = w.duplicate }, want: []string{"CONFLICT input.into"}},
			{
				name:   "into its own duplicate",
				change: func(w *world, in *input) { in.From, in.Into = w.otherPain, w.duplicate },
				want:   []string{"CONFLICT input.into"},
			},
			{name: "into a dismissed one", change: func(w *world, in *input) { in.Into = w.dismissed }, want: []string{"CONFLICT input.into"}},
			{name: "a duplicate", change: func(w *world, in *input) { in.From, in.Into = w.duplicate, w.pain }, want: []string{"CONFLICT input.from"}},
		},
		refers: []reference[input]{
			{"input.from", func(in *input, of ids) { in.From = of.pain }},
			{"input.into", func(in *input, of ids) { in.Into = of.otherPain }},
		},
	}.run(t, newHouse(t))
}

func TestUndoMerge(t *testing.T) {
	t.Parallel()
	type input = needle.UndoMergeInput
	undo := func(w *world) {
		must[needle.PainMerge](w.t)(w.planner.UndoMerge(w.ctx, input{MergeID: &w.merge}))
	}
	useCase[input, needle.PainMerge]{
		do: (*planning.Planner).UndoMerge, action: needle.ActMergePain, verb: needle.VerbUpdated,
		valid: func(w *world) input { return input{MergeID: &w.merge} },
		refused: []refusal[input]{
			{name: "nothing", change: func(_ *world, in *input) { in.MergeID = nil }, want: []string{"REQUIRED input.mergeId"}},
			{name: "both", change: func(w *world, in *input) { in.PainPointID = &w.duplicate }, want: []string{"INVALID input.painPointId"}},
			{name: "one that was undone", arrange: undo, want: []string{"CONFLICT input.mergeId"}},
			{
				name:   "what is no duplicate",
				change: func(w *world, in *input) { in.MergeID, in.PainPointID = nil, &w.pain },
				want:   []string{"CONFLICT input.painPointId"},
			},
			{
				name: "what is none any more", arrange: undo,
				change: func(w *world, in *input) { in.MergeID, in.PainPointID = nil, &w.duplicate },
				want:   []string{"CONFLICT input.painPointId"},
			},
		},
		refers: []reference[input]{
			{"input.mergeId", func(in *input, of ids) { in.MergeID = &of.merge }},
			{"input.painPointId", func(in *input, of ids) { in.MergeID, in.PainPointID = nil, &of.duplicate }},
		},
	}.run(t, newHouse(t))
}

func merge(t testing.TB, w *world, from, into needle.PainPointID) {
	t.Helper()
	must[needle.PainMerge](t)(w.planner.MergePainPoints(w.ctx, needle.MergePainPointsInput{From: from, Into: into}))
}

func unmerge(t testing.TB, w *world, duplicate needle.PainPointID) {
	t.Helper()
	must[needle.PainMerge](t)(w.planner.UndoMerge(w.ctx, needle.UndoMergeInput{PainPointID: &duplicate}))
}

// below lists what a pain point has below it, as a reader sees it.
type below struct{ Evidence, Reports, Objectives []string }

func belowPain(t *testing.T, w *world, pain needle.PainPointID) (found below) {
	t.Helper()
	ids := []needle.PainPointID{pain}
	evidence, err := w.scope.EvidenceByPainPoint(t.Context(), ids, store.EvidenceList{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range evidence[0].Nodes {
		found.Evidence = append(found.Evidence, e.Body)
	}
	reports, err := w.scope.PainReportsByPainPoint(t.Context(), ids, store.PainReportList{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports[0].Nodes {
		found.Reports = append(found.Reports, r.Reporter)
	}
	objectives, err := w.scope.ObjectivesByPainPoint(t.Context(), ids, store.ObjectiveList{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objectives[0].Nodes {
		found.Objectives = append(found.Objectives, o.Key())
	}
	return found
}

// addressedBy lists the pain points that an objective addresses, as a reader sees them.
func addressedBy(t *testing.T, w *world, o needle.ObjectiveID) (keys []string) {
	t.Helper()
	pages, err := w.scope.PainPointsByObjective(t.Context(), []needle.ObjectiveID{o}, store.PainPointList{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages[0].Nodes {
		keys = append(keys, p.Key())
	}
	return keys
}

func TestMerge_countsForWhatRemains_andUndoingGivesItBack(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	small, middle, large := w.f.PainPoint(), w.f.PainPoint(), w.f.PainPoint()
	for i, p := range []*needle.PainPoint{small, middle, large} {
		w.f.Evidence(func(e *needle.Evidence) { e.PainPointID, e.Body, e.Customer = p.ID, fmt.Sprint("quote ", i), "" })
		report(t, w, p.ID, "Ada", "shops")
		report(t, w, p.ID, fmt.Sprint("Customer ", i), "")
	}
	both, one := w.f.Objective(), w.f.Objective(func(o *needle.Objective) { o.State = needle.ObjectiveDraft })
	w.f.Address(both, small, large)
	w.f.Address(one, small)
	pains := []needle.PainPointID{small.ID, middle.ID, large.ID}
	var before []below
	for _, p := range pains {
		before = append(before, belowPain(t, w, p))
	}
	// small → middle → large: what is below the first lies below the last.
	merge(t, w, small.ID, middle.ID)
	merge(t, w, middle.ID, large.ID)
	want := below{
		[]string{"quote 2", "quote 1", "quote 0"},
		[]string{"Customer 2", "Ada", "Customer 1", "Ada", "Customer 0", "Ada"},
		[]string{both.Key(), one.Key()},
	}
	if diff := cmp.Diff(want, belowPain(t, w, large.ID)); diff != "" {
		t.Errorf("below what remains (-want +got):\n%s", diff)
	}
	wantWeight(t, w, large.ID, 3, 4, (2+1+1+1)/4.0)
	for _, o := range []*needle.Objective{both, one} {
		if diff := cmp.Diff([]string{large.Key()}, addressedBy(t, w, o.ID)); diff != "" {
			t.Errorf("what %s addresses:\n%s", o.Key(), diff)
		}
	}
	if diff := cmp.Diff(before[0], belowPain(t, w, small.ID)); diff != "" {
		t.Errorf("below a duplicate lies something else than what was entered for it:\n%s", diff)
	}
	// Undoing the merge in the middle takes the first along.
	unmerge(t, w, middle.ID)
	if diff := cmp.Diff(before[2], belowPain(t, w, large.ID)); diff != "" {
		t.Errorf("below the last (-before +after):\n%s", diff)
	}
	wantWeight(t, w, middle.ID, 3, 3, (2+1+1)/3.0)
	if diff := cmp.Diff([]string{middle.Key()}, addressedBy(t, w, one.ID)); diff != "" {
		t.Errorf("what %s addresses:\n%s", one.Key(), diff)
	}
	unmerge(t, w, small.ID)
	for i, p := range pains {
		if diff := cmp.Diff(before[i], belowPain(t, w, p)); diff != "" {
			t.Errorf("below %d (-before +after):\n%s", i, diff)
		}
		wantWeight(t, w, p, 3, 2, 1.5)
	}
}

// An objective that is written anew with what its reader saw keeps its link to a duplicate, so that undoing finds it.
func TestMerge_survivesAnObjectiveThatIsWrittenAnew(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	duplicate, root := w.f.PainPoint(), w.f.PainPoint()
	o := w.f.Objective(func(o *needle.Objective) { o.State = needle.ObjectiveDraft })
	w.f.Address(o, duplicate)
	merge(t, w, duplicate.ID, root.ID)
	must[needle.Objective](t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: o.ID, PainPointIDs: []needle.PainPointID{root.ID}}))
	unmerge(t, w, duplicate.ID)
	if diff := cmp.Diff([]string{duplicate.Key()}, addressedBy(t, w, o.ID)); diff != "" {
		t.Errorf("what it addresses:\n%s", diff)
	}
	// Who names a duplicate means what remains.
	merge(t, w, duplicate.ID, root.ID)
	other := must[needle.Objective](t)(w.planner.CreateObjective(w.ctx, needle.CreateObjectiveInput{
		TeamID: w.team, CycleID: w.cycle, Title: "Fast", PainPointIDs: []needle.PainPointID{duplicate.ID, root.ID},
	}))
	unmerge(t, w, duplicate.ID)
	if diff := cmp.Diff([]string{root.Key()}, addressedBy(t, w, other.ID)); diff != "" {
		t.Errorf("what the other addresses:\n%s", diff)
	}
	must[needle.Objective](t)(w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: o.ID, PainPointIDs: []needle.PainPointID{}}))
	if got := addressedBy(t, w, o.ID); got != nil {
		t.Errorf("it still addresses %v", got)
	}
}

// wantForest demands that every pain point knows its root, and that there is no loop.
func wantForest(ctx context.Context, t failer, w *world) {
	t.Helper()
	var wrong int
	err := w.house.store.DB().NewRaw(`
		WITH RECURSIVE up(id, top, depth) AS (
			SELECT id, id, 0 FROM pain_points WHERE workspace_id = ?0
			UNION ALL
			SELECT up.id, p.merged_into_id, up.depth + 1 FROM up JOIN pain_points AS p ON p.workspace_id = ?0 AND p.id = up.top
			WHERE p.merged_into_id IS NOT NULL AND up.depth < 50
		), tops AS (SELECT DISTINCT ON (id) id, top, depth FROM up ORDER BY id, depth DESC)
		SELECT count(*) FROM pain_points AS p JOIN tops ON tops.id = p.id
		WHERE p.workspace_id = ?0 AND (p.root_id <> tops.top OR tops.depth = 50)`, w.scope.WorkspaceID()).Scan(ctx, &wrong)
	if err != nil || wrong > 0 {
		t.Fatalf("%d pain points do not know what remains of them: %v", wrong, err)
	}
}

// failer is a test, a random one or not.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func TestMerges_atOnceNeverCloseALoop(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 8 {
		pains := []needle.PainPointID{w.f.PainPoint().ID, w.f.PainPoint().ID, w.f.PainPoint().ID}
		errs := atOnce(3, func(i int) error {
			_, err := w.planner.MergePainPoints(w.ctx, needle.MergePainPointsInput{From: pains[i], Into: pains[(i+1)%3]})
			return err
		})
		for what, n := range outcomes(errs) {
			if what != "" && what != "CONFLICT input.into" && what != "CONFLICT input.from" {
				t.Errorf("%d calls answered %s", n, what)
			}
		}
		wantForest(t.Context(), t, w)
	}
}

func TestMerges_loseNoReport(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 6 {
		from, into := w.f.PainPoint().ID, w.f.PainPoint().ID
		errs := atOnce(6, func(i int) error {
			if i == 2 {
				_, err := w.planner.MergePainPoints(w.ctx, needle.MergePainPointsInput{From: from, Into: into})
				return err
			}
			pain := from
			if i%2 == 1 {
				pain = into
			}
			_, err := w.planner.ReportPainPoint(w.ctx, needle.ReportPainPointInput{PainPointID: pain, Reporter: fmt.Sprint("Customer ", i)})
			return err
		})
		heard := outcomes(errs)[""] - 1
		if late := outcomes(errs)["CONFLICT input.painPointId"]; heard+late != 5 {
			t.Fatalf("the calls answered %v", outcomes(errs))
		}
		wantWeight(t, w, into, 3, heard, 1)
	}
}

// merges, undone merges, reports and settling at once queue and do not deadlock.
func TestPainPoints_atOnceDoNotDeadlock(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	var pains []needle.PainPointID
	for range 6 {
		pains = append(pains, w.f.PainPoint().ID)
	}
	o := w.f.Objective(func(o *needle.Objective) { o.State = needle.ObjectiveProposed })
	errs := atOnce(48, func(i int) error {
		a, b := pains[i%6], pains[(i*5+1)%6]
		var err error
		switch i % 4 {
		case 0:
			_, err = w.planner.MergePainPoints(w.ctx, needle.MergePainPointsInput{From: a, Into: b})
		case 1:
			_, err = w.planner.UndoMerge(w.ctx, needle.UndoMergeInput{PainPointID: &a})
		case 2:
			_, err = w.planner.ReportPainPoint(w.ctx, needle.ReportPainPointInput{PainPointID: a, Reporter: strconv.Itoa(i), Segment: ptr("shops")})
		default:
			_, err = w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: o.ID, PainPointIDs: pains[:1+i%6]})
		}
		return err
	})
	for what, n := range outcomes(errs) {
		if what == "CONFLICT" || what != "" && !strings.HasPrefix(what, "CONFLICT input.") && what != "INVALID input.into" {
			t.Errorf("%d calls answered %q", n, what)
		}
	}
	wantForest(t.Context(), t, w)
}

// However often and through however many duplicates somebody reports a pain, they count once; and when all merges are
// undone, everything weighs what it weighed without them.
func TestWeights_countEachReporterOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	rapid.Check(t, func(rt *rapid.T) {
		const many = 5
		pains, heard := make([]needle.PainPointID, many), make([]map[string]bool, many)
		into := make([]int, many)
		for i := range many {
			pains[i], heard[i], into[i] = w.f.PainPoint().ID, map[string]bool{}, -1
		}
		root := func(i int) int {
			for into[i] >= 0 {
				i = into[i]
			}
			return i
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			i, j := rapid.IntRange(0, many-1).Draw(rt, "pain"), rapid.IntRange(0, many-1).Draw(rt, "other")
			switch rapid.SampledFrom([]string{"report", "report", "merge", "undo"}).Draw(rt, "step") {
			case "merge":
				_, err := w.planner.MergePainPoints(w.ctx, needle.MergePainPointsInput{From: pains[i], Into: pains[j]})
				if possible := i != j && into[i] < 0 && into[j] < 0; possible != (err == nil) {
					rt.Fatalf("merging %d into %d: %v", i, j, err)
				} else if possible {
					into[i] = j
				}
			case "undo":
				_, err := w.planner.UndoMerge(w.ctx, needle.UndoMergeInput{PainPointID: &pains[i]})
				if (into[i] >= 0) != (err == nil) {
					rt.Fatalf("undoing the merge of %d: %v", i, err)
				}
				into[i] = -1
			default:
				who := rapid.SampledFrom([]string{"Ada", "ada ", "Bob", "Cyd"}).Draw(rt, "reporter")
				_, err := w.planner.ReportPainPoint(w.ctx, needle.ReportPainPointInput{PainPointID: pains[i], Reporter: who, Segment: segment(who)})
				if (into[i] < 0) != (err == nil) {
					rt.Fatalf("reporting %d: %v", i, err)
				}
				if err == nil {
					heard[i][strings.ToLower(strings.TrimSpace(who))] = true
				}
			}
			wantWeights(rt, w, pains, heard, root)
			wantForest(t.Context(), rt, w)
		}
	})
}

// segment places Ada in one that weighs 2 and the others in none.
func segment(who string) *string {
	if strings.HasPrefix(strings.ToLower(who), "ada") {
		return ptr("shops")
	}
	return nil
}

// wantWeights demands that each root weighs what the reporters of its tree make it, each counted once.
func wantWeights(rt *rapid.T, w *world, pains []needle.PainPointID, heard []map[string]bool, root func(int) int) {
	rt.Helper()
	want := make([]map[string]bool, len(pains))
	for i := range pains {
		want[i] = map[string]bool{}
	}
	for i := range pains {
		for who := range heard[i] {
			want[root(i)][who] = true
		}
	}
	stored, err := w.scope.PainPointsByID(w.t.Context(), pains)
	if err != nil {
		rt.Fatal(err)
	}
	for i, p := range stored {
		n, segmentWeight := float64(len(want[i])), 1.0
		if want[i]["ada"] {
			segmentWeight = (2 + n - 1) / n
		}
		if root(i) == i && math.Abs(p.Weight-3*math.Log2(1+n)*segmentWeight) > 1e-9 {
			rt.Fatalf("%d weighs %+v, want that of %v", i, *p.WeightFactors(), want[i])
		}
	}
}
