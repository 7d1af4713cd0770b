package planning_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// betIDs names what people say about bets: a delivered link whose window is over, and one of each below it.
type betIDs struct {
	bet        needle.ContributionID
	event      needle.OutsideEventID
	experiment needle.ExperimentID
	dispute    needle.VerdictDisputeID
}

func noBets() betIDs {
	return betIDs{needle.NewContributionID(), needle.NewOutsideEventID(), needle.NewExperimentID(), needle.NewVerdictDisputeID()}
}

func (w *world) betting() betIDs {
	w.t.Helper()
	ago := func(days int) time.Time { return storetest.Now().AddDate(0, 0, -days) }
	done := w.f.Item(func(b *needle.BacklogItem) { b.CreatedAt = ago(90) })
	bet := w.f.Contribution(func(c *needle.Contribution) {
		c.ItemID, c.KeyResultID, c.ValidFrom, c.LagMinDays, c.LagMaxDays = done.ID, w.keyResult, ago(80), ptr(1), ptr(14)
		c.ExpectedLow, c.ExpectedHigh = ptr(1.0), ptr(4.0)
	}).ID
	w.f.MoveItem(done, needle.StatusInProgress, ago(60))
	w.f.MoveItem(done, needle.StatusDone, ago(40))
	other := w.f.User().ID
	return betIDs{
		bet:        bet,
		event:      w.f.OutsideEvent(func(e *needle.OutsideEvent) { e.KeyResultID = w.keyResult }).ID,
		experiment: w.f.Experiment(func(x *needle.Experiment) { x.ContributionID = bet }).ID,
		dispute:    w.f.Dispute(func(d *needle.VerdictDispute) { d.ContributionID, d.AuthorID = bet, other }).ID,
	}
}

// ownDispute makes the dispute of an input the actor's own.
func ownDispute(w *world, who needle.Viewer, in needle.WithdrawDisputeInput) {
	w.t.Helper()
	_, err := w.house.store.DB().ExecContext(w.t.Context(), "UPDATE verdict_disputes SET author_id = ? WHERE id = ?", who.UserID, in.ID)
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestAttachExperiment(t *testing.T) {
	t.Parallel()
	type input = needle.AttachExperimentInput
	on := func(change func(*needle.KeyResult)) func(*world, *input) {
		return func(w *world, in *input) {
			k := w.f.KeyResult(change)
			in.ContributionID = w.f.Contribution(func(c *needle.Contribution) { c.KeyResultID = k.ID }).ID
		}
	}
	useCase[input, needle.Experiment]{
		do: (*planning.Planner).AttachExperiment, action: needle.ActAttachExperiment, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{ContributionID: w.bet, Source: "https://experiments.example/41", Estimate: 2, Low: -1, High: 3, Confidence: ptr(0.95)}
		},
		refused: []refusal[input]{
			{
				name:   "no source, an interval that runs backwards, a confidence above 1",
				change: func(_ *world, in *input) { in.Source, in.Low, in.High, in.Confidence = " \n", 3, -1, ptr(95.0) },
				want:   []string{"REQUIRED input.source", "INVALID input.high", "OUT_OF_RANGE input.confidence"},
			},
			{name: "an estimate outside its interval", change: func(_ *world, in *input) { in.Estimate = 3.01 }, want: []string{"INVALID input.estimate"}},
			{name: "certainty", change: func(_ *world, in *input) { in.Confidence = ptr(1.0) }, want: []string{"OUT_OF_RANGE input.confidence"}},
			{
				name:   "an interval that is wider than numbers go",
				change: func(_ *world, in *input) { in.Low, in.High = -1e308, 1e308 },
				want:   []string{"OUT_OF_RANGE input.high"},
			},
			{
				name:   "no numbers",
				change: func(_ *world, in *input) { in.Estimate, in.Low, in.High = math.NaN(), math.Inf(-1), math.Inf(1) },
				want:   []string{"OUT_OF_RANGE input.estimate", "OUT_OF_RANGE input.low", "OUT_OF_RANGE input.high", "OUT_OF_RANGE input.high"},
			},
			{
				name:   "a source as long as a book",
				change: func(_ *world, in *input) { in.Source = strings.Repeat("ä", 10_000) },
				want:   []string{"TOO_LONG input.source"},
			},
			{
				name:   "a milestone",
				change: on(func(k *needle.KeyResult) { k.Kind = needle.KindMilestone }),
				want:   []string{"INVALID input.contributionId"},
			},
			{
				name: "a guard",
				change: on(func(k *needle.KeyResult) {
					k.Direction, k.Target, k.BandLow, k.BandHigh = needle.DirectionMaintain, nil, ptr(1.0), ptr(2.0)
				}),
				want: []string{"INVALID input.contributionId"},
			},
			{
				name: "a link that ended",
				change: func(w *world, in *input) {
					must[needle.Contribution](w.t)(w.planner.Unlink(w.ctx, needle.UnlinkInput{ContributionID: in.ContributionID}))
				},
				want: []string{"CONFLICT input.contributionId"},
			},
		},
		refers: []reference[input]{{"input.contributionId", func(in *input, of ids) { in.ContributionID = of.bet }}},
	}.run(t, newHouse(t))
}

func TestRemoveExperiment(t *testing.T) {
	t.Parallel()
	type input = needle.RemoveExperimentInput
	useCase[input, needle.Experiment]{
		do: (*planning.Planner).RemoveExperiment, action: needle.ActAttachExperiment, verb: needle.VerbDeleted,
		valid: func(w *world) input { return input{ID: w.experiment} },
		refused: []refusal[input]{{
			name: "one that was taken back",
			arrange: func(w *world) {
				must[needle.Experiment](w.t)(w.planner.RemoveExperiment(w.ctx, input{ID: w.experiment}))
			},
			want: []string{"CONFLICT input.id"},
		}},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.experiment }}},
	}.run(t, newHouse(t))
}

func TestDisputeVerdict(t *testing.T) {
	t.Parallel()
	type input = needle.DisputeVerdictInput
	useCase[input, needle.VerdictDispute]{
		do: (*planning.Planner).DisputeVerdict, action: needle.ActDisputeVerdict, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{ContributionID: w.bet, Verdict: needle.VerdictInside, Reason: "The way of counting changed"}
		},
		refused: []refusal[input]{
			{name: "no reason", change: func(_ *world, in *input) { in.Reason = "" }, want: []string{"REQUIRED input.reason"}},
			{
				name:   "the same person's second",
				change: func(w *world, in *input) { must[needle.VerdictDispute](w.t)(w.planner.DisputeVerdict(w.ctx, *in)) },
				want:   []string{"CONFLICT input.contributionId"},
			},
			{name: "work that is not delivered", change: func(w *world, in *input) { in.ContributionID = w.contribution }, want: []string{"CONFLICT input.contributionId"}},
			{
				name:   "a verdict that was never given",
				change: func(_ *world, in *input) { in.Verdict = needle.VerdictOpposite },
				want:   []string{"CONFLICT input.verdict"},
			},
			{
				name: "a window that is open, whatever the bet says by now",
				change: func(w *world, in *input) {
					late := w.f.Item(func(b *needle.BacklogItem) { b.Status = needle.StatusDone })
					c := w.f.Contribution(func(c *needle.Contribution) {
						c.ItemID, c.KeyResultID, c.ValidFrom, c.LagMaxDays = late.ID, w.keyResult, storetest.Now().AddDate(0, 0, -9), ptr(30)
					})
					must[needle.Contribution](w.t)(w.planner.Link(w.ctx, needle.LinkInput{
						ItemID: late.ID, KeyResultID: w.keyResult, Bet: &needle.BetInput{LagMaxDays: ptr(0)},
					}))
					in.ContributionID = c.ID
				},
				want: []string{"CONFLICT input.contributionId"},
			},
			{
				name: "a link that ended",
				change: func(w *world, in *input) {
					must[needle.Contribution](w.t)(w.planner.Unlink(w.ctx, needle.UnlinkInput{ContributionID: in.ContributionID}))
				},
				want: []string{"CONFLICT input.contributionId"},
			},
		},
		refers: []reference[input]{{"input.contributionId", func(in *input, of ids) { in.ContributionID = of.bet }}},
	}.run(t, newHouse(t))
}

func TestDisputeVerdict_thatIsAnotherOneByNow(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	must[needle.Experiment](t)(w.planner.RemoveExperiment(w.ctx, needle.RemoveExperimentInput{ID: w.experiment}))
	in := needle.DisputeVerdictInput{ContributionID: w.bet, Verdict: needle.VerdictInside, Reason: "Counted otherwise"}
	_, err := w.planner.DisputeVerdict(w.ctx, in)
	wantProblems(t, err, "CONFLICT input.verdict")
	in.Verdict = needle.VerdictUntestable
	must[needle.VerdictDispute](t)(w.planner.DisputeVerdict(w.ctx, in))
}

func TestWithdrawDispute(t *testing.T) {
	t.Parallel()
	type input = needle.WithdrawDisputeInput
	useCase[input, needle.VerdictDispute]{
		do: (*planning.Planner).WithdrawDispute, action: needle.ActDisputeVerdict, verb: needle.VerbDeleted,
		valid: func(w *world) input { return input{ID: w.dispute} },
		ready: ownDispute,
		refused: []refusal[input]{
			{name: "somebody else's, by an owner", want: []string{"FORBIDDEN input.id"}},
			{
				name: "one that was withdrawn",
				arrange: func(w *world) {
					viewer, _ := needle.ViewerFrom(w.ctx)
					ownDispute(w, viewer, input{ID: w.dispute})
					must[needle.VerdictDispute](w.t)(w.planner.WithdrawDispute(w.ctx, input{ID: w.dispute}))
				},
				want: []string{"CONFLICT input.id"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.dispute }}},
	}.run(t, newHouse(t))
}

func TestDisputes_areOneOfEachPersonAtATimeAndAllAreKept(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	in := needle.DisputeVerdictInput{ContributionID: w.bet, Verdict: needle.VerdictInside, Reason: "Counted otherwise"}
	first := must[needle.VerdictDispute](t)(w.planner.DisputeVerdict(w.ctx, in))
	must[needle.VerdictDispute](t)(w.planner.DisputeVerdict(w.as(needle.RoleMember, needle.AllScopes()...), in))
	withdrawn := must[needle.VerdictDispute](t)(w.planner.WithdrawDispute(w.ctx, needle.WithdrawDisputeInput{ID: first.ID}))
	again := must[needle.VerdictDispute](t)(w.planner.DisputeVerdict(w.ctx, in))
	known := func(at time.Time) map[needle.VerdictDisputeID]bool {
		t.Helper()
		found, err := w.scope.DisputesAsOf(t.Context(), []needle.ContributionID{w.bet}, at)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[needle.VerdictDisputeID]bool{}
		for _, d := range found[w.bet] {
			ids[d.ID] = true
			if d.WithdrawnAt != nil {
				t.Errorf("at %s the dispute is known to be withdrawn at %s", at, d.WithdrawnAt)
			}
		}
		return ids
	}
	before := known(withdrawn.WithdrawnAt.Add(-time.Microsecond))
	if after := known(*withdrawn.WithdrawnAt); !before[first.ID] || after[first.ID] || len(before) != 3 || len(after) != 2 {
		t.Errorf("before the withdrawal %v, after it %v", before, after)
	}
	if now := known(again.RecordedAt); !now[again.ID] || len(now) != 3 {
		t.Errorf("disputed again, there are %v", now)
	}
}

func TestExperiments_areKnownAsTheyWere(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	x := must[needle.Experiment](t)(w.planner.AttachExperiment(w.ctx, needle.AttachExperimentInput{
		ContributionID: w.bet, Source: "A/B 41", Estimate: 1e300, Low: -1e300, High: 2e300,
	}))
	gone := must[needle.Experiment](t)(w.planner.RemoveExperiment(w.ctx, needle.RemoveExperimentInput{ID: x.ID}))
	for at, want := range map[time.Time]bool{
		x.RecordedAt.Add(-time.Microsecond): false, x.RecordedAt: true, gone.RemovedAt.Add(-time.Microsecond): true, *gone.RemovedAt: false,
	} {
		found, err := w.scope.ExperimentsAsOf(t.Context(), []needle.ContributionID{w.bet, w.contribution}, at)
		if err != nil {
			t.Fatal(err)
		}
		var there *needle.Experiment
		for _, other := range found[w.bet] {
			if other.ID == x.ID {
				there = other
			}
		}
		if (there != nil) != want {
			t.Errorf("at %s the experiment is %v, want %t", at, there, want)
		}
		if want {
			if diff := cmp.Diff(x, there); diff != "" {
				t.Errorf("at %s it is not what it was:\n%s", at, diff)
			}
		}
	}
}

func TestLink_afterTheStartIsALaterVersionOfTheBet(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	link := func(high float64) *needle.Contribution {
		t.Helper()
		return must[needle.Contribution](t)(w.planner.Link(w.ctx, needle.LinkInput{
			ItemID: w.item, KeyResultID: w.keyResult, Bet: &needle.BetInput{ExpectedLow: ptr(0.0), ExpectedHigh: &high},
		}))
	}
	start := func(to needle.StatusCategory) *needle.BacklogItem {
		t.Helper()
		return must[needle.BacklogItem](t)(w.planner.UpdateBacklogItem(w.ctx, needle.UpdateBacklogItemInput{ID: w.item, Status: &to}))
	}
	locked := func(ctx context.Context, id needle.ContributionID, at time.Time) *needle.LockedBet {
		t.Helper()
		versions, err := w.scope.LinkVersionsOf(ctx, []needle.ContributionID{id, w.contribution})
		if err != nil {
			t.Fatal(err)
		}
		moves, err := w.scope.Transitions(ctx, []needle.BacklogItemID{w.item})
		if err != nil {
			t.Fatal(err)
		}
		return impact.LockBet(versions[id], moves[w.item], at)
	}
	first := link(4)
	link(5)
	began := start(needle.StatusInProgress)
	link(9)
	start(needle.StatusDone)
	got := locked(t.Context(), first.ID, storetest.Now().Add(time.Hour))
	if !got.LockedAt.Equal(began.UpdatedAt) || *got.Locked.ExpectedHigh != 5 || len(got.Later) != 1 || *got.Later[0].ExpectedHigh != 9 {
		t.Errorf("the bet is %s", asJSON(t, got))
	}
	if earlier := locked(t.Context(), first.ID, began.StartedAt.Add(-time.Microsecond)); earlier.LockedAt != nil || *earlier.Counts().ExpectedHigh != 5 {
		t.Errorf("before the start the bet is %s", asJSON(t, earlier))
	}
}
