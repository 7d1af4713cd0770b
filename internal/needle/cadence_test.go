package needle_test

import (
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func TestOverdue_countsFromTheFirstDay(t *testing.T) {
	t.Parallel()
	k := keyResult(func(*needle.KeyResult) {})
	for days, want := range map[int]struct {
		overdue bool
		by      int
	}{0: {}, 7: {}, 8: {true, 1}, 9: {true, 2}} {
		now := noon().AddDate(0, 0, days)
		if k.Overdue(now) != want.overdue || k.OverdueDays(now) != want.by {
			t.Errorf("after %d days without a check-in it is overdue: %v, by %d", days, k.Overdue(now), k.OverdueDays(now))
		}
	}
	if k.Overdue(noon().AddDate(0, 0, 7)) || !k.Overdue(noon().AddDate(0, 0, 7).Add(time.Second)) {
		t.Error("a check-in is late from the moment it falls due")
	}
	k.CurrentAt = ptr(noon().AddDate(0, 0, 3))
	if got, want := k.DueAt(), noon().AddDate(0, 0, 10); !got.Equal(want) {
		t.Errorf("the next check-in falls due at %s, want %s", got, want)
	}
}

func TestClock_stopsAtTheClose(t *testing.T) {
	t.Parallel()
	for state, want := range map[needle.ObjectiveState]time.Time{
		needle.ObjectiveAgreed: noon().AddDate(0, 0, 5), needle.ObjectiveClosed: noon(),
	} {
		o := &needle.Objective{State: state, StateChangedAt: noon()}
		if got := o.Clock(noon().AddDate(0, 0, 5)); !got.Equal(want) {
			t.Errorf("the clock of an objective that is %s shows %s, want %s", state, got, want)
		}
		if got, before := o.Clock(noon().AddDate(0, 0, -1)), noon().AddDate(0, 0, -1); !got.Equal(before) {
			t.Errorf("asked about a time before, the clock shows %s", got)
		}
	}
}
