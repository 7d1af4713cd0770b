package bench

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/needle-okr/needle/bench/dataset"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// A workspace of 200 teams with ten key results each, 26 check-ins and 30 contributions on every one.
func manyTeams() dataset.Size {
	return dataset.Size{Teams: 200, Cycles: 1, Objectives: 400, KeyResults: 5, CheckIns: 26, Items: 40_000}
}

// aloneFor is how long writers are watched while nothing else goes on.
const aloneFor = 5 * time.Second

// BenchmarkRecomputation works out the attributions of a whole workspace while somebody checks in, and tells how long a
// check-in takes beside it and alone, and how often any session waited for a lock of another: never, for nothing that people
// write is locked. On two cores the times hold what both take of the processors.
func BenchmarkRecomputation(b *testing.B) {
	db := storetest.New(b)
	if err := dataset.Load(b.Context(), db.DB, manyTeams(), true); err != nil {
		b.Fatal(err)
	}
	s := store.New(db, store.Config{})
	f := facts(b, db)
	planner := planning.New(s)
	ctx := needle.WithViewer(b.Context(), needle.Viewer{WorkspaceID: f.Workspace, UserID: f.Owner, Role: needle.RoleOwner, Scopes: needle.AllScopes()})
	w := &writer{b: b, ctx: ctx, planner: planner, keyResults: someKeyResults(b, s)}
	alone := w.watch(func(ctx context.Context) { <-ctx.Done() }, aloneFor)
	var beside []time.Duration
	var waits atomic.Int64
	done := 0
	var took time.Duration
	for b.Loop() {
		stop := watchLocks(b, s, &waits)
		from := time.Now()
		beside = append(beside, w.watch(func(ctx context.Context) {
			n, err := planner.RecomputeAttributions(ctx)
			if err != nil || n.Changed != 0 {
				b.Errorf("%+v, %v", n, err)
			}
			done += n.KeyResults
		}, 0)...)
		took += time.Since(from)
		stop()
	}
	b.ReportMetric(float64(done)/took.Seconds(), "keyresults/s")
	b.ReportMetric(float64(waits.Load()), "lock-waits")
	for _, p := range []struct {
		name  string
		share float64
	}{{"p50", 0.5}, {"p99", 0.99}} {
		b.ReportMetric(at(alone, p.share), "write-alone-"+p.name+"-ms")
		b.ReportMetric(at(beside, p.share), "write-beside-"+p.name+"-ms")
	}
}

// writer checks in, one key result after the other.
type writer struct {
	b          *testing.B
	ctx        context.Context
	planner    *planning.Planner
	keyResults []needle.KeyResultID
	next       int
}

// watch checks in for as long as something goes on, or a time is over, and returns how long each check-in took.
func (w *writer) watch(beside func(context.Context), most time.Duration) []time.Duration {
	ctx, cancel := context.WithCancel(w.b.Context())
	if most > 0 {
		ctx, cancel = context.WithTimeout(w.b.Context(), most)
	}
	defer cancel()
	over := make(chan struct{})
	go func() { defer close(over); beside(ctx) }()
	var took []time.Duration
	for {
		select {
		case <-over:
			return took
		default:
		}
		from := time.Now()
		_, err := w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: w.keyResults[w.next%len(w.keyResults)], Value: float64(w.next)})
		if err != nil {
			w.b.Fatal(err)
		}
		w.next++
		took = append(took, time.Since(from))
	}
}

// watchLocks counts how often sessions are seen to wait for a lock that another one holds, until it is told to stop.
func watchLocks(b *testing.B, s *store.Store, waits *atomic.Int64) (stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			var n int64
			err := s.DB().QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
			if err == nil {
				waits.Add(n)
			}
		}
	}()
	return func() { cancel(); <-over }
}

func someKeyResults(b *testing.B, s *store.Store) []needle.KeyResultID {
	b.Helper()
	due, err := s.AllAttributions(b.Context(), store.DueKeyResult{}, 500)
	if err != nil || len(due) == 0 {
		b.Fatal(len(due), err)
	}
	ids := make([]needle.KeyResultID, len(due))
	for i, d := range due {
		ids[i] = d.KeyResultID
	}
	return ids
}

// at returns the time that a share of all is not longer than, in milliseconds.
func at(all []time.Duration, share float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[int(share*float64(len(sorted)-1))].Microseconds()) / 1000
}
