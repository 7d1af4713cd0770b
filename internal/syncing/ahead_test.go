package syncing_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// holding makes walks hold up to n pages that are read and not stored.
func holding(n int) func(*syncing.Config) { return func(c *syncing.Config) { c.Ahead = n } }

// slowDatabase keeps pages from being stored until release, from the first question on. It returns the number of pages
// that were asked for so far.
func (w *world) slowDatabase() (asked *atomic.Int32, release func()) {
	w.t.Helper()
	hold, err := w.store.DB().BeginTx(w.t.Context(), nil)
	check(w.t, err)
	asked = new(atomic.Int32)
	var once sync.Once
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) {
			asked.Add(1)
			once.Do(func() {
				if _, err := hold.ExecContext(w.t.Context(), `LOCK TABLE issues IN ACCESS EXCLUSIVE MODE`); err != nil {
					w.t.Error(err)
				}
			})
		}
		return nil
	})
	release = sync.OnceFunc(func() { check(w.t, hold.Rollback()) })
	w.t.Cleanup(release)
	return asked, release
}

func TestSyncConnection_readsAheadOfASlowDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(95)
	conn := w.connect()
	w.engine = w.newEngine(w.newStore(keys()), 6, holding(8))
	asked, release := w.slowDatabase()
	done := make(chan syncing.Report, 1)
	go func() {
		report, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
		if err != nil {
			t.Error(err)
		}
		done <- report
	}()
	until(t, "eight pages were read", func() bool { return asked.Load() == 8 })
	if n := w.count(`SELECT sum(pages) FROM sync_runs`); n != 0 {
		t.Errorf("%d pages are noted before any is stored", n)
	}
	release()
	if counts := (<-done).Counts(); counts.Inserted != 95 || counts.Pages != int(asked.Load()) {
		t.Errorf("the pass did %+v with %d questions", counts, asked.Load())
	}
	w.inStep()
}

func TestSyncConnection_losesNothingThatWasReadAheadWhenItsProcessIsKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(45)
	conn := w.connect()
	asked, release := w.slowDatabase()
	cmd := w.startVictim(conn, func(v *victim) { v.Ahead = 4 })
	until(t, "the victim held four pages", func() bool { return asked.Load() == 4 })
	check(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Fatal("the victim ended before it was killed")
	}
	release()
	w.heal()
	if report := w.syncWhenFree(conn); report.State != needle.ConnectionOK || report.Counts().Inserted != 45 {
		t.Errorf("the pass that went on did %+v", report.Counts())
	}
	w.inStep()
}

func TestSyncConnection_readsAheadWhileIssuesChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(60)
	conn := w.connect()
	w.engine = w.newEngine(w.store, 4, holding(syncing.DefaultAhead))
	var mu sync.Mutex
	step := 0
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		mu.Lock()
		defer mu.Unlock()
		if lists(r) && step < 10 {
			w.clock.pass(time.Second)
			check(t, w.gh.CloseIssue(shop, n[(step*7)%len(n)], "completed"))
			step++
		}
		return nil
	})
	w.sync(conn)
	w.inStep()
}

func TestSyncConnection_keepsWhatWasReadBeforeTheTrackerFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(60)
	conn := w.connect()
	w.engine = w.newEngine(w.store, 10, holding(syncing.DefaultAhead))
	var asked atomic.Int32
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) && asked.Add(1) == 4 {
			return fakegithub.BadGateway()
		}
		return nil
	})
	if report := w.sync(conn); report.State != needle.ConnectionUnavailable || report.Counts().Pages != 3 {
		t.Errorf("the connection is %s after %d pages", report.State, report.Counts().Pages)
	}
	w.heal()
	w.clock.pass(time.Hour)
	w.sync(conn)
	w.inStep()
}

// panicking is a tracker whose driver has a mistake.
type panicking struct{ integrations.Tracker }

func (panicking) Check(context.Context) (integrations.Account, error) {
	return integrations.Account{ID: "1", Name: "robin"}, nil
}

func (panicking) Issues(context.Context, integrations.Query) (integrations.Page, error) {
	panic("a mistake")
}

func TestSyncConnection_survivesADriverThatPanics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	registry, err := integrations.NewRegistry(integrations.Driver{
		Kind: "panicking", Name: "Panicking", Prototype: panicking{},
		Open: func(context.Context, integrations.Settings, integrations.Env) (integrations.Tracker, error) {
			return panicking{}, nil
		},
	})
	check(t, err)
	w.engine = w.newEngine(w.store, 10, func(c *syncing.Config) { c.Registry = registry })
	conn := w.connect(func(in *needle.CreateConnectionInput) { in.Kind, in.Settings = "panicking", nil })
	_, err = w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
	if err == nil || !strings.Contains(err.Error(), "the driver panicked: a mistake") {
		t.Errorf("the error is %v", err)
	}
}
