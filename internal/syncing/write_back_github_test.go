package syncing_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
)

// commented is a GitHub with issues that serve a key result, read by a connection that writes back, and a count of the
// requests that write there.
func commented(t *testing.T, issues int) (w *world, conn *needle.Connection, kr *needle.KeyResult, numbers []int, writes *atomic.Int32) {
	t.Helper()
	w, writes = newWorld(t), &atomic.Int32{}
	kr = w.f.KeyResult()
	for range issues {
		number, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Something to do", Body: "Needle: towards " + kr.Key()})
		numbers = append(numbers, must(t, number, err))
	}
	w.clock.pass(time.Minute)
	on := true
	conn = w.connect(func(in *needle.CreateConnectionInput) { in.WriteBack = &on })
	w.sync(conn)
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if r.Method != http.MethodGet {
			writes.Add(1)
		}
		return nil
	})
	return w, conn, kr, numbers, writes
}

// beside is the one comment on an issue.
func (w *world) beside(number int) fakegithub.Comment {
	w.t.Helper()
	all := w.gh.Comments(shop, number)
	if len(all) != 1 {
		w.t.Fatalf("issue %d has %d comments: %v", number, len(all), all)
	}
	return all[0]
}

func TestWriteBack_isOneCommentOnGitHubThatIsEditedInPlace(t *testing.T) {
	t.Parallel()
	w, conn, kr, numbers, writes := commented(t, 3)
	if did := w.settleDown(conn); did.Written != 3 || did.Reason != "" {
		t.Fatalf("the first run did %+v", did)
	}
	first := w.beside(numbers[0])
	if !strings.Contains(first.Body, kr.Key()) || !strings.Contains(first.Body, "2 other items serve it") {
		t.Errorf("it says %q", first.Body)
	}
	// Comments change their issues, which the next pass reads; that is nothing to write about.
	for range 3 {
		w.clock.pass(10 * time.Minute)
		w.sync(conn)
		w.settleDown(conn)
	}
	if n := writes.Load(); n != 3 {
		t.Errorf("3 comments took %d requests that write", n)
	}
	w.measure(kr, 5)
	w.settleDown(conn)
	if now := w.beside(numbers[0]); now.ID != first.ID || now.Body == first.Body || writes.Load() != 6 {
		t.Errorf("after a check-in, and %d requests, there is %+v", writes.Load(), now)
	}
	body := "for its own sake"
	check(t, w.gh.Update(shop, numbers[0], fakegithub.Change{Body: &body}))
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.settleDown(conn)
	if left := w.gh.Comments(shop, numbers[0]); len(left) != 0 {
		t.Errorf("the link ended, and there is still %v", left)
	}
	if now := w.beside(numbers[1]); !strings.Contains(now.Body, "1 other item serves it") {
		t.Errorf("beside the others it says %q", now.Body)
	}
}

func TestWriteBack_leavesOneCommentOnGitHubWhereAProcessWasKilled(t *testing.T) {
	t.Parallel()
	w, conn, _, numbers, writes := commented(t, 4)
	kill, dead := make(chan struct{}), make(chan struct{})
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if r.Method != http.MethodGet && writes.Add(1) == 2 {
			close(kill)
			<-dead // The request is on the wire, and GitHub goes on with it.
		}
		return nil
	})
	cmd := w.startVictim(conn, func(v *victim) { v.WriteBack = true })
	<-kill
	check(t, cmd.Process.Kill())
	_ = cmd.Wait() // It was killed.
	close(dead)
	if n := w.backlinks(conn, "WRITTEN"); n != 1 {
		t.Errorf("before it died %d were noted as written", n)
	}
	w.untilWriteBackIsFree(conn)
	w.settleDown(conn)
	ids := map[int64]bool{}
	for _, n := range numbers {
		ids[w.beside(n).ID] = true
	}
	if len(ids) != 4 || writes.Load() != 4 {
		t.Errorf("%d comments took %d requests that write", len(ids), writes.Load())
	}
}
