package live_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/live"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// patience bounds every wait of a test.
const patience = time.Minute

// world is a database with one connection, and a hub that listens to it.
type world struct {
	t       *testing.T
	address string
	scope   store.Scope
	store   *store.Store
	topic   live.Topic
	conn    *needle.Connection
	hub     *live.Hub
	stop    func()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	address := storetest.URL(t)
	w := &world{t: t, address: address, store: store.New(storetest.Open(t, address), store.Config{})}
	f := storetest.Seed(t, w.store.DB())
	w.scope, w.conn = w.store.In(f.Workspace.ID), f.Connection()
	w.topic = live.SyncTopic(f.Workspace.ID, w.conn.ID)
	w.hub = live.New(live.Config{URL: address, Pace: time.Millisecond})
	w.stop = w.run(w.hub)
	return w
}

// run runs a hub until the test ends, or what it returns is called.
func (w *world) run(h *live.Hub) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					w.t.Error(err)
				}
			case <-time.After(patience):
				w.t.Error("the hub does not stop")
			}
		})
	}
	w.t.Cleanup(stop)
	return stop
}

// counter is something to read that changes.
type counter struct {
	mu   sync.Mutex
	n    int
	err  error
	read int
}

func (c *counter) get(context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read++
	return c.n, c.err
}

func (c *counter) set(n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n, c.err = n, err
}

func (w *world) tell() {
	w.t.Helper()
	if err := w.scope.NotifySync(w.t.Context(), w.conn.ID); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) follow(ctx context.Context, c *counter) <-chan int {
	w.t.Helper()
	values, err := live.Follow(ctx, w.hub, w.topic, c.get)
	if err != nil {
		w.t.Fatal(err)
	}
	return values
}

// take takes values until one is the wanted.
func take(t *testing.T, values <-chan int, want int) {
	t.Helper()
	limit := time.After(patience)
	for {
		select {
		case got, open := <-values:
			if !open {
				t.Fatalf("it ended before %d", want)
			}
			if got == want {
				return
			}
		case <-limit:
			t.Fatalf("%d never came", want)
		}
	}
}

// ended demands that nothing more comes.
func ended(t *testing.T, values <-chan int) {
	t.Helper()
	limit := time.After(patience)
	for {
		select {
		case _, open := <-values:
			if !open {
				return
			}
		case <-limit:
			t.Fatal("it never ended")
		}
	}
}

func TestFollow_tellsNowAndAfterEachCommittedChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := &counter{}
	values := w.follow(t.Context(), c)
	take(t, values, 0)
	c.set(1, nil)
	failed := errors.New("called off")
	err := w.scope.InTx(t.Context(), func(ctx context.Context, tx store.Scope) error {
		if err := tx.NotifySync(ctx, w.conn.ID); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	other := needle.NewConnectionID()
	if err := w.scope.NotifySync(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	c.set(2, nil)
	w.tell()
	take(t, values, 2)
}

func TestFollow_tellsASlowReaderTheLatestOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := &counter{}
	quick, slow := w.follow(t.Context(), &counter{}), w.follow(t.Context(), c)
	take(t, quick, 0)
	for n := 1; n <= 200; n++ {
		c.set(n, nil)
		w.tell()
	}
	take(t, slow, 200)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read > 10 {
		t.Errorf("nobody took anything, and it was read %d times", c.read)
	}
}

func TestFollow_endsWithItsCallerAndWithTheHub(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	first, second := w.follow(ctx, &counter{}), w.follow(t.Context(), &counter{})
	take(t, first, 0)
	take(t, second, 0)
	cancel()
	ended(t, first)
	w.stop()
	ended(t, second)
	if n := w.hub.Subscriptions(); n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
	_, err := live.Follow(t.Context(), w.hub, w.topic, (&counter{}).get)
	if !errors.Is(err, &needle.Error{Code: needle.CodeUnavailable}) {
		t.Errorf("a hub that has stopped answers %v", err)
	}
	if _, err := live.Follow(t.Context(), nil, w.topic, (&counter{}).get); !errors.Is(err, &needle.Error{Code: needle.CodeUnavailable}) {
		t.Errorf("no hub answers %v", err)
	}
}

func TestFollow_endsWhenThereIsNothingLeftToRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := &counter{}
	if _, err := live.Follow(t.Context(), w.hub, w.topic, (&counter{err: needle.NotFound("", "connection")}).get); !errors.Is(err, needle.ErrNotFound) {
		t.Errorf("the first read fails with %v", err)
	}
	values := w.follow(t.Context(), c)
	take(t, values, 0)
	c.set(1, &needle.Error{Code: needle.CodeUnavailable})
	w.tell()
	c.set(2, nil)
	w.tell()
	take(t, values, 2) // A database that does not answer is waited for.
	c.set(3, needle.NotFound("", "connection"))
	w.tell()
	ended(t, values)
}

func TestHub_readsAgainAfterItsConnectionWasCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := &counter{}
	values := w.follow(t.Context(), c)
	take(t, values, 0)
	c.set(1, nil)
	w.tell()
	take(t, values, 1) // It listens.
	var cut int
	err := w.store.DB().QueryRowContext(t.Context(), `
		SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'LISTEN%') AS gone`).Scan(&cut)
	if err != nil || cut == 0 {
		t.Fatalf("%d connections were cut, %v", cut, err)
	}
	c.set(2, nil) // Nobody is told, and yet it comes.
	take(t, values, 2)
	c.set(3, nil)
	w.tell()
	take(t, values, 3)
}

func TestHub_tellsAcrossProcesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	again := live.New(live.Config{URL: w.address, Pace: time.Millisecond})
	w.run(again) // As another process would.
	c := &counter{}
	here := w.follow(t.Context(), c)
	there, err := live.Follow(t.Context(), again, w.topic, c.get)
	if err != nil {
		t.Fatal(err)
	}
	take(t, here, 0)
	take(t, there, 0)
	c.set(1, nil)
	w.tell()
	take(t, here, 1)
	take(t, there, 1)
}

func TestTopic_isWhatTheDatabaseSays(t *testing.T) {
	t.Parallel()
	workspace, connection := needle.WorkspaceID{}, needle.NewConnectionID()
	want := live.Topic("needle_sync " + workspace.String() + "/" + connection.String())
	if diff := cmp.Diff(want, live.SyncTopic(workspace, connection)); diff != "" {
		t.Error(diff)
	}
}
