package syncing_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

// machine is an engine whose clock is off.
func (w *world) machine(off time.Duration) *syncing.Engine {
	w.t.Helper()
	now := func() time.Time { return w.clock.now().Add(off) }
	s := store.New(storetest.Open(w.t, w.address), store.Config{CursorKey: []byte("cursor"), Keys: keys(), Now: now})
	return w.newEngine(s, 10, func(c *syncing.Config) { c.Now = now })
}

// TestPasses_byAClockThatIsADayWrong lets machines whose clocks are right, ahead and behind take turns, as when a clock is
// set while the server stands still. After each the mirror equals the tracker.
func TestPasses_byAClockThatIsADayWrong(t *testing.T) {
	t.Parallel()
	for name, turns := range map[string][]time.Duration{
		"ahead, then right":  {aDay, 0, aDay, 0},
		"behind, then right": {-aDay, 0, -aDay, 0},
		"all over the place": {0, aDay, -aDay, aDay, 0, -aDay, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			numbers := w.open(30)
			conn := w.connect()
			for i, off := range turns {
				machine := w.machine(off)
				w.clock.pass(syncing.DefaultInterval + 2*time.Minute)
				if due, err := machine.Due(t.Context(), 10); off >= 0 && len(must(t, due, err)) != 1 {
					t.Errorf("turn %d: no pass is due", i)
				}
				title := "Something else to do"
				check(t, w.gh.Update(shop, numbers[0], fakegithub.Change{Title: &title}))
				check(t, w.gh.CloseIssue(shop, numbers[1], "completed"))
				check(t, w.gh.Delete(shop, numbers[2]))
				numbers = append(numbers[3:], w.open(1)...)
				yes := true
				_, err := machine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID, Census: &yes})
				check(t, err)
				report, err := machine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
				if must(t, report, err); report.State != needle.ConnectionOK {
					t.Fatalf("turn %d: the state is %s: %s", i, report.State, report.Reason)
				}
				w.inStep()
			}
		})
	}
}

// TestSyncConnection_waitsAsLongAsTheTrackerSays shows that how far the clocks are apart changes nothing in how long a limit
// holds.
func TestSyncConnection_waitsAsLongAsTheTrackerSays(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-aDay, 0, aDay} {
		w := newWorld(t)
		w.open(3)
		conn := w.connect()
		machine := w.machine(off)
		w.spoilWith(func(*http.Request) *fakegithub.Fault {
			return fakegithub.PrimaryLimit(http.StatusForbidden, w.clock.now().Add(40*time.Minute))
		})
		report, err := machine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
		if must(t, report, err); report.State != needle.ConnectionLimited {
			t.Fatalf("the state is %s: %s", report.State, report.Reason)
		}
		if wait := report.RetryAt.Sub(w.clock.now().Add(off)); wait < 40*time.Minute || wait > 41*time.Minute {
			t.Errorf("with a clock that is off by %s it waits %s, want 40 minutes", off, wait)
		}
	}
}
