package planning_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// neverStale demands that all attributions that count now are those that are worked out from the facts now, and returns of
// how many key results they count.
func neverStale(t testing.TB, s store.Scope, ids []needle.KeyResultID) int {
	t.Helper()
	now := s.Now()
	computed, err := s.ComputedAttributions(t.Context(), ids, impact.RulesVersion, now)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := s.KeyResultFacts(t.Context(), ids, now)
	if err != nil {
		t.Fatal(err)
	}
	want := map[needle.KeyResultID]string{}
	for _, a := range impact.Gather(facts).Attributions() {
		want[a.KeyResult.ID] += lasting(t, a)
	}
	for id, c := range computed {
		said, fresh, err := impact.Recall(c, now, facts.Policy)
		if err != nil {
			t.Fatal(err)
		}
		if !fresh {
			continue // It is worked out when somebody asks.
		}
		var got strings.Builder
		for _, a := range said {
			got.WriteString(lasting(t, a))
		}
		same(t, "what is worked out now (-) and was before (+)", want[id], got.String())
	}
	return len(computed)
}

// lasting writes down what an attribution says, and of what it is about its names.
func lasting(t testing.TB, a *needle.Attribution) string {
	t.Helper()
	one := *a
	one.Contribution, one.Item, one.KeyResult = nil, nil, nil
	return a.Contribution.ID.String() + " " + a.Item.Key() + " " + a.KeyResult.Key() + " " + a.Explanation() + "\n" + asJSON(t, one) + "\n"
}

// TestComputedAttributions_areNeverToldWhenTheyAreStale goes through histories in which everything is learnt that can be, works
// out attributions now and then, and asks before and after.
func TestComputedAttributions_areNeverToldWhenTheyAreStale(t *testing.T) {
	t.Parallel()
	for seed := range 6 {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			s := store.New(storetest.New(t), store.Config{})
			h := historyIn(t, s, uint64(seed))
			planner := planning.New(store.New(s.DB(), store.Config{Now: func() time.Time { return h.now }}))
			stood, fell := 0, 0
			for day := 75.0; day > 0; day -= float64(1+h.r.IntN(12)) / 4 {
				h.until(ago(day))
				h.now = ago(day)
				n := neverStale(t, h.scope, h.ids())
				stood, fell = stood+n, fell+len(h.ids())-n
				if _, err := planner.ComputeDueAttributions(t.Context()); err != nil {
					t.Fatal(err)
				}
				if n := neverStale(t, h.scope, h.ids()); n != len(h.ids()) {
					t.Errorf("%d days ago, of %d key results %d were worked out", int(day), len(h.ids()), n)
				}
				if h.r.IntN(8) == 0 {
					done, err := planner.RecomputeAttributions(t.Context())
					if err != nil || done.Changed != 0 || done.KeyResults != len(h.ids()) {
						t.Errorf("worked out anew: %+v, %v", done, err)
					}
				}
			}
			if stood == 0 || fell == 0 {
				t.Errorf("%d times what had been worked out counted, %d times not: this shows nothing", stood, fell)
			}
		})
	}
}

func TestComputedAttributions_ofOneKeyResultStandWhateverIsWrittenOfAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.story(t)
	var ids []needle.KeyResultID
	facts, _ := s.known(t, s.scope.Now())
	for _, k := range facts.KeyResults {
		ids = append(ids, k.ID)
	}
	compute := func() {
		t.Helper()
		if _, err := s.planner.ComputeDueAttributions(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	compute()
	if n := neverStale(t, s.scope, ids); n != len(ids) || n < 2 {
		t.Fatalf("%d of %d are worked out", n, len(ids))
	}
	must[needle.CheckIn](t)(s.planner.RecordCheckIn(s.ctx, needle.RecordCheckInInput{KeyResultID: s.rise.ID, Value: 135}))
	if n := neverStale(t, s.scope, ids); n != len(ids)-1 {
		t.Errorf("after a check-in on one of %d key results, %d stand", len(ids), n)
	}
	done := given(s.planner.ComputeDueAttributions(t.Context()))
	if done.KeyResults != 1 {
		t.Errorf("%d were worked out again", done.KeyResults)
	}
}

func TestComputedAttributions_thatAreWrittenPastTheMarksAreNoticed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.story(t)
	given(s.planner.ComputeDueAttributions(t.Context()))
	if done := given(s.planner.RecomputeAttributions(t.Context())); done.Changed != 0 {
		t.Errorf("%d came out otherwise although nothing happened", done.Changed)
	}
	s.checkIn(s.rise, 30, 500)
	if _, err := h.store.DB().ExecContext(t.Context(), "DELETE FROM attribution_marks"); err != nil {
		t.Fatal(err)
	}
	if done := given(s.planner.RecomputeAttributions(t.Context())); done.Changed != 1 {
		t.Errorf("%d are noticed to have come out otherwise", done.Changed)
	}
	if done := given(s.planner.RecomputeAttributions(t.Context())); done.Changed != 0 {
		t.Errorf("%d are noticed again", done.Changed)
	}
}

func TestComputedAttributions_areNotOverwrittenByOlderFacts(t *testing.T) {
	t.Parallel()
	s := newHouse(t).story(t)
	ids := []needle.KeyResultID{s.rise.ID}
	slow := given(s.scope.ClaimAttributions(t.Context(), ids, impact.RulesVersion, s.scope.Now()))
	facts := given(s.scope.KeyResultFacts(t.Context(), ids, s.scope.Now()))
	rows := given(impact.Compute(facts))
	must[needle.CheckIn](t)(s.planner.RecordCheckIn(s.ctx, needle.RecordCheckInInput{KeyResultID: s.rise.ID, Value: 135}))
	given(s.planner.ComputeDueAttributions(t.Context()))
	if saved := given(s.scope.SaveComputedAttributions(t.Context(), rows, slow)); saved != 0 {
		t.Errorf("%d rows of older facts were stored", saved)
	}
	if n := neverStale(t, s.scope, ids); n != 1 {
		t.Error("what was worked out last does not stand")
	}
	slow = given(s.scope.ClaimAttributions(t.Context(), ids, impact.RulesVersion, s.scope.Now()))
	rows = given(impact.Compute(given(s.scope.KeyResultFacts(t.Context(), ids, s.scope.Now()))))
	must[needle.CheckIn](t)(s.planner.RecordCheckIn(s.ctx, needle.RecordCheckInInput{KeyResultID: s.rise.ID, Value: 145}))
	given(s.scope.SaveComputedAttributions(t.Context(), rows, slow))
	if n := neverStale(t, s.scope, ids); n != 0 {
		t.Error("what was written after the claim left no mark")
	}
}

func TestComputedAttributions_underOtherRulesDoNotCount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.story(t)
	given(s.planner.ComputeDueAttributions(t.Context()))
	if _, err := h.store.DB().ExecContext(t.Context(), "UPDATE computed_attributions SET rules = rules - 1, answer = 'nonsense'"); err != nil {
		t.Fatal(err)
	}
	if n := neverStale(t, s.scope, []needle.KeyResultID{s.rise.ID}); n != 0 {
		t.Error("they count")
	}
	given(s.planner.ComputeDueAttributions(t.Context()))
	if n := neverStale(t, s.scope, []needle.KeyResultID{s.rise.ID}); n != 1 {
		t.Error("they are not worked out again")
	}
}

// TestComputedAttributions_letWritersPass works out attributions while the transactions of others are open that wrote of the same
// key results, and demands that neither waits for the other.
func TestComputedAttributions_letWritersPass(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.story(t)
	err := s.scope.InTx(t.Context(), func(ctx context.Context, tx store.Scope) error {
		if err := tx.InsertCheckIn(ctx, &needle.CheckIn{
			WorkspaceID: tx.WorkspaceID(), ID: needle.NewCheckInID(), KeyResultID: s.rise.ID, Value: 1, MeasuredAt: ago(3), RecordedAt: tx.Now(), AuthorID: &s.f.Owner.ID,
		}); err != nil {
			return err
		}
		return s.computeBeside(t) //nolint:contextcheck // It stands for another process, which knows nothing of this one.
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := neverStale(t, s.scope, []needle.KeyResultID{s.rise.ID}); n != 0 {
		t.Error("it counts although more was written")
	}
}

// computeBeside works attributions out while a transaction is open that wrote of them.
func (s *story) computeBeside(t testing.TB) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := s.planner.ComputeDueAttributions(ctx)
	if n := neverStale(t, s.scope, []needle.KeyResultID{s.rise.ID}); n != 1 {
		t.Error("it is not worked out from what was written so far")
	}
	return err
}

// given returns what cannot fail in a test that makes sense.
func given[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestComputedAttributions_noticeWhatKeyResultsAreJudgedBy(t *testing.T) {
	t.Parallel()
	s := newHouse(t).story(t)
	for name, change := range map[string]needle.UpdateKeyResultInput{
		"the lag": {LagMinDays: ptr(3), LagMaxDays: ptr(5)}, "how often a check-in is due": {CadenceDays: ptr(1)},
		"the unit": {Unit: ptr("orders")},
	} {
		given(s.planner.ComputeDueAttributions(t.Context()))
		change.ID = s.rise.ID
		must[needle.KeyResult](t)(s.planner.UpdateKeyResult(s.ctx, change))
		if n := neverStale(t, s.scope, []needle.KeyResultID{s.rise.ID}); n != 0 {
			t.Errorf("%s is another, and what was worked out counts still", name)
		}
	}
	given(s.planner.ComputeDueAttributions(t.Context()))
	must[needle.KeyResult](t)(s.planner.UpdateKeyResult(s.ctx, needle.UpdateKeyResultInput{ID: s.rise.ID, Title: ptr("Another title")}))
	if n := neverStale(t, s.scope, []needle.KeyResultID{s.rise.ID}); n != 1 {
		t.Error("another title has it worked out again")
	}
}
