package syncing_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/jira"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

// victimVariable makes this test binary run one pass instead of tests, so that a test can kill it.
const victimVariable = "NEEDLE_TEST_SYNC_VICTIM"

// victim says which pass to run.
type victim struct {
	URL        string
	Workspace  needle.WorkspaceID
	Connection needle.ConnectionID
	Now        time.Time
	PageSize   int
	Ahead      int
	// WriteBack runs over the outbox instead.
	WriteBack bool
}

func TestMain(m *testing.M) {
	if text := os.Getenv(victimVariable); text != "" {
		if err := runVictim(text); err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func runVictim(text string) error {
	var v victim
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return err
	}
	now := func() time.Time { return v.Now }
	s, err := store.Open(store.Config{URL: v.URL, Keys: keys(), Now: now})
	if err != nil {
		return err
	}
	registry, err := integrations.NewRegistry(github.Driver(), jira.Driver())
	if err != nil {
		return err
	}
	e, err := syncing.New(syncing.Config{
		Store: s, Registry: registry, Now: now, PageSize: v.PageSize, Ahead: v.Ahead, PublicURL: publicURL,
		Pause: func(_ context.Context, d time.Duration) error { v.Now = v.Now.Add(d); return nil },
	})
	if err != nil {
		return err
	}
	if v.WriteBack {
		_, err = e.WriteBack(context.Background(), v.Workspace, v.Connection)
		return errors.Join(err, s.Close())
	}
	_, err = e.SyncConnection(context.Background(), v.Workspace, v.Connection, nil)
	return errors.Join(err, s.Close())
}

// startVictim runs a pass in a process of its own.
func (w *world) startVictim(conn *needle.Connection, change ...func(*victim)) *exec.Cmd {
	w.t.Helper()
	v := victim{URL: w.address, Workspace: w.f.Workspace.ID, Connection: conn.ID, Now: w.clock.now(), PageSize: 10, Ahead: 1}
	for _, c := range change {
		c(&v)
	}
	text, err := json.Marshal(v)
	check(w.t, err)
	program, err := os.Executable()
	check(w.t, err)
	cmd := exec.CommandContext(w.t.Context(), program)
	cmd.Env = append(os.Environ(), victimVariable+"="+string(text))
	cmd.Stderr = w.t.Output()
	check(w.t, cmd.Start())
	return cmd
}

// until polls a condition that another process brings about.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

// syncWhenFree runs a pass as soon as no other holds the connection.
func (w *world) syncWhenFree(conn *needle.Connection) syncing.Report {
	w.t.Helper()
	var report syncing.Report
	until(w.t, "the dead process's hold ended", func() bool {
		var err error
		report, err = w.engine.SyncConnection(w.t.Context(), w.f.Workspace.ID, conn.ID, nil)
		if errors.Is(err, syncing.ErrBusy) {
			return false
		}
		check(w.t, err)
		return true
	})
	return report
}

func TestSyncConnection_goesOnAfterItsProcessWasKilledInTheMiddleOfAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(45)
	conn := w.connect()
	// The third page is held up inside its transaction: this test holds the row it counts item numbers in.
	hold, err := w.store.DB().BeginTx(t.Context(), nil)
	check(t, err)
	defer hold.Rollback()
	var pages atomic.Int32
	var once sync.Once
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) && pages.Add(1) == 3 {
			once.Do(func() {
				if _, err := hold.ExecContext(t.Context(), `SELECT * FROM counters WHERE letters = 'B' FOR UPDATE`); err != nil {
					t.Error(err)
				}
			})
		}
		return nil
	})
	cmd := w.startVictim(conn)
	until(t, "the victim was in the middle of its third page", func() bool {
		return w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
	})
	check(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Fatal("the victim ended before it was killed")
	}
	check(t, hold.Rollback())
	w.heal()
	if stored := len(w.inMirror()); stored != 19 {
		t.Errorf("%d issues of two whole pages are stored", stored)
	}

	report := w.syncWhenFree(conn)
	run := report.Sources[0].Run
	if report.State != needle.ConnectionOK || run.Kind != needle.SyncBackfill || run.Inserted != 45-19 {
		t.Errorf("the pass that went on did %+v", run)
	}
	w.inStep()
	var states []needle.SyncState
	check(t, w.store.DB().NewRaw(`SELECT state FROM sync_runs ORDER BY started_at, id`).Scan(t.Context(), &states))
	if diff := cmp.Diff([]needle.SyncState{needle.SyncInterrupted, needle.SyncSucceeded}, states); diff != "" {
		t.Error(diff)
	}
	if n := w.count(`SELECT count(*) - count(DISTINCT number) FROM backlog_items`); n != 0 {
		t.Errorf("%d item numbers were given twice", n)
	}
}

func TestSyncConnection_goesOnAfterItWasCalledOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(45)
	conn := w.connect()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var pages atomic.Int32
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) && pages.Add(1) == 3 {
			cancel()
		}
		return nil
	})
	if _, err := w.engine.SyncConnection(ctx, w.f.Workspace.ID, conn.ID, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("a pass that was called off answers %v", err)
	}
	w.heal()
	if n := w.count(`SELECT count(*) FROM sync_runs WHERE state = 'INTERRUPTED' AND pages = 2`); n != 1 {
		t.Error("the run does not count as interrupted after two pages")
	}
	due, err := w.engine.Due(t.Context(), 10)
	if check(t, err); len(due) != 1 {
		t.Errorf("%d passes are due", len(due))
	}
	if counts := w.sync(conn).Counts(); counts.Inserted != 45-19 {
		t.Errorf("the pass that went on did %+v", counts)
	}
	w.inStep()
}

func TestSyncConnection_startsAgainFromTheTimeWhenThePlaceIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 25 { // All at one time, so that the walk needs the tracker's own cursor.
		_, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "One of many"})
		check(t, err)
	}
	conn := w.connect()
	var pages atomic.Int32
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) && pages.Add(1) == 3 {
			return fakegithub.BadGateway()
		}
		return nil
	})
	if report := w.sync(conn); report.State != needle.ConnectionUnavailable {
		t.Fatalf("the state is %s", report.State)
	}
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if r.URL.Query().Has("after") && pages.Add(1) == 4 {
			return fakegithub.Message(http.StatusUnprocessableEntity, "The cursor expired")
		}
		return nil
	})
	if report := w.sync(conn); report.State != needle.ConnectionOK {
		t.Errorf("the state is %s: %s", report.State, report.Reason)
	}
	w.inStep()
}

func TestSyncConnection_runsOnceAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(5)
	conn := w.connect()
	asked, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) {
			once.Do(func() { close(asked); <-goOn })
		}
		return nil
	})
	first := make(chan error, 1)
	go func() {
		_, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
		first <- err
	}()
	<-asked
	other := w.newEngine(w.newStore(keys()), 10)
	if _, err := other.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil); !errors.Is(err, syncing.ErrBusy) {
		t.Errorf("a second pass at the same time answers %v", err)
	}
	close(goOn)
	check(t, <-first)
	if _, err := other.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil); err != nil {
		t.Errorf("a second pass afterwards answers %v", err)
	}
	w.inStep()
}

func TestSyncConnection_stopsWhenAnotherProcessTookOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(25)
	conn := w.connect()
	other := w.newEngine(w.newStore(keys()), 10)
	var pages atomic.Int32
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) && pages.Add(1) == 2 {
			// The session that holds the pass is cut, as by a network that fails, and the process does not notice.
			w.count(`SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
			until(t, "the other process could take over", func() bool {
				_, err := other.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
				return err == nil
			})
		}
		return nil
	})
	_, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
	if !errors.Is(err, syncing.ErrStopped) {
		t.Errorf("the pass that lost its hold answers %v", err)
	}
	w.heal()
	w.inStep()
	if n := w.count(`SELECT count(*) FROM sync_runs WHERE state = 'RUNNING'`); n != 0 {
		t.Errorf("%d runs are still running", n)
	}
	if n := w.count(`SELECT sum(inserted) FROM sync_runs`); n != 25 {
		t.Errorf("25 issues were inserted %d times", n)
	}
}

func TestSyncConnection_survivesADatabaseThatGoesAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(25)
	conn := w.connect()
	second := w.newStore(keys())
	engine := w.newEngine(second, 10)
	var pages atomic.Int32
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) && pages.Add(1) == 2 {
			w.count(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		}
		return nil
	})
	// Whether the cut is noticed is up to the pool, which replaces connections that died while idle.
	_, err := engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
	if err != nil && !errors.Is(err, &needle.Error{Code: needle.CodeUnavailable}) {
		t.Errorf("without a database the pass answers %v", err)
	}
	w.heal()
	until(t, "the pass could go on", func() bool {
		_, err := engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
		return err == nil
	})
	w.inStep()
}
