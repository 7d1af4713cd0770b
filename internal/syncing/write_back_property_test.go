package syncing_test

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// TestWriteBack_endsWithExactlyWhatIsWanted lets people, trackers and machines do what they like, in any order: links come
// and go, values are measured, issues are delivered, deleted and come back, writing back is turned off and on, the tracker
// answers everything it can, before and behind what it was asked, and processes die. Once that is over, beside every issue
// is what is to be said of it, and nothing else, and no two requests ever came within a second.
func TestWriteBack_endsWithExactlyWhatIsWanted(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run("seed "+strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			w, b, conn, kr := boardWorld(t, 4)
			random := rand.New(rand.NewPCG(seed, 7))
			other := w.f.KeyResult()
			steps := []func(remote string){
				func(remote string) { b.change(remote, func(i *boardIssue) { i.Body = "towards " + kr.Key() }) },
				func(remote string) {
					b.change(remote, func(i *boardIssue) { i.Body = "towards " + kr.Key() + " and towards " + other.Key() })
				},
				func(remote string) { b.change(remote, func(i *boardIssue) { i.Body = "for its own sake" }) },
				func(string) { w.measure(kr, float64(random.IntN(5))) },
				func(remote string) {
					at := w.clock.now()
					b.change(remote, func(i *boardIssue) { i.State, i.ClosedAt = integrations.StateDone, &at })
				},
				func(remote string) {
					b.change(remote, func(i *boardIssue) { i.State, i.ClosedAt = integrations.StateTodo, nil })
				},
				func(remote string) {
					b.change(remote, func(i *boardIssue) { i.deleted = !i.deleted })
				},
				func(string) { w.turn(conn, random.IntN(2) == 0, nil) },
				func(string) { b.create("towards " + kr.Key()) },
				func(string) {
					fault, odds := faults()[random.IntN(len(faults()))], random.IntN(3)
					b.spoil(func(string, bool) error {
						if random.IntN(3) > odds {
							return nil
						}
						return fault(w.clock.now())
					})
				},
				func(string) { b.spoil(nil) },
				func(string) { w.sync(conn) },
			}
			for range 60 {
				steps[random.IntN(len(steps))](strconv.Itoa(random.IntN(len(b.issues)) + 1))
				w.clock.pass(time.Duration(random.IntN(90)) * time.Second)
				engine := w.engine
				if random.IntN(4) == 0 {
					engine = w.newEngine(w.store, 10)
				}
				if err := w.tryWriteBack(engine, conn); err != nil && !errors.Is(err, syncing.ErrStopped) && !errors.Is(err, errDied) {
					t.Fatal(err)
				}
			}
			w.quiet(b, conn)
			w.exact(b, conn)
			b.paced(t)
			w.turn(conn, false, nil)
			w.settleDown(conn)
			for _, i := range b.issues {
				if !i.deleted && len(i.links) > 0 {
					t.Errorf("it was turned off, and %s still shows %v", i.Ref.Key, i.links)
				}
			}
		})
	}
}

// errDied stands for a process that dies in the middle of a request: nothing behind it happens.
var errDied = errors.New("the process died")

// tryWriteBack runs over the outbox, maybe to the death of the process.
func (w *world) tryWriteBack(engine *syncing.Engine, conn *needle.Connection) (err error) {
	defer func() {
		if died := recover(); died == errDied { //nolint:errorlint // It is the value itself.
			err = errDied
		} else if died != nil {
			panic(died)
		}
	}()
	_, err = engine.WriteBack(w.t.Context(), w.f.Workspace.ID, conn.ID)
	return err
}

// faults are what a tracker can answer, and the death of the process that asks.
func faults() []func(time.Time) error {
	plain := func(err error) func(time.Time) error { return func(time.Time) error { return err } }
	return []func(time.Time) error{
		plain(&integrations.UnavailableError{Status: 502, Err: errors.New("bad gateway")}),
		plain(integrations.ErrForbidden),
		plain(&integrations.RejectedError{Status: 422, Reason: "no"}),
		plain(integrations.ErrUnauthorized),
		plain(integrations.ErrNotFound),
		func(now time.Time) error {
			return &integrations.RateLimitError{RetryAt: now.Add(3 * time.Minute), Reason: "slow"}
		},
		func(time.Time) error { panic(errDied) },
	}
}

// quiet ends all faults, lets a person mend what waits for one, and everything come to rest.
func (w *world) quiet(b *board, conn *needle.Connection) {
	w.t.Helper()
	b.spoil(nil)
	w.clock.pass(30 * time.Minute)
	on := true
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Paused: new(bool), WriteBack: &on})
	check(w.t, err)
	w.sync(conn)
	if _, err := w.engine.RetryBacklinks(w.ctx, needle.RetryBacklinksInput{ConnectionID: conn.ID}); err != nil && !errors.Is(err, needle.ErrConflict) {
		w.t.Fatal(err)
	}
	w.settleDown(conn)
}
