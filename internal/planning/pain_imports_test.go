package planning_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// firstImported returns the first pain point of an import, so that the rows of useCase can look at it.
func firstImported(ctx context.Context, h *house, done *needle.PainImport, err error) (*needle.PainPoint, error) {
	if err != nil {
		return nil, err
	}
	viewer, _ := needle.ViewerFrom(ctx)
	return h.store.In(viewer.WorkspaceID).PainPoint(ctx, done.PainPoints[0].PainPointID)
}

// line is a pain point from elsewhere with evidence and a report.
func line(key string) *needle.UpsertPainPointInput {
	return &needle.UpsertPainPointInput{
		ExternalKey: key, Title: "Refunds take weeks", Description: ptr("Nobody says why"), Category: ptr("complexity"), Severity: ptr(4),
		Evidence: []*needle.UpsertEvidenceInput{
			{EvidenceInput: quote(), ExternalKey: ptr("ticket-7")},
			{EvidenceInput: needle.EvidenceInput{Source: needle.EvidenceMetric, Body: "17 days"}},
		},
		Reports: []*needle.UpsertPainReportInput{{Reporter: "Grace", Segment: ptr("shops"), ReportedAt: ptr(storetest.Now().Add(-time.Hour))}},
	}
}

func lines(keys ...string) needle.UpsertPainPointsInput {
	in := needle.UpsertPainPointsInput{}
	for _, key := range keys {
		in.PainPoints = append(in.PainPoints, line(key))
	}
	return in
}

func TestUpsertPainPoints(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	type input = needle.UpsertPainPointsInput
	useCase[input, needle.PainPoint]{
		do: func(p *planning.Planner, ctx context.Context, in input) (*needle.PainPoint, error) {
			done, err := p.UpsertPainPoints(ctx, in)
			return firstImported(ctx, h, done, err)
		},
		action: needle.ActImportPain, verb: needle.VerbCreated,
		valid: func(*world) input { return lines("a", "b") },
		refused: []refusal[input]{
			{name: "nothing", change: func(_ *world, in *input) { in.PainPoints = nil }, want: []string{"REQUIRED input.painPoints"}},
			{
				name: "too many",
				change: func(_ *world, in *input) {
					for i := range 101 {
						in.PainPoints = append(in.PainPoints, line(strconv.Itoa(i)))
					}
				},
				want: []string{"OUT_OF_RANGE input.painPoints"},
			},
			{
				name: "too much evidence and too many reports",
				change: func(_ *world, in *input) {
					for range 100 {
						in.PainPoints[0].Evidence = append(in.PainPoints[0].Evidence, in.PainPoints[0].Evidence[0])
						in.PainPoints[1].Reports = append(in.PainPoints[1].Reports, in.PainPoints[1].Reports[0])
					}
				},
				want: []string{"OUT_OF_RANGE input.painPoints.0.evidence", "OUT_OF_RANGE input.painPoints.1.reports"},
			},
			{
				name: "what is wrong with any of them, all at once",
				change: func(w *world, in *input) {
					*in = lines("", "b", "c", "b", "dismissed", "f")
					in.PainPoints[1].Title, in.PainPoints[1].Severity, in.PainPoints[1].Category = " ", ptr(6), ptr("elsewhere")
					in.PainPoints[1].Evidence[1].Body, in.PainPoints[1].Reports[0].Reporter = "", ""
					in.PainPoints[2].Category = ptr("nowhere")
					in.PainPoints[5].Evidence[1].ExternalKey = ptr(" ticket-7")
					in.PainPoints[5].Evidence[0].ObservedAt = ptr(storetest.Now().AddDate(0, 0, 1))
					w.f.PainPoint(func(p *needle.PainPoint) {
						p.ExternalKey, p.Status, p.DismissedReason = "dismissed", needle.PainDismissed, "Gone"
					})
				},
				want: []string{
					"REQUIRED input.painPoints.0.externalKey",
					"REQUIRED input.painPoints.1.title", "OUT_OF_RANGE input.painPoints.1.severity",
					"REQUIRED input.painPoints.1.evidence.1.body", "REQUIRED input.painPoints.1.reports.0.reporter",
					"NOT_FOUND input.painPoints.1.category",
					"NOT_FOUND input.painPoints.2.category",
					"DUPLICATE input.painPoints.3.externalKey",
					"CONFLICT input.painPoints.4.externalKey",
					"OUT_OF_RANGE input.painPoints.5.evidence.0.observedAt", "DUPLICATE input.painPoints.5.evidence.1.externalKey",
				},
			},
		},
	}.run(t, h)
}

// upsert imports, and may not fail.
func (w *world) upsert(t testing.TB, in needle.UpsertPainPointsInput) *needle.PainImport {
	t.Helper()
	return must[needle.PainImport](t)(w.planner.UpsertPainPoints(w.ctx, in))
}

// actions lists what an import did, in the order of the input.
func actions(done *needle.PainImport) []needle.ImportAction {
	out := make([]needle.ImportAction, len(done.PainPoints))
	for i, p := range done.PainPoints {
		out[i] = p.Action
	}
	return out
}

func wantActions(t *testing.T, done *needle.PainImport, want ...needle.ImportAction) {
	t.Helper()
	if diff := cmp.Diff(want, actions(done)); diff != "" {
		t.Errorf("the import did something else:\n%s", diff)
	}
}

// evidenceOf and reportsOf read what is stored below a pain point, in the order of their words.
func (w *world) evidenceOf(t testing.TB, id needle.PainPointID) []string {
	t.Helper()
	pages, err := w.scope.EvidenceByPainPoint(t.Context(), []needle.PainPointID{id}, store.EvidenceList{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range pages[0].Nodes {
		out = append(out, fmt.Sprintf("%s %s %s/%s %s v%d", e.Source, e.Body, e.Customer, e.Segment, e.ObservedAt.Format(time.DateOnly), e.Version))
	}
	slices.Sort(out)
	return out
}

func (w *world) reportsOf(t testing.TB, id needle.PainPointID) []string {
	t.Helper()
	var out []string
	rows, err := w.house.store.DB().QueryContext(t.Context(), `SELECT reporter || '/' || segment || ' ' || reported_at::date
		FROM pain_reports WHERE workspace_id = ? AND pain_point_id = ? ORDER BY 1`, w.scope.WorkspaceID(), id)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUpsertPainPoints_capturesWholePainPoints(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	in := lines("a", "b")
	in.PainPoints[1] = &needle.UpsertPainPointInput{ExternalKey: " b ", Title: "Nobody answers"}
	done := w.upsert(t, in)
	wantActions(t, done, needle.ImportCreated, needle.ImportCreated)
	first := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), done.PainPoints[0].PainPointID))
	second := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), done.PainPoints[1].PainPointID))
	want := &needle.PainPoint{
		Stamp: first.Stamp, ID: first.ID, RootID: first.ID, Number: second.Number - 1, Title: "Refunds take weeks", Description: "Nobody says why",
		Category: "COMPLEXITY", Severity: 4, Status: needle.PainOpen, ExternalKey: "a", CreatedBy: w.owner,
		Reporters: 2, SegmentWeight: 2, Weight: first.Weight,
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("the first is another:\n%s", diff)
	}
	want = &needle.PainPoint{
		Stamp: second.Stamp, ID: second.ID, RootID: second.ID, Number: second.Number, Title: "Nobody answers", Category: needle.CategoryQuality,
		Severity: 3, Status: needle.PainOpen, ExternalKey: "b", CreatedBy: w.owner, SegmentWeight: 1,
	}
	if diff := cmp.Diff(want, second); diff != "" {
		t.Errorf("the second is another:\n%s", diff)
	}
	day := storetest.Now().Format(time.DateOnly)
	if diff := cmp.Diff([]string{"METRIC 17 days / " + day + " v1", "QUOTE I waited three weeks Ada/shops " + day + " v1"}, w.evidenceOf(t, first.ID)); diff != "" {
		t.Errorf("the evidence is another:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Ada/shops " + day, "Grace/shops " + day}, w.reportsOf(t, first.ID)); diff != "" {
		t.Errorf("the reports are others:\n%s", diff)
	}
}

func TestUpsertPainPoints_ofWhatIsKnownWritesWhatDiffers(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	done := w.upsert(t, lines("a", "b", "c"))
	a, b := done.PainPoints[0].PainPointID, done.PainPoints[1].PainPointID
	in := lines("a", "b", "c", "d")
	in.PainPoints[0] = &needle.UpsertPainPointInput{ExternalKey: "a", Title: "Refunds take months", Severity: ptr(5)}
	e := in.PainPoints[1].Evidence[0]
	e.Body, e.Customer, e.ObservedAt = "I waited four weeks", ptr("Ada & Co"), nil
	in.PainPoints[1].Reports[0].ReportedAt = ptr(storetest.Now().AddDate(0, 0, -3)) // It has no key: this is another report.
	before := len(w.activities(t))
	again := w.upsert(t, in)
	wantActions(t, again, needle.ImportUpdated, needle.ImportUpdated, needle.ImportUnchanged, needle.ImportCreated)
	if again.Created != 1 || again.Updated != 2 || again.Unchanged != 1 {
		t.Errorf("it counts %s", asJSON(t, again))
	}
	got := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), a))
	if got.Title != "Refunds take months" || got.Severity != 5 || got.Description != "Nobody says why" || got.Category != "COMPLEXITY" || got.Version != 2 {
		t.Errorf("the first is %s", asJSON(t, got))
	}
	if got := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), b)); got.Version != 1 || got.Reporters != 2 {
		t.Errorf("the second is %s", asJSON(t, got))
	}
	day := storetest.Now().Format(time.DateOnly)
	if diff := cmp.Diff([]string{"METRIC 17 days / " + day + " v1", "QUOTE I waited four weeks Ada & Co/shops " + day + " v2"}, w.evidenceOf(t, b)); diff != "" {
		t.Errorf("the evidence is another:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Ada & Co/shops " + day, "Grace/shops 2026-02-27", "Grace/shops " + day}, w.reportsOf(t, b)); diff != "" {
		t.Errorf("the reports are others:\n%s", diff)
	}
	var told []string
	for _, activity := range w.activities(t)[before:] {
		told = append(told, string(activity.Verb)+" "+activity.SubjectID)
	}
	want := []string{"UPDATED " + a.String(), "UPDATED " + b.String(), "CREATED " + again.PainPoints[3].PainPointID.String()}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("the activities are others:\n%s", diff)
	}
	if text := string(w.activities(t)[before+1].After); !strings.Contains(text, "I waited four weeks") || strings.Contains(text, "17 days") {
		t.Errorf("the activity of the second says %s", text)
	}
}

func TestUpsertPainPoints_evidenceThatNamesNobodyAnyMoreIsNobodysReport(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	in := lines("a")
	id := w.upsert(t, in).PainPoints[0].PainPointID
	in.PainPoints[0].Evidence[0].Customer = ptr("")
	wantActions(t, w.upsert(t, in), needle.ImportUpdated)
	if got := w.reportsOf(t, id); len(got) != 1 || !strings.HasPrefix(got[0], "Grace") {
		t.Errorf("the reports are %v", got)
	}
	if got := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), id)); got.Reporters != 1 {
		t.Errorf("it counts %d reporters", got.Reporters)
	}
	in.PainPoints[0].Evidence[0].Customer = ptr("Ada")
	wantActions(t, w.upsert(t, in), needle.ImportUpdated)
	if got := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), id)); got.Reporters != 2 {
		t.Errorf("it counts %d reporters", got.Reporters)
	}
}

func TestUpsertPainPoints_ofTheMergedCountForWhatRemains(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	duplicate := w.f.PainPoint(func(p *needle.PainPoint) { p.ExternalKey, p.MergedIntoID = "a", &w.pain })
	done := w.upsert(t, lines("a"))
	wantActions(t, done, needle.ImportUpdated)
	if done.PainPoints[0].PainPointID != duplicate.ID {
		t.Errorf("it went to %s", done.PainPoints[0].PainPointID)
	}
	if got := len(w.evidenceOf(t, duplicate.ID)); got != 2 {
		t.Errorf("the duplicate has %d pieces of evidence", got)
	}
	if root := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), w.pain)); root.Reporters != 2 {
		t.Errorf("what remains counts %d reporters", root.Reporters)
	}
	wantActions(t, w.upsert(t, lines("a")), needle.ImportUnchanged)
	dismiss(w)
	wantActions(t, w.upsert(t, lines("a")), needle.ImportUnchanged)
	in := lines("a")
	in.PainPoints[0].Severity = ptr(1)
	_, err := w.planner.UpsertPainPoints(w.ctx, in)
	wantProblems(t, err, "CONFLICT input.painPoints.0.externalKey")
	if !strings.Contains(err.Error(), duplicate.Key()+" was merged into P-1, which was dismissed") {
		t.Error(err)
	}
}

func TestUpsertPainPoints_dryRunSaysWhatTheRealOneDoesAndWritesNothing(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	w.upsert(t, lines("a", "b"))
	in := lines("a", "b", "c")
	in.PainPoints[0].Severity = ptr(1)
	in.DryRun = ptr(true)
	before := fingerprint(t, w)
	dry := w.upsert(t, in)
	if diff := cmp.Diff(before, fingerprint(t, w)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
	in.DryRun = nil
	wet := w.upsert(t, in)
	if !dry.DryRun || wet.DryRun {
		t.Error("it does not know which was the dry run")
	}
	wantActions(t, dry, actions(wet)...)
	if dry.Created != wet.Created || dry.Updated != wet.Updated || dry.Unchanged != wet.Unchanged {
		t.Errorf("%s\n%s", asJSON(t, dry), asJSON(t, wet))
	}
}

func TestUpsertPainPoints_takesAsManyStatementsForOneAsForAHundred(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	h := &house{store: store.New(db, store.Config{CursorKey: []byte("cursors of a test"), Now: clock()})}
	h.planner = planning.New(h.store)
	w := h.world(t)
	counter := storetest.CountStatements(t, db)
	keys := func(prefix string, n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprint(prefix, i)
		}
		return out
	}
	rewrite := func(in needle.UpsertPainPointsInput) needle.UpsertPainPointsInput {
		for _, p := range in.PainPoints {
			p.Severity, p.Evidence[0].Body, p.Reports[0].Segment = ptr(1), "Less", ptr("banks")
			p.Reports = append(p.Reports, &needle.UpsertPainReportInput{Reporter: "Joan"})
		}
		return in
	}
	counts := map[string][]int{}
	for _, n := range []int{1, 5, 100} {
		all := keys(fmt.Sprint(n, "-"), n)
		counts["create"] = append(counts["create"], counter.Since(func() { w.upsert(t, lines(all...)) }))
		counts["repeat"] = append(counts["repeat"], counter.Since(func() { w.upsert(t, lines(all...)) }))
		counts["change"] = append(counts["change"], counter.Since(func() { w.upsert(t, rewrite(lines(all...))) }))
	}
	want := map[string][]int{"create": {13, 13, 13}, "repeat": {7, 7, 7}, "change": {15, 15, 15}}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

func TestUpsertPainPoints_atOnceLoseNothing(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for round := range 4 {
		errs := atOnce(4, func(i int) error {
			in := lines(fmt.Sprint(round, " shared"), fmt.Sprint(round, " of ", i))
			in.PainPoints[0].Reports[0].Reporter = fmt.Sprint("Reporter ", i)
			if i%2 == 1 {
				slices.Reverse(in.PainPoints)
			}
			_, err := w.planner.UpsertPainPoints(w.ctx, in)
			return err
		})
		wantOutcomes(t, errs, map[string]int{"": 4})
		found, err := w.scope.PainPointsByExternalKey(t.Context(), []string{
			fmt.Sprint(round, " shared"), fmt.Sprint(round, " of 0"), fmt.Sprint(round, " of 1"), fmt.Sprint(round, " of 2"), fmt.Sprint(round, " of 3"),
		})
		if err != nil {
			t.Fatal(err)
		}
		shared := found[fmt.Sprint(round, " shared")]
		if len(found) != 5 || shared.Reporters != 5 || len(w.evidenceOf(t, shared.ID)) != 2 {
			t.Fatalf("%d pain points, the shared one is %s", len(found), asJSON(t, shared))
		}
	}
}

// What others do to pain points at the same moment queues with an import, or is told to try again; nothing is lost.
func TestUpsertPainPoints_besideOthers(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	id := w.upsert(t, lines("a", "b")).PainPoints[0].PainPointID
	errs := atOnce(12, func(i int) error {
		var err error
		switch i % 3 {
		case 0:
			in := lines("b", "a", strconv.Itoa(i))
			in.PainPoints[1].Reports[0].Reporter = fmt.Sprint("Importer ", i)
			_, err = w.planner.UpsertPainPoints(w.ctx, in)
		case 1:
			e := quote()
			e.Customer = ptr(fmt.Sprint("Customer ", i))
			_, err = w.planner.AddEvidence(w.ctx, needle.AddEvidenceInput{PainPointID: id, Evidence: e})
		default:
			_, err = w.planner.CreatePainPoint(w.ctx, needle.CreatePainPointInput{Title: "Another", Evidence: []*needle.EvidenceInput{ptr(quote())}})
		}
		return err
	})
	wantOutcomes(t, errs, map[string]int{"": 12})
	if got := must[needle.PainPoint](t)(w.scope.PainPoint(t.Context(), id)); got.Reporters != 2+4+4 {
		t.Errorf("it counts %d reporters", got.Reporters)
	}
}
