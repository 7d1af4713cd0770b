package syncing_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
	"github.com/needle-okr/needle/internal/syncing"
)

func TestWriteBack_runsOnceAtATime(t *testing.T) {
	t.Parallel()
	w, b, conn, _ := boardWorld(t, 10)
	other := w.newEngine(w.newStore(keys()), 10)
	busy := 0
	b.spoil(func(_ string, after bool) error {
		if after {
			if _, err := other.WriteBack(t.Context(), w.f.Workspace.ID, conn.ID); errors.Is(err, syncing.ErrBusy) {
				busy++
			}
		}
		return nil
	})
	w.settleDown(conn)
	if _, written := b.counts(); busy != 10 || written != 10 {
		t.Errorf("of 10 runs %d were turned away, and %d changes were made", busy, written)
	}
	w.exact(b, conn)
	b.paced(t)
}

func TestWriteBack_doublesNothingWhenAnotherProcessTakesOver(t *testing.T) {
	t.Parallel()
	w, b, conn, _ := boardWorld(t, 6)
	other := w.newEngine(w.newStore(keys()), 10)
	var requests atomic.Int32
	var inFlight sync.Map
	b.spoil(func(remote string, after bool) error {
		if after {
			inFlight.Delete(remote)
			return nil
		}
		if _, doubled := inFlight.LoadOrStore(remote, true); doubled {
			t.Errorf("issue %s is written twice at the same time", remote)
		}
		if requests.Add(1) == 2 {
			// The session that holds the outbox is cut in the middle of a request, and the process does not notice.
			w.count(`SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
			until(t, "the other process could take over", func() bool {
				_, err := other.WriteBack(t.Context(), w.f.Workspace.ID, conn.ID)
				return err == nil
			})
		}
		return nil
	})
	if _, err := w.engine.WriteBack(t.Context(), w.f.Workspace.ID, conn.ID); !errors.Is(err, syncing.ErrStopped) {
		t.Errorf("the run that lost its hold answers %v", err)
	}
	b.spoil(nil)
	w.settleDown(conn)
	if _, written := b.counts(); written != 6 {
		t.Errorf("6 backlinks took %d changes", written)
	}
	w.exact(b, conn)
	b.paced(t)
}

func TestWriteBack_goesOnWhereAProcessWasKilled(t *testing.T) {
	t.Parallel()
	for name, cloud := range map[string]bool{"Cloud": true, "Data Center": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var posts atomic.Int32
			var kill atomic.Pointer[func()]
			w, server, conn := jiraWorld(t, fakejira.Options{Cloud: cloud, Intercept: func(r *http.Request) *fakejira.Fault {
				if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/remotelink") && posts.Add(1) == 2 {
					if k := kill.Swap(nil); k != nil {
						(*k)() // The request is on the wire, and the tracker goes on with it.
					}
				}
				return nil
			}})
			kr, project := w.f.KeyResult(), server.AddProject("SHOP")
			var ids []string
			for range 4 {
				id, _, err := server.Create(project, fakejira.NewIssue{Title: "Something to do", Description: "towards " + kr.Key()})
				ids = append(ids, must(t, id, err))
			}
			w.clock.pass(time.Minute)
			w.sync(conn)
			w.turn(conn, true, nil)
			dead := make(chan struct{})
			cmd := w.startVictim(conn, func(v *victim) { v.WriteBack = true })
			stop := func() {
				check(t, cmd.Process.Kill())
				_ = cmd.Wait() // It was killed.
				close(dead)
			}
			kill.Store(&stop)
			<-dead
			if n := w.backlinks(conn, "WRITTEN"); n != 1 {
				t.Errorf("before it died %d were noted as written", n)
			}
			until(t, "the dead process's session has ended", func() bool {
				release, held, err := w.store.HoldWriteBack(t.Context(), w.f.Workspace.ID, conn.ID)
				if held {
					release()
				}
				return err == nil && held
			})
			w.settleDown(conn)
			for _, id := range ids {
				if n := len(server.Links(id)); n != 1 {
					t.Errorf("issue %s has %d links", id, n)
				}
			}
			if n := posts.Load(); n != 4 {
				t.Errorf("4 links took %d writes", n)
			}
			w.measure(kr, 5)
			w.settleDown(conn)
			w.turn(conn, false, nil)
			w.settleDown(conn)
			for _, id := range ids {
				if n := len(server.Links(id)); n != 0 {
					t.Errorf("issue %s still has %d links", id, n)
				}
			}
		})
	}
}
