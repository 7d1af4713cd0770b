package planning_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// firstOf makes a use case of many objects one of the first of them.
func firstOf[I, O any](do func(*planning.Planner, context.Context, I) ([]*O, error)) func(*planning.Planner, context.Context, I) (*O, error) {
	return func(p *planning.Planner, ctx context.Context, in I) (*O, error) {
		all, err := do(p, ctx, in)
		if err != nil {
			return nil, err
		}
		return all[0], nil
	}
}

func recordEvent(w *world, in needle.RecordOutsideEventInput) []*needle.OutsideEvent {
	w.t.Helper()
	in.Kind, in.Title = needle.EventOutage, "The bank was down"
	if in.From.IsZero() {
		in.From = storetest.Now()
	}
	all, err := w.planner.RecordOutsideEvent(w.ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestRecordOutsideEvent(t *testing.T) {
	t.Parallel()
	type input = needle.RecordOutsideEventInput
	now := storetest.Now()
	onObjective := func(in *input, id needle.ObjectiveID) { in.KeyResultIDs, in.ObjectiveID = nil, &id }
	onTeam := func(in *input, id needle.TeamID) { in.KeyResultIDs, in.TeamID = nil, &id }
	useCase[input, needle.OutsideEvent]{
		do: firstOf((*planning.Planner).RecordOutsideEvent), action: needle.ActRecordEvent, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{KeyResultIDs: []needle.KeyResultID{w.keyResult}, Kind: needle.EventOutage, Title: "The bank was down", From: now, To: ptr(now.Add(time.Hour))}
		},
		refused: []refusal[input]{
			{name: "on nothing", change: func(_ *world, in *input) { in.KeyResultIDs = nil }, want: []string{"INVALID input"}},
			{name: "on no key result", change: func(_ *world, in *input) { in.KeyResultIDs = []needle.KeyResultID{} }, want: []string{"OUT_OF_RANGE input.keyResultIds"}},
			{name: "on two things", change: func(w *world, in *input) { in.TeamID = &w.team }, want: []string{"INVALID input"}},
			{
				name: "on too many", change: func(_ *world, in *input) { in.KeyResultIDs = slices.Repeat(in.KeyResultIDs, 101) },
				want: []string{"OUT_OF_RANGE input.keyResultIds"},
			},
			{
				name: "dates reversed and a title of 10 kB",
				change: func(_ *world, in *input) {
					in.To, in.Title = ptr(now.Add(-time.Second)), strings.Repeat("x", 10_000)
				},
				want: []string{"TOO_LONG input.title", "INVALID input.to"},
			},
			{name: "no title", change: func(_ *world, in *input) { in.Title = "\x00 " }, want: []string{"REQUIRED input.title"}},
			{
				name: "further ahead than anybody plans", change: func(_ *world, in *input) { in.To = ptr(now.AddDate(3, 0, 0)) },
				want: []string{"OUT_OF_RANGE input.to"},
			},
			{
				name: "outside the calendar",
				change: func(_ *world, in *input) {
					in.From, in.To = time.Time{}, ptr(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
				},
				want: []string{"OUT_OF_RANGE input.from", "OUT_OF_RANGE input.to", "OUT_OF_RANGE input.to"},
			},
			{
				name: "an objective without key results", change: func(w *world, in *input) { onObjective(in, w.f.Objective().ID) },
				want: []string{"CONFLICT input.objectiveId"},
			},
			{
				name: "a team without agreed objectives", change: func(w *world, in *input) { onTeam(in, w.parent) },
				want: []string{"CONFLICT input.teamId"},
			},
		},
		refers: []reference[input]{
			{"input.keyResultIds.0", func(in *input, of ids) { in.KeyResultIDs[0] = of.keyResult }},
			{"input.objectiveId", func(in *input, of ids) { onObjective(in, of.objective) }},
			{"input.teamId", func(in *input, of ids) { onTeam(in, of.team) }},
		},
	}.run(t, newHouse(t))
}

func TestCorrectOutsideEvent(t *testing.T) {
	t.Parallel()
	type input = needle.CorrectOutsideEventInput
	useCase[input, needle.OutsideEvent]{
		do: firstOf((*planning.Planner).CorrectOutsideEvent), action: needle.ActRecordEvent, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{ID: w.event, Title: ptr("Our own fault"), Kind: ptr(needle.EventOther)}
		},
		refused: []refusal[input]{
			{name: "nothing to correct", change: func(_ *world, in *input) { in.Title, in.Kind = nil, nil }, want: []string{"REQUIRED input"}},
			{name: "an empty title", change: func(_ *world, in *input) { in.Title = ptr("") }, want: []string{"REQUIRED input.title"}},
			{
				name: "an end before what stays of it began", change: func(_ *world, in *input) { in.To = ptr(storetest.Now().Add(-time.Hour)) },
				want: []string{"INVALID input.to"},
			},
			{
				name:    "one that was corrected",
				arrange: func(w *world) { correct(w, input{ID: w.event, Title: ptr("Otherwise")}) },
				want:    []string{"CONFLICT input.id"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.event }}},
	}.run(t, newHouse(t))
}

func correct(w *world, in needle.CorrectOutsideEventInput) []*needle.OutsideEvent {
	w.t.Helper()
	all, err := w.planner.CorrectOutsideEvent(w.ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestRemoveOutsideEvent(t *testing.T) {
	t.Parallel()
	type input = needle.RemoveOutsideEventInput
	useCase[input, needle.OutsideEvent]{
		do: firstOf((*planning.Planner).RemoveOutsideEvent), action: needle.ActRecordEvent, verb: needle.VerbDeleted,
		valid: func(w *world) input { return input{ID: w.event} },
		refused: []refusal[input]{{
			name: "one that was taken back",
			arrange: func(w *world) {
				must[needle.OutsideEvent](w.t)(firstOf((*planning.Planner).RemoveOutsideEvent)(w.planner, w.ctx, input{ID: w.event}))
			},
			want: []string{"CONFLICT input.id"},
		}},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.event }}},
	}.run(t, newHouse(t))
}

func TestRecordOutsideEvent_onManyKeyResultsAtOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	on := func(all []*needle.OutsideEvent) []needle.KeyResultID {
		var ids []needle.KeyResultID
		for _, e := range all {
			ids = append(ids, e.KeyResultID)
			wantStored(t, w, e)
		}
		slices.SortFunc(ids, func(a, b needle.KeyResultID) int { return strings.Compare(a.String(), b.String()) })
		return ids
	}
	sibling := w.f.KeyResult().ID // Of the agreed objective; otherResult is of a draft.
	named := recordEvent(w, needle.RecordOutsideEventInput{KeyResultIDs: []needle.KeyResultID{w.keyResult, w.otherResult, w.keyResult}})
	if got := on(named); len(got) != 2 || got[0] == got[1] || named[0].OccurrenceID != named[1].OccurrenceID {
		t.Errorf("named twice, one key result has %v", got)
	}
	for _, in := range []needle.RecordOutsideEventInput{{ObjectiveID: &w.objective}, {TeamID: &w.team}} {
		if got := on(recordEvent(w, in)); !slices.Contains(got, w.keyResult) || !slices.Contains(got, sibling) || slices.Contains(got, w.otherResult) {
			t.Errorf("recorded on %v", got)
		}
	}
}

func TestOutsideEvents_areKnownAsTheyWere(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	both := []needle.KeyResultID{w.keyResult, w.otherResult}
	recorded := recordEvent(w, needle.RecordOutsideEventInput{KeyResultIDs: both})
	here := correct(w, needle.CorrectOutsideEventInput{ID: recorded[0].ID, Title: ptr("Half of it was")})
	everywhere := correct(w, needle.CorrectOutsideEventInput{ID: here[0].ID, Kind: ptr(needle.EventOther), Everywhere: true})
	if len(here) != 1 || len(everywhere) != 2 || *everywhere[0].SupersedesID != here[0].ID {
		t.Fatalf("corrected here %s and everywhere %s", asJSON(t, here), asJSON(t, everywhere))
	}
	gone, err := w.planner.RemoveOutsideEvent(w.ctx, needle.RemoveOutsideEventInput{ID: everywhere[1].ID, Everywhere: true})
	if err != nil || len(gone) != 2 || gone[0].ID != everywhere[1].ID {
		t.Fatalf("taken back %s, %v", asJSON(t, gone), err)
	}
	known := func(at time.Time) string {
		t.Helper()
		found, err := w.scope.OutsideEventsAsOf(t.Context(), both, at)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, k := range both {
			for _, e := range found[k] {
				if e.OccurrenceID == recorded[0].OccurrenceID {
					told = append(told, string(e.Kind)+" "+e.Title)
				}
				if e.RemovedAt != nil || e.RemovedBy != nil || e.SupersededByID != nil {
					t.Errorf("at %s what comes later is known: %s", at, asJSON(t, e))
				}
			}
		}
		return strings.Join(told, "; ")
	}
	for _, step := range []struct {
		at   time.Time
		want string
	}{
		{recorded[0].RecordedAt.Add(-time.Microsecond), ""},
		{recorded[0].RecordedAt, "OUTAGE The bank was down; OUTAGE The bank was down"},
		{here[0].RecordedAt, "OUTAGE Half of it was; OUTAGE The bank was down"},
		{everywhere[0].RecordedAt, "OTHER Half of it was; OTHER The bank was down"},
		{gone[0].RemovedAt.Add(-time.Microsecond), "OTHER Half of it was; OTHER The bank was down"},
		{*gone[0].RemovedAt, ""},
	} {
		if got := known(step.at); got != step.want {
			t.Errorf("at %s there was known %q, want %q", step.at, got, step.want)
		}
	}
}

func TestCorrectOutsideEvent_atOnceLetsOneThrough(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	all := recordEvent(w, needle.RecordOutsideEventInput{KeyResultIDs: []needle.KeyResultID{w.keyResult, w.otherResult}})
	var group sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		group.Go(func() {
			_, errs[i] = w.planner.CorrectOutsideEvent(w.ctx, needle.CorrectOutsideEventInput{ID: all[i%2].ID, Title: ptr("Otherwise"), Everywhere: true})
		})
	}
	group.Wait()
	through := 0
	for _, err := range errs {
		if err == nil {
			through++
		} else if got := problems(err); !slices.Equal(got, []string{"CONFLICT input.id"}) {
			t.Errorf("the others are told %v: %v", got, err)
		}
	}
	if through != 1 {
		t.Errorf("%d corrections went through", through)
	}
}
