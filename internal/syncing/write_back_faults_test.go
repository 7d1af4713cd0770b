package syncing_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

func TestWriteBack_goesOnAfterEveryKindOfFault(t *testing.T) {
	t.Parallel()
	unavailable := &integrations.UnavailableError{Status: 502, Err: errors.New("<html>")}
	for name, c := range map[string]struct {
		fault error
		state needle.ConnectionState
		// reason is part of what the connection says about writing back.
		reason string
		// row is the state of the first backlink after the run.
		row needle.BacklinkState
	}{
		"502":         {unavailable, needle.ConnectionOK, "status 502", needle.BacklinkPending},
		"a limit":     {&integrations.RateLimitError{}, needle.ConnectionLimited, "", needle.BacklinkPending},
		"a bad token": {integrations.ErrUnauthorized, needle.ConnectionAuthFailed, "", needle.BacklinkPending},
		"may not":     {integrations.ErrForbidden, needle.ConnectionOK, "lets the credentials read, but not write", needle.BacklinkFailed},
		"refused":     {&integrations.RejectedError{Status: 422, Reason: "too long"}, needle.ConnectionOK, "too long", needle.BacklinkFailed},
		"a lie":       {fmt.Errorf("writing: %w", integrations.ErrNotFound), needle.ConnectionOK, "not write here", needle.BacklinkFailed},
	} {
		for _, after := range []bool{false, true} { // Whether the tracker did it all the same.
			t.Run(fmt.Sprintf("%s after=%v", name, after), func(t *testing.T) {
				t.Parallel()
				w, b, conn, _ := boardWorld(t, 5)
				b.spoil(func(_ string, behind bool) error {
					if limit := (*integrations.RateLimitError)(nil); errors.As(c.fault, &limit) {
						return &integrations.RateLimitError{RetryAt: w.clock.now().Add(10 * time.Minute), Reason: "slow down"}
					}
					if behind == after {
						return c.fault
					}
					return nil
				})
				w.writeBack(conn)
				got := w.connection(conn.ID)
				if got.State != c.state || !strings.Contains(got.WriteBackReason, c.reason) || (c.reason == "") != (got.WriteBackReason == "") {
					t.Errorf("the connection is %s and says %q", got.State, got.WriteBackReason)
				}
				asked, _ := b.counts()
				if row := w.rowOf(conn, "1"); row.State != c.row || asked > 5 {
					t.Errorf("the first row is %+v after %d requests", row, asked)
				}
				b.spoil(nil)
				w.clock.pass(20 * time.Minute)
				if _, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, Paused: new(bool)}); err != nil {
					t.Fatal(err)
				}
				w.sync(conn)
				if _, err := w.engine.RetryBacklinks(w.ctx, needle.RetryBacklinksInput{ConnectionID: conn.ID}); (c.row == needle.BacklinkFailed) != (err == nil) {
					t.Errorf("asking to try again answers %v", err)
				}
				w.settleDown(conn)
				w.exact(b, conn)
				b.paced(t)
				if got := w.connection(conn.ID); got.WriteBackReason != "" {
					t.Errorf("all is well, and still it says %q", got.WriteBackReason)
				}
				if _, written := b.counts(); written != 5 {
					t.Errorf("5 backlinks took %d changes", written)
				}
			})
		}
	}
}

func TestWriteBack_doesNotAnnoyATrackerThatRefusesEverything(t *testing.T) {
	t.Parallel()
	w, b, conn, kr := boardWorld(t, 20)
	b.spoil(func(string, bool) error { return integrations.ErrForbidden })
	for i := range 5 {
		w.clock.pass(time.Hour)
		w.measure(kr, float64(i))
		w.writeBack(conn)
	}
	if asked, _ := b.counts(); asked != 3 {
		t.Errorf("it was asked %d times", asked)
	}
	if got := w.verbs(conn.ID.String()); got[len(got)-1] != needle.VerbFailed {
		t.Errorf("nobody is told: %v", got)
	}
	w.sync(conn)
	w.ails(conn, needle.ProblemWriteBack)
	w.clock.pass(25 * time.Hour)
	b.spoil(nil)
	w.settleDown(conn)
	w.exact(b, conn)
}

func TestWriteBack_doesNotRepeatWhatWasRejected(t *testing.T) {
	t.Parallel()
	w, b, conn, kr := boardWorld(t, 2)
	b.spoil(func(remote string, _ bool) error {
		if remote == "1" {
			return &integrations.RejectedError{Status: 400, Reason: "no"}
		}
		return nil
	})
	for range 5 {
		w.clock.pass(30 * time.Hour)
		w.writeBack(conn)
	}
	if asked, written := b.counts(); asked != 2 || written != 1 {
		t.Errorf("%d requests made %d changes", asked, written)
	}
	w.measure(kr, 7) // That asks something else.
	w.settleDown(conn)
	if asked, _ := b.counts(); asked != 4 {
		t.Errorf("after a change there were %d requests", asked)
	}
}

func TestWriteBack_forgetsIssuesThatAreGone(t *testing.T) {
	t.Parallel()
	w, b, conn, kr := boardWorld(t, 2)
	w.settleDown(conn)
	b.change("1", func(i *boardIssue) { i.deleted = true })
	w.measure(kr, 3)
	w.settleDown(conn)
	if row := w.rowOf(conn, "1"); row.State != needle.BacklinkRemoved {
		t.Errorf("the row is %+v", row)
	}
	if n := w.count(`SELECT count(*) FROM issues WHERE gone_at IS NOT NULL`); n != 1 {
		t.Error("the issue that was not found is no tombstone")
	}
	w.exact(b, conn)
	b.change("1", func(i *boardIssue) { i.deleted, i.links = false, map[string]integrations.Backlink{} })
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.settleDown(conn)
	w.exact(b, conn)
}

func TestWriteBack_losesNoChangeThatComesDuringARequest(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world, b *board, conn *needle.Connection, kr *needle.KeyResult){
		"a check-in":          func(w *world, _ *board, _ *needle.Connection, kr *needle.KeyResult) { w.measure(kr, 55) },
		"the end of the link": func(w *world, b *board, conn *needle.Connection, _ *needle.KeyResult) { w.unlink(b, conn, "1") },
		"being turned off":    func(w *world, _ *board, conn *needle.Connection, _ *needle.KeyResult) { w.turn(conn, false, nil) },
		"being turned off and on": func(w *world, _ *board, conn *needle.Connection, _ *needle.KeyResult) {
			w.turn(conn, false, nil)
			w.turn(conn, true, nil)
		},
		"a check-in that is undone": func(w *world, _ *board, _ *needle.Connection, kr *needle.KeyResult) {
			w.measure(kr, 55)
			w.measure(kr, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, b, conn, kr := boardWorld(t, 1)
			w.measure(kr, 1)
			var once sync.Once
			b.spoil(func(_ string, after bool) error {
				if after {
					once.Do(func() { change(w, b, conn, kr) })
				}
				return nil
			})
			if _, err := w.engine.WriteBack(t.Context(), w.f.Workspace.ID, conn.ID); err != nil && !errors.Is(err, syncing.ErrStopped) {
				t.Fatal(err)
			}
			w.settleDown(conn)
			if !w.connection(conn.ID).WriteBack {
				if left := b.shown("1"); len(left) != 0 {
					t.Errorf("it was turned off and still shows %v", left)
				}
				return
			}
			w.exact(b, conn)
		})
	}
}

func TestWriteBack_trustsNothingBehindARequestThatEndedUnseen(t *testing.T) {
	t.Parallel()
	w, b, conn, kr := boardWorld(t, 1)
	w.measure(kr, 1)
	w.settleDown(conn)
	w.measure(kr, 2)
	b.spoil(func(_ string, after bool) error {
		if after { // The tracker did it, and nobody is left to learn so.
			panic(errDied)
		}
		return nil
	})
	w.clock.pass(2 * time.Minute)
	if err := w.tryWriteBack(w.engine, conn); !errors.Is(err, errDied) {
		t.Fatalf("the process lives on: %v", err)
	}
	b.spoil(nil)
	w.measure(kr, 1) // What is wanted is again what was noted as written before.
	w.settleDown(conn)
	w.exact(b, conn)
}
