package jobs_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/jobs"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

func TestClient_runsAPassThatIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.client(never)
	check(t, client.Start(t.Context()))
	conn := w.connect() // After the first sweep, or before: one pass is due, and one is run.
	for range 3 {
		check(t, client.EnqueueSync(t.Context(), conn.WorkspaceID, conn.ID))
	}
	until(t, "the pass ended", w.synced(1))
	until(t, "the jobs ended", func() bool {
		return w.count(`SELECT count(*) FROM river_job WHERE kind = 'sync_connection' AND state <> 'completed'`) == 0
	})
	if n := w.count(`SELECT count(*) FROM sync_runs`); n != 1 {
		t.Errorf("%d runs were made", n)
	}
}

func TestClient_findsWhatIsDueByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	check(t, w.client().Start(t.Context()))
	until(t, "the first pass ended", w.synced(1))
	_, err := w.engine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID})
	check(t, err)
	until(t, "the second pass ended", w.synced(2))
}

func TestClient_withoutWorkersOnlyAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	asking := w.client(func(c *jobs.Config) { c.Workers, c.Engine = 0, nil })
	check(t, asking.Start(t.Context()))
	check(t, asking.EnqueueSync(t.Context(), conn.WorkspaceID, conn.ID))
	if n := w.count(`SELECT count(*) FROM river_job WHERE state = 'available'`); n != 1 {
		t.Errorf("%d jobs wait for somebody with workers", n)
	}
	check(t, w.client(never).Start(t.Context()))
	until(t, "somebody with workers ran it", w.synced(1))
}

func TestClient_startsWhenTheDatabaseDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	g := newGate(t, w.address)
	client := w.client(func(c *jobs.Config) { c.URL, c.Logger = g.address, nil })
	check(t, client.Start(t.Context()))
	err := client.EnqueueSync(t.Context(), w.f.Workspace.ID, needle.NewConnectionID())
	if err == nil {
		t.Error("a job was added without a database")
	}
	g.open.Store(true)
	until(t, "the pass ended", w.synced(1))
}

func TestClient_goesOnAfterTheDatabaseWentAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	client := w.client(func(c *jobs.Config) { c.Logger = nil })
	check(t, client.Start(t.Context()))
	until(t, "the first pass ended", w.synced(1))
	w.count(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	until(t, "a pass could be asked for", func() bool {
		_, err := w.engine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID})
		return err == nil
	})
	until(t, "the second pass ended", w.synced(2))
}

func TestClient_stopsAfterTheRunningPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	asked, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.spoilWith(func(*http.Request) *fakegithub.Fault {
		once.Do(func() { close(asked); <-goOn })
		return nil
	})
	client := w.client()
	check(t, client.Start(t.Context()))
	<-asked
	stopped := make(chan error, 1)
	go func() { stopped <- client.Stop(t.Context()) }()
	close(goOn)
	check(t, <-stopped)
	if !w.synced(1)() {
		t.Error("the running pass was not let finish")
	}
}

func TestClient_cutsOffAPassThatTakesTooLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	asked := make(chan struct{})
	var once sync.Once
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if strings.HasSuffix(r.URL.Path, "/issues") {
			once.Do(func() { close(asked) })
			return &fakegithub.Fault{Delay: 2 * patience} // until the client gives up
		}
		return nil
	})
	client := w.client(func(c *jobs.Config) { c.Grace = time.Millisecond })
	check(t, client.Start(t.Context()))
	<-asked
	check(t, client.Stop(t.Context()))
	if n := w.count(`SELECT count(*) FROM sync_runs WHERE state = 'INTERRUPTED'`); n != 1 {
		t.Error("the run does not count as interrupted")
	}
	w.spoil.Store(nil)
	check(t, w.client().Start(t.Context()))
	until(t, "the next process went on", w.synced(1))
}

func TestClient_stopsThoughItNeverStarted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newGate(t, w.address)
	client := w.client(func(c *jobs.Config) { c.URL, c.Logger = g.address, nil })
	check(t, client.Start(t.Context()))
	if err := client.Start(t.Context()); err == nil {
		t.Error("it started twice")
	}
	check(t, client.Stop(t.Context()))
}

func TestClient_comesBackWhenALimitEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	var limited atomic.Bool
	limited.Store(true)
	w.spoilWith(func(*http.Request) *fakegithub.Fault {
		if limited.Load() {
			return fakegithub.SecondaryLimit(http.StatusTooManyRequests, time.Hour)
		}
		return nil
	})
	check(t, w.client(never).Start(t.Context()))
	check(t, w.client(never).EnqueueSync(t.Context(), conn.WorkspaceID, conn.ID))
	until(t, "the job waits", func() bool {
		return w.count(`SELECT count(*) FROM river_job WHERE kind = 'sync_connection' AND state = 'scheduled'
			AND scheduled_at > now() + interval '50 minutes'`) > 0
	})
	stored, err := w.store.In(conn.WorkspaceID).Connection(t.Context(), conn.ID)
	check(t, err)
	if stored.State != needle.ConnectionLimited || stored.RateLimitedUntil == nil {
		t.Errorf("the connection is %+v", stored)
	}
}

func TestClient_goesOnWithThePassOfADeadProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	dead := w.client(never)
	check(t, dead.EnqueueSync(t.Context(), conn.WorkspaceID, conn.ID))
	// What a process leaves that is killed in the middle of a pass: a job and a run that count as running for ever.
	w.count(`WITH job AS (UPDATE river_job SET state = 'running', attempted_at = now(), attempt = 1, attempted_by = '{dead}' RETURNING 1)
		SELECT count(*) FROM job`)
	source := w.f.Source(func(s *needle.Source) { s.ConnectionID, s.RemoteKey = conn.ID, "octo/other" })
	w.gh.AddRepo(source.RemoteKey)
	w.f.SyncRun(func(r *needle.SyncRun) { r.SourceID, r.State, r.FinishedAt = source.ID, needle.SyncRunning, nil })
	check(t, w.client().Start(t.Context()))
	until(t, "the passes of both sources ended", w.synced(2))
	if n := w.count(`SELECT count(*) FROM sync_runs WHERE state = 'INTERRUPTED'`); n != 1 {
		t.Errorf("%d runs were interrupted", n)
	}
}

func TestNew_refusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]jobs.Config{
		"workers without an engine": {URL: "postgres://localhost/x", Planner: &planning.Planner{}, Workers: 1},
		"workers without a planner": {URL: "postgres://localhost/x", Engine: &syncing.Engine{}, Workers: 1},
		"fewer than no workers":     {URL: "postgres://localhost/x", Workers: -1},
		"an address with a secret":  {URL: "postgres://me:hidden@ho st/x"},
	} {
		_, err := jobs.New(c)
		if err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMigrateRiver_letsOneWorkAndTheOthersWait(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() { errs <- jobs.MigrateRiver(t.Context(), address) }()
	}
	for range cap(errs) {
		check(t, <-errs)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var there bool
	check(t, storetest.Open(t, address).QueryRowContext(t.Context(), `SELECT to_regclass('river_job') IS NOT NULL`).Scan(&there))
	if !there {
		t.Error("there are no tables of jobs")
	}
	if err := jobs.MigrateRiver(ended, address); !errors.Is(err, context.Canceled) {
		t.Errorf("called off it answers %v", err)
	}
}
