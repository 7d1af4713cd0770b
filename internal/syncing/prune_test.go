package syncing_test

import (
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func TestPrune_keepsWhatIsNewAndTheLastOfEachSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	from := w.oldRuns(needle.SyncCensus, 150, time.Minute)
	n, err := w.engine.Prune(t.Context())
	if check(t, err); n != 51 || w.count(`SELECT count(*) FROM sync_runs`) != 100 {
		t.Errorf("%d pruned, %d left", n, w.count(`SELECT count(*) FROM sync_runs`))
	}
	if n := w.count(`SELECT count(*) FROM sync_runs WHERE started_at < ?`, from.Add(50*time.Minute)); n != 0 {
		t.Errorf("%d of the oldest are left", n)
	}
}

func TestPrune_keepsOfEverySixHoursTheLastRunThatReadTheSourceWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	from := w.oldRuns(needle.SyncIncremental, 300, 10*time.Minute)
	n, err := w.engine.Prune(t.Context())
	if check(t, err); n != 196 { // All but the last hundred and one in each of five times six hours before them.
		t.Errorf("%d pruned", n)
	}
	for slot := range 5 {
		last := from.Add(time.Duration(slot+1)*6*time.Hour - 10*time.Minute)
		if n := w.count(`SELECT count(*) FROM sync_runs WHERE started_at = ?`, last); n != 1 {
			t.Errorf("%d runs are left of %s", n, last)
		}
	}
	again, err := w.engine.Prune(t.Context())
	if check(t, err); again != 0 {
		t.Errorf("pruned again, %d more go", again)
	}
}

// oldRuns stores runs of a source that was read whole since, 40 days ago and as far apart as said, from the first of six
// hours on. It returns when the first began.
func (w *world) oldRuns(kind needle.SyncKind, n int, apart time.Duration) time.Time {
	w.t.Helper()
	w.open(1)
	conn := w.connect()
	w.sync(conn)
	source := w.sourcesOf(conn)[0]
	from := w.clock.now().Add(-40 * 24 * time.Hour).Truncate(6 * time.Hour)
	for i := range n {
		w.f.SyncRun(func(r *needle.SyncRun) {
			at := from.Add(time.Duration(i) * apart)
			r.ConnectionID, r.SourceID, r.Kind = conn.ID, source.ID, kind
			r.StartedAt, r.FinishedAt, r.State = at, &at, needle.SyncSucceeded
		})
	}
	return from
}
