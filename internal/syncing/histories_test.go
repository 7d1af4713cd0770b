package syncing_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
)

// remembered counts the questions for what the tracker remembers of an issue.
func (w *world) remembered(number string) int {
	n := 0
	for _, r := range w.gh.Requests() {
		if strings.HasSuffix(r.Path, "/issues/"+number+"/timeline") {
			n++
		}
	}
	return n
}

// restless opens two issues, the first of which serves a key result, and lets a pass see them.
func (w *world) restless() *needle.Connection {
	w.t.Helper()
	w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "speed" })
	for _, labels := range [][]string{{"speed"}, nil} {
		_, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Make it fast", Labels: labels})
		check(w.t, err)
	}
	conn := w.connect()
	w.sync(conn)
	return conn
}

// closeTwice closes both issues, reopens them and closes them again, a day apart.
func (w *world) closeTwice() (first, second time.Time) {
	w.t.Helper()
	w.clock.pass(24 * time.Hour)
	first = w.clock.now()
	for _, step := range []func(int) error{
		func(n int) error { return w.gh.CloseIssue(shop, n, "completed") },
		func(n int) error { return w.gh.Reopen(shop, n) },
		func(n int) error { return w.gh.CloseIssue(shop, n, "completed") },
	} {
		for n := 1; n <= 2; n++ {
			check(w.t, step(n))
		}
		second = w.clock.now()
		w.clock.pass(24 * time.Hour)
	}
	return first, second
}

// movesOf lists the moves of an issue's item as everybody reads them.
func (w *world) movesOf(conn *needle.Connection, number int) []string {
	w.t.Helper()
	return w.movesOfItem(w.item(conn, w.remoteID(number)))
}

func (w *world) movesOfItem(item *needle.BacklogItem) []string {
	w.t.Helper()
	found, err := w.scope.Transitions(w.t.Context(), []needle.BacklogItemID{item.ID})
	must(w.t, found, err)
	var out []string
	for _, m := range found[item.ID] {
		out = append(out, string(m.To)+" "+m.OccurredAt.UTC().Format(time.DateOnly))
	}
	return out
}

func day(at time.Time) string { return at.Format(time.DateOnly) }

func TestHistories_areAskedForWhereItMatters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.restless()
	opened := w.clock.now()
	first, second := w.closeTwice()
	w.sync(conn)
	whole := []string{"TODO " + day(opened), "DONE " + day(first), "TODO " + day(first.Add(24*time.Hour)), "DONE " + day(second)}
	seen := []string{"TODO " + day(opened), "DONE " + day(second)}
	if diff := cmp.Diff(whole, w.movesOf(conn, 1)); diff != "" {
		t.Errorf("the moves of what serves a result (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(seen, w.movesOf(conn, 2)); diff != "" {
		t.Errorf("the moves of what serves nothing (-want +got):\n%s", diff)
	}
	if a, b := w.remembered("1"), w.remembered("2"); a != 1 || b != 0 {
		t.Errorf("the history of the first was asked for %d times and of the second %d times", a, b)
	}
	// What was believed rightly is kept as it was recorded.
	if n, told := w.count(`SELECT count(*) FROM superseded_transitions`), w.count(`SELECT count(*) FROM item_transitions`); n != 0 || told != 6 {
		t.Errorf("%d moves are kept and %d superseded", told, n)
	}
	item := w.item(conn, w.remoteID(2))
	w.f.Contribution(func(c *needle.Contribution) { c.ItemID = item.ID })
	w.sync(conn)
	if diff := cmp.Diff(whole, w.movesOf(conn, 2)); diff != "" {
		t.Errorf("the moves of what was linked later (-want +got):\n%s", diff)
	}
	before := w.versions()
	w.sync(conn)
	if diff := cmp.Diff(before, w.versions()); diff != "" || w.remembered("1")+w.remembered("2") != 2 {
		t.Errorf("a history was asked for again, or written:\n%s", diff)
	}
	// A word in passing is neither a move nor a reason to ask.
	title := "Make it very fast"
	w.clock.pass(time.Hour)
	check(t, w.gh.Update(shop, 1, fakegithub.Change{Title: &title}))
	w.sync(conn)
	if diff := cmp.Diff(whole, w.movesOf(conn, 1)); diff != "" || w.remembered("1") != 1 {
		t.Errorf("after an edit the history was asked for %d times, and the moves are others:\n%s", w.remembered("1"), diff)
	}
}

func TestHistories_areAskedForByRefreshes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.restless()
	w.closeTwice()
	issue, err := w.scope.IssueOf(t.Context(), conn.ID, w.remoteID(1))
	must(t, issue, err)
	_, err = w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, issue.ID)
	check(t, err)
	if moves := w.movesOf(conn, 1); len(moves) != 4 {
		t.Errorf("after a refresh the moves are %v", moves)
	}
}

func TestHistories_waitForTheTracker(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault *fakegithub.Fault
		state needle.ConnectionState
	}{
		"a limit":         {&fakegithub.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"90"}}}, needle.ConnectionLimited},
		"an outage":       {fakegithub.BadGateway(), needle.ConnectionOK},
		"a broken answer": {&fakegithub.Fault{Status: http.StatusOK, Body: `[{"event":`}, needle.ConnectionOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			conn := w.restless()
			w.closeTwice()
			w.spoilWith(func(r *http.Request) *fakegithub.Fault {
				if strings.HasSuffix(r.URL.Path, "/timeline") {
					return c.fault
				}
				return nil
			})
			if report := w.sync(conn); report.State != c.state {
				t.Errorf("the connection is %s, want %s: %s", report.State, c.state, report.Reason)
			}
			if got := w.item(conn, w.remoteID(1)); got.Status != needle.StatusDone || len(w.movesOf(conn, 1)) != 2 {
				t.Errorf("what was seen was not stored: %+v", got)
			}
			w.heal()
			w.clock.pass(2 * time.Minute)
			w.sync(conn)
			if moves := w.movesOf(conn, 1); len(moves) != 4 {
				t.Errorf("in the end the moves are %v", moves)
			}
		})
	}
}

func TestHistories_ofWhatIsGoneAreGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.restless()
	w.closeTwice()
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if strings.Contains(r.URL.Path, "/issues/1") {
			return &fakegithub.Fault{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`}
		}
		return nil
	})
	w.sync(conn)
	if n := w.count(`SELECT count(*) FROM issues WHERE history_wanted_at IS NOT NULL`); n != 0 {
		t.Errorf("%d histories are still wanted", n)
	}
}
