package planning_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// lookAt is a relief check of the month before last and the last one.
func lookAt(pain needle.PainPointID, relieved bool) needle.CheckReliefInput {
	now := storetest.Now()
	return needle.CheckReliefInput{
		PainPointID: pain, Relieved: relieved, Note: ptr("We asked"), ExposureUnit: ptr("sessions"),
		Before: needle.ReliefSpanInput{From: now.AddDate(0, -2, 0), To: now.AddDate(0, -1, 0), Exposure: ptr(900.0)},
		After:  needle.ReliefSpanInput{From: now.AddDate(0, -1, 0), To: now, Exposure: ptr(1000.0)},
	}
}

// heard says that a customer reported a pain point so many days ago.
func heard(w *world, pain needle.PainPointID, who string, days int) {
	w.t.Helper()
	w.f.Report(func(r *needle.PainReport) {
		r.PainPointID, r.Reporter, r.ReportedAt = pain, who, storetest.Now().AddDate(0, 0, -days)
	})
}

// duplicate makes the world's pain point a duplicate of another one.
func duplicate(w *world) {
	w.t.Helper()
	other := w.f.PainPoint()
	change(w, "UPDATE pain_points SET merged_into_id = ?0, root_id = ?0, version = version + 1 WHERE workspace_id = ?1 AND id = ?2",
		other.ID, w.scope.WorkspaceID(), w.pain)
}

// change brings a row into a state that no use case of this slice leads to.
func change(w *world, query string, args ...any) {
	w.t.Helper()
	if _, err := w.house.store.DB().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func TestCheckRelief(t *testing.T) {
	t.Parallel()
	type input = needle.CheckReliefInput
	useCase[input, needle.ReliefCheck]{
		do: (*planning.Planner).CheckRelief, action: needle.ActCheckRelief, verb: needle.VerbCreated,
		valid: func(w *world) input { return lookAt(w.pain, true) },
		refused: []refusal[input]{
			{
				name: "spans that are empty or in the future",
				change: func(_ *world, in *input) {
					in.Before.To, in.After.To = in.Before.From, storetest.Now().AddDate(0, 0, 1)
				},
				want: []string{"INVALID input.before.to", "OUT_OF_RANGE input.after.to"},
			},
			{
				name:   "spans that overlap",
				change: func(_ *world, in *input) { in.After.From = in.Before.To.Add(-time.Second) },
				want:   []string{"INVALID input.after.from"},
			},
			{
				name:   "spans outside the calendar",
				change: func(_ *world, in *input) { in.Before.From = time.Time{} },
				want:   []string{"OUT_OF_RANGE input.before.from"},
			},
			{
				name:   "an exposure of one span only",
				change: func(_ *world, in *input) { in.After.Exposure = nil },
				want:   []string{"REQUIRED input.after.exposure"},
			},
			{
				name:   "an exposure of the other span only",
				change: func(_ *world, in *input) { in.Before.Exposure = nil },
				want:   []string{"REQUIRED input.before.exposure"},
			},
			{
				name:   "no exposure and one without end",
				change: func(_ *world, in *input) { in.Before.Exposure, in.After.Exposure = ptr(0.0), ptr(1e16) },
				want:   []string{"OUT_OF_RANGE input.before.exposure", "OUT_OF_RANGE input.after.exposure"},
			},
			{name: "a dismissed pain point", arrange: dismiss, want: []string{"CONFLICT input.painPointId"}},
			{name: "a duplicate", arrange: duplicate, want: []string{"CONFLICT input.painPointId"}},
		},
		refers: []reference[input]{{"input.painPointId", func(in *input, of ids) { in.PainPointID = of.pain }}},
	}.run(t, newHouse(t))
}

func TestCheckRelief_countsTheReportsKnownNow(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	other := w.f.PainPoint(func(p *needle.PainPoint) { p.MergedIntoID = &w.pain })
	w.f.Merge(func(m *needle.PainMerge) { m.FromID, m.IntoID = other.ID, w.pain })
	for _, days := range []int{50, 45, 40, 12} {
		heard(w, w.pain, "Ada", days)
	}
	heard(w, other.ID, "Bo", 41)
	heard(w, w.f.PainPoint().ID, "Cy", 41)
	w.f.Evidence(func(e *needle.Evidence) { e.PainPointID, e.Source, e.Customer = w.pain, needle.EvidenceMetric, "" })
	got := must[needle.ReliefCheck](t)(w.planner.CheckRelief(w.ctx, lookAt(w.pain, true)))
	if got.Before.Reports != 4 || got.After.Reports != 1 {
		t.Errorf("it counts %d before and %d after", got.Before.Reports, got.After.Reports)
	}
}

// TestCheckRelief_movesThePainPoint tells from where each conclusion leads where, when an agreed objective addresses the
// pain point and when none does.
func TestCheckRelief_movesThePainPoint(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, c := range map[string]struct {
		from     needle.PainPointStatus
		agreed   bool
		relieved bool
		want     needle.PainPointStatus
	}{
		"open and gone":                       {needle.PainOpen, false, true, needle.PainRelieved},
		"targeted and gone":                   {needle.PainTargeted, true, true, needle.PainRelieved},
		"still gone":                          {needle.PainRelieved, false, true, needle.PainRelieved},
		"still there":                         {needle.PainOpen, false, false, needle.PainOpen},
		"targeted and still there":            {needle.PainTargeted, true, false, needle.PainTargeted},
		"back, and an objective addresses it": {needle.PainRelieved, true, false, needle.PainTargeted},
		"back, and no objective addresses it": {needle.PainRelieved, false, false, needle.PainOpen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := h.world(t)
			pain := w.f.PainPoint(func(p *needle.PainPoint) { p.Status = c.from })
			objective := w.f.Objective(func(o *needle.Objective) {
				if !c.agreed {
					o.State = needle.ObjectiveProposed
				}
			})
			w.f.Address(objective, pain)
			before := len(w.activities(t))
			must[needle.ReliefCheck](t)(w.planner.CheckRelief(w.ctx, lookAt(pain.ID, c.relieved)))
			got, err := w.scope.PainPoint(t.Context(), pain.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != c.want || (got.RelievedAt != nil) != (c.want == needle.PainRelieved) {
				t.Errorf("it is %s, relieved at %v", got.Status, got.RelievedAt)
			}
			told := len(w.activities(t)) - before
			if moved := c.from != c.want; moved != (got.Version > pain.Version) || told != map[bool]int{true: 2, false: 1}[moved] {
				t.Errorf("version %d, %d activities", got.Version, told)
			}
		})
	}
}

func TestCheckRelief_seesAnObjectiveThatIsAgreedMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 10 {
		w := h.world(t)
		change(w, "UPDATE workspaces SET sign_off_team = 0, sign_off_leader = 0, sign_off_stakeholder = 0 WHERE id = ?", w.scope.WorkspaceID())
		pain := w.f.PainPoint(func(p *needle.PainPoint) { p.Status = needle.PainRelieved })
		objective := w.f.Objective(func(o *needle.Objective) { o.State = needle.ObjectiveProposed })
		w.f.Address(objective, pain)
		wantOutcomes(t, atOnce(2, func(i int) error {
			if i == 0 {
				_, err := w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: objective.ID, To: needle.ObjectiveAgreed})
				return err
			}
			_, err := w.planner.CheckRelief(w.ctx, lookAt(pain.ID, false))
			return err
		}), map[string]int{"": 2})
		got, err := w.scope.PainPoint(t.Context(), pain.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != needle.PainTargeted {
			t.Fatalf("an agreed objective addresses it, and it is %s", got.Status)
		}
	}
}

func TestCheckRelief_ofManyAtOnceMovesOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	wantOutcomes(t, atOnce(8, func(int) error {
		_, err := w.planner.CheckRelief(w.ctx, lookAt(w.pain, true))
		return err
	}), map[string]int{"": 8})
	moves := 0
	for _, a := range w.activities(t) {
		if a.SubjectID == w.pain.String() && a.Verb == needle.VerbMoved {
			moves++
		}
	}
	if moves != 1 {
		t.Errorf("it moved %d times", moves)
	}
}

func TestAnswerRelief(t *testing.T) {
	t.Parallel()
	type input = needle.AnswerReliefInput
	useCase[input, needle.ReliefAnswer]{
		do: (*planning.Planner).AnswerRelief, action: needle.ActCheckRelief, verb: needle.VerbCreated,
		valid: func(w *world) input {
			heard(w, w.pain, "Ada", 9)
			return input{PainPointID: w.pain, Reporter: "Ada", Answer: needle.ReliefPartly, Note: ptr("Half"), AnsweredAt: ptr(storetest.Now().Add(-time.Hour))}
		},
		refused: []refusal[input]{
			{
				name:   "nobody, tomorrow",
				change: func(_ *world, in *input) { in.Reporter, in.AnsweredAt = " ", ptr(storetest.Now().AddDate(0, 0, 1)) },
				want:   []string{"REQUIRED input.reporter", "OUT_OF_RANGE input.answeredAt"},
			},
			{
				name:   "somebody who never reported it",
				change: func(_ *world, in *input) { in.Reporter = "Eve" },
				want:   []string{"NOT_FOUND input.reporter"},
			},
			{name: "a dismissed pain point", arrange: dismiss, want: []string{"CONFLICT input.painPointId"}},
			{name: "a duplicate", arrange: duplicate, want: []string{"CONFLICT input.painPointId"}},
		},
		refers: []reference[input]{{"input.painPointId", func(in *input, of ids) { in.PainPointID = of.pain }}},
	}.run(t, newHouse(t))
}

func TestAnswerRelief_countsTheLatestOfEachReporter(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	other := w.f.PainPoint(func(p *needle.PainPoint) { p.MergedIntoID = &w.pain })
	heard(w, w.pain, "Ada", 9)
	heard(w, w.pain, "ADA Ltd", 9)
	heard(w, other.ID, "Bo", 9)
	heard(w, other.ID, "ada", 8)
	answer := func(who string, said needle.ReliefReply, days int) *needle.ReliefAnswer {
		return must[needle.ReliefAnswer](t)(w.planner.AnswerRelief(w.ctx, needle.AnswerReliefInput{
			PainPointID: w.pain, Reporter: who, Answer: said, AnsweredAt: ptr(storetest.Now().AddDate(0, 0, -days)),
		}))
	}
	if got := answer(" aDa ", needle.ReliefYes, 2); got.Reporter != "ada" {
		t.Errorf("the reporter is %q", got.Reporter)
	}
	answer("Ada", needle.ReliefNo, 3) // Said earlier, told later.
	answer("Bo", needle.ReliefPartly, 1)
	got, err := w.scope.ReliefAnswersOf(t.Context(), []needle.PainPointID{w.pain, needle.NewPainPointID()})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&needle.ReliefAnswers{Yes: 1, Partly: 1, Asked: 2, Reporters: 3}, got[w.pain]); diff != "" {
		t.Error(diff)
	}
}

// TestCentricityFacts_tellWhatIsStored holds the history against the rows: what weighs so much now by the one weighs as
// much by the other, and facts about one pain point say of it what facts about all do.
func TestCentricityFacts_tellWhatIsStored(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	w.f.Segment(func(s *needle.Segment) { s.Name, s.Weight = "Banks", 3.5 })
	var pains []needle.PainPointID
	for i, customers := range [][]string{{}, {"Ada"}, {"Ada", "Bo", "ada "}} {
		in := needle.CreatePainPointInput{Title: "Pain", Severity: ptr(i + 2)}
		for j, who := range customers {
			e := quote()
			e.Customer, e.Segment = &who, ptr([]string{"banks ", "", "Banks"}[j])
			in.Evidence = append(in.Evidence, &e)
		}
		pains = append(pains, must[needle.PainPoint](t)(w.planner.CreatePainPoint(w.ctx, in)).ID)
	}
	now := w.scope.Now()
	all, err := w.scope.CentricityFacts(t.Context(), 0, now)
	if err != nil {
		t.Fatal(err)
	}
	some, err := w.scope.LadderFacts(t.Context(), pains, now)
	if err != nil {
		t.Fatal(err)
	}
	standings, narrow := impact.Standings(all, now), impact.Standings(some, now)
	if len(narrow) != len(pains) {
		t.Errorf("there are %d standings for %d pain points", len(narrow), len(pains))
	}
	for _, id := range pains {
		stored, err := w.scope.PainPoint(context.WithoutCancel(t.Context()), id)
		if err != nil {
			t.Fatal(err)
		}
		type weighed struct {
			Severity, Reporters   int
			SegmentWeight, Weight float64
		}
		s := standings[id]
		if diff := cmp.Diff(weighed{stored.Severity, stored.Reporters, stored.SegmentWeight, stored.Weight},
			weighed{s.Severity, s.Reporters, s.SegmentWeight, s.Weight}, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("the row (-) and the history (+) differ:\n%s", diff)
		}
		if diff := cmp.Diff(s, narrow[id]); diff != "" {
			t.Errorf("facts about all (-) and about some (+) differ:\n%s", diff)
		}
	}
}
