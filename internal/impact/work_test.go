package impact_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

const (
	nowhere = needle.StatusCategory("")
	todo    = needle.StatusTodo
	started = needle.StatusInProgress
	done    = needle.StatusDone
	dropped = needle.StatusDropped
)

func transition(item int, from, to needle.StatusCategory, occurredDay, recordedDay int) *needle.ItemTransition {
	t := &needle.ItemTransition{ItemID: itemID(item), To: to, OccurredAt: date(occurredDay), RecordedAt: date(recordedDay)}
	if from != nowhere {
		t.From = &from
	}
	return t
}

func on(day int) *time.Time {
	at := date(day)
	return &at
}

func TestWorkAsOf(t *testing.T) {
	t.Parallel()
	history := []*needle.ItemTransition{
		transition(1, nowhere, todo, 1, 1), transition(1, todo, started, 2, 2), transition(1, started, done, 4, 6),
		transition(1, done, started, 8, 8), transition(1, started, done, 10, 10), transition(1, done, dropped, 12, 12),
	}
	guess := transition(1, todo, done, 2, 2)
	guess.SupersededAt = on(6)
	found := []*needle.ItemTransition{transition(1, nowhere, todo, 1, 1), guess, transition(1, todo, done, 4, 6)}
	for _, tc := range []struct {
		name string
		all  []*needle.ItemTransition
		day  int
		want impact.WorkState
	}{
		{"to do while nothing is known", nil, 5, impact.WorkState{Status: todo}},
		{"to do before its first transition", history, 0, impact.WorkState{Status: todo}},
		{"started", history, 2, impact.WorkState{Status: started}},
		{"still started while the delivery is not yet recorded", history, 5, impact.WorkState{Status: started}},
		{"delivered when it occurred, once that is known", history, 6, impact.WorkState{Status: done, DeliveredAt: on(4)}},
		{"not delivered once reopened", history, 8, impact.WorkState{Status: started}},
		{"delivered again at the last time", history, 10, impact.WorkState{Status: done, DeliveredAt: on(10)}},
		{"not delivered once dropped", history, 12, impact.WorkState{Status: dropped}},
		{"a second done is no second delivery", []*needle.ItemTransition{
			transition(1, nowhere, done, 1, 1), transition(1, done, done, 3, 3),
		}, 5, impact.WorkState{Status: done, DeliveredAt: on(1)}},
		{"as it was believed until it was found to have been otherwise", found, 5, impact.WorkState{Status: done, DeliveredAt: on(2)}},
		{"as it was found to have been", found, 6, impact.WorkState{Status: done, DeliveredAt: on(4)}},
		{"an imported delivery without a history", []*needle.ItemTransition{
			transition(1, nowhere, done, 1, 1),
		}, 5, impact.WorkState{Status: done, DeliveredAt: on(1)}},
		{"opened, started and done within one second", []*needle.ItemTransition{
			transition(1, started, done, 1, 1), transition(1, nowhere, todo, 1, 1), transition(1, todo, started, 1, 1),
		}, 5, impact.WorkState{Status: done, DeliveredAt: on(1)}},
		{"imported as done and reopened within one second", []*needle.ItemTransition{
			transition(1, done, todo, 1, 1), transition(1, nowhere, done, 1, 1),
		}, 5, impact.WorkState{Status: todo}},
		{"done and reopened within one second", []*needle.ItemTransition{
			transition(1, done, started, 2, 2), transition(1, started, done, 2, 2), transition(1, nowhere, started, 1, 1),
		}, 5, impact.WorkState{Status: started}},
		{"reopened and done within one second", []*needle.ItemTransition{
			transition(1, started, done, 2, 2), transition(1, done, started, 2, 2), transition(1, nowhere, done, 1, 1),
		}, 5, impact.WorkState{Status: done, DeliveredAt: on(2)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "state", tc.want, impact.WorkAsOf(tc.all, date(tc.day)))
		})
	}
}

func TestWorkState_DeliveredBetween(t *testing.T) {
	t.Parallel()
	delivered := impact.WorkState{Status: done, DeliveredAt: on(5)}
	equal(t, "inside", true, delivered.DeliveredBetween(date(4), date(6)))
	equal(t, "at the end, which belongs to the window", true, delivered.DeliveredBetween(date(4), date(5)))
	equal(t, "at the start, which does not", false, delivered.DeliveredBetween(date(5), date(6)))
	equal(t, "later", false, delivered.DeliveredBetween(date(1), date(4)))
	equal(t, "never", false, impact.WorkState{Status: done}.DeliveredBetween(date(1), date(9)))
}

func TestWorkAsOf_orderOfTransitionsChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all, asOf := drawTransitions(t, 1), drawHour(t, 0, 100)
		again := shuffle(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3)), all)
		equal(t, "state", impact.WorkAsOf(all, asOf), impact.WorkAsOf(again, asOf))
	})
}

func TestWorkAsOf_followsTheChainOfWhatIsKnown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := drawTransitions(t, 1) // In the order they happened.
		for _, tr := range all {
			tr.RecordedAt = tr.OccurredAt
		}
		sameSecond := false
		for i := 1; i < len(all); i++ {
			sameSecond = sameSecond || all[i].OccurredAt.Equal(all[i-1].OccurredAt)
		}
		if len(all) == 0 || sameSecond {
			t.Skip("no order to compare with")
		}
		got := impact.WorkAsOf(all, hour(1000))
		equal(t, "status", all[len(all)-1].To, got.Status)
		equal(t, "delivered", got.Status == done, got.DeliveredAt != nil)
	})
}
