package syncing_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
)

const depot = "octo/store"

// hide makes the fake answer everything about a repository with a status, as if the credentials had lost it.
func (w *world) hide(repo string, status int) {
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if strings.Contains(strings.ToLower(r.URL.Path), repo) {
			return fakegithub.Message(status, "Resource not accessible to "+goodToken)
		}
		return nil
	})
}

// both connects two repositories.
func (w *world) both() *needle.Connection {
	w.t.Helper()
	w.gh.AddRepo(depot)
	return w.connect(func(in *needle.CreateConnectionInput) { in.Sources = []string{shop, depot} })
}

// sourceOf reads the source of a key.
func (w *world) sourceOf(conn *needle.Connection, key string) *needle.Source {
	w.t.Helper()
	for _, s := range w.sourcesOf(conn) {
		if s.RemoteKey == key {
			return s
		}
	}
	w.t.Fatalf("there is no source %s", key)
	return nil
}

// sourcesOf reads all sources of a connection, those that were taken away among them.
func (w *world) sourcesOf(conn *needle.Connection) []*needle.Source {
	w.t.Helper()
	var none *bool
	pages, err := w.scope.SourcesByConnection(w.t.Context(), []needle.ConnectionID{conn.ID}, needle.ListArgs[needle.SourceFilter, needle.SourceOrderField]{
		Filter: &needle.SourceFilter{Removed: needle.Given(none)},
	})
	check(w.t, err)
	return pages[0].Nodes
}

func TestAccessLost_keepsTheIssuesAndComesBack(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotFound, http.StatusForbidden} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			n := w.open(3)
			conn := w.both()
			w.sync(conn)
			w.clock.pass(time.Hour)
			w.hide(shop, status)
			report := w.sync(conn)
			lost := w.sourceOf(conn, shop)
			if report.State != needle.ConnectionOK || lost.State != needle.SourceError || lost.LostAt == nil || lost.UnobservedSince() == nil ||
				!strings.Contains(lost.StateReason, "was lost") || strings.Contains(lost.StateReason, goodToken) {
				t.Fatalf("connection %s (%s), source %+v", report.State, report.Reason, lost)
			}
			if w.sourceOf(conn, depot).State != needle.SourceOK {
				t.Error("the other source is not read")
			}
			got, err := w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, w.only(n[0]).ID)
			if err != nil || got.GoneAt != nil {
				t.Errorf("an issue that cannot be seen was refreshed to %+v, %v", got, err)
			}
			if gone := w.count(`SELECT count(*) FROM issues WHERE gone_at IS NOT NULL`); gone != 0 {
				t.Errorf("%d issues were buried", gone)
			}
			health := w.health(conn)
			if health.State != needle.ConnectionDegraded || health.Problems[0].Kind != needle.ProblemAccessLost || health.NextStep == "" {
				t.Errorf("health: %+v", health)
			}

			// It is not asked for again until the next day, and then reads what happened meanwhile, deletions too.
			w.heal()
			check(t, w.gh.Delete(shop, n[0]))
			check(t, w.gh.CloseIssue(shop, n[1], "completed"))
			w.clock.pass(time.Hour)
			w.sync(conn)
			if s := w.sourceOf(conn, shop); s.State != needle.SourceError {
				t.Errorf("it was tried again at once: %+v", s)
			}
			w.clock.pass(24 * time.Hour)
			w.sync(conn)
			if s := w.sourceOf(conn, shop); s.State != needle.SourceOK || s.LostAt != nil || s.RetryAt != nil || s.CensusAt == nil {
				t.Errorf("a day later: %+v", s)
			}
			w.inStep()
		})
	}
}

func TestAccessLost_isTriedAtOnceWhenAPersonAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(1)
	conn := w.both()
	w.sync(conn)
	w.hide(shop, http.StatusNotFound)
	w.sync(conn)
	w.heal()
	_, err := w.engine.RequestSync(w.ctx, needle.RequestSyncInput{ConnectionID: conn.ID})
	check(t, err)
	w.sync(conn)
	if s := w.sourceOf(conn, shop); s.State != needle.SourceOK || s.LostAt != nil {
		t.Errorf("after a request: %+v", s)
	}
}

func TestForbidden_everywhereIsAboutTheCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(1)
	conn := w.connect()
	w.sync(conn)
	w.spoilWith(always(fakegithub.Message(http.StatusForbidden, "no")))
	if report := w.sync(conn); report.State != needle.ConnectionAuthFailed {
		t.Errorf("state %s (%s)", report.State, report.Reason)
	}
}

func TestRenamedRepository_keepsItsSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(3)
	conn := w.connect()
	w.sync(conn)
	before := w.source(conn.ID)
	check(t, w.gh.RenameRepo(shop, "octo/market"))
	for _, number := range n { // GitHub's issues say at once where they are; the fake's have to be told.
		raw := bytes.ReplaceAll(w.gh.Raw("octo/market", number), []byte("repos/"+shop), []byte("repos/octo/market"))
		check(t, w.gh.Poison("octo/market", number, raw))
	}
	w.clock.pass(time.Hour)
	check(t, w.gh.CloseIssue("octo/market", n[0], "completed"))
	for range 2 { // The second brings the new keys of what did not change.
		w.sync(conn)
		w.clock.pass(time.Hour)
	}
	after := w.source(conn.ID)
	if after.ID != before.ID || after.RemoteID != before.RemoteID || after.RemoteKey != "octo/market" || after.State != needle.SourceOK {
		t.Errorf("the source became %+v", after.Source)
	}
	if left := w.count(`SELECT count(*) FROM issues WHERE gone_at IS NOT NULL OR remote_key NOT LIKE 'octo/market#%'`); left != 0 {
		t.Errorf("%d issues are gone or bear the old key", left)
	}
	if n := w.count(`SELECT count(*) FROM issues`); n != 3 {
		t.Errorf("%d issues", n)
	}
	if n := w.count(`SELECT count(*) FROM activities WHERE subject_id = ? AND after->>'RemoteKey' = 'octo/market'`, after.ID.String()); n != 1 {
		t.Errorf("%d activities tell of it", n)
	}
}

// linkedItem returns the item of an issue, which a rule linked.
func (w *world) linkedItem(issue *needle.Issue) needle.BacklogItemID {
	w.t.Helper()
	var item needle.BacklogItemID
	check(w.t, w.store.DB().QueryRowContext(w.t.Context(), `
		SELECT b.id FROM backlog_items AS b JOIN contributions AS c ON c.item_id = b.id AND c.valid_to IS NULL
		WHERE b.issue_id = ?`, issue.ID).Scan(&item))
	return item
}

func TestMoves_theWalkTakesItemAndLinksAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "speed" })
	n := w.open(2)
	check(t, w.gh.Update(shop, n[0], fakegithub.Change{Labels: []string{"speed"}}))
	conn := w.both()
	_, _, err := w.gh.Create(depot, fakegithub.NewIssue{Title: "There already"})
	check(t, err)
	w.sync(conn)
	was := w.only(n[0])
	item := w.linkedItem(was)
	w.clock.pass(time.Hour)
	_, _, err = w.gh.Transfer(shop, n[0], depot)
	check(t, err)
	w.sync(conn)
	now, err := w.scope.Issue(t.Context(), was.ID)
	if check(t, err); now.GoneAt == nil {
		t.Errorf("the old one is %+v", now)
	}
	var moved needle.IssueID
	check(t, w.store.DB().QueryRowContext(t.Context(), `SELECT issue_id FROM backlog_items WHERE id = ?`, item).Scan(&moved))
	if got, err := w.scope.Issue(t.Context(), moved); err != nil || got.RemoteKey != depot+"#2" || got.GoneAt != nil {
		t.Errorf("the item went to %+v, %v", got, err)
	}
	if n := w.count(`SELECT count(*) FROM backlog_items`); n != 3 {
		t.Errorf("%d items", n)
	}
	w.inStepHere(conn)
}

func TestMoves_outOfSightLeavesATombstoneThatSaysWhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(3)
	conn := w.connect()
	w.sync(conn)
	w.gh.AddRepo("octo/elsewhere")
	was := w.only(n[0])
	w.clock.pass(25 * time.Hour)
	_, _, err := w.gh.Transfer(shop, n[0], "octo/elsewhere")
	check(t, err)
	w.sync(conn) // A day has passed: the count finds it.
	now, err := w.scope.Issue(t.Context(), was.ID)
	if check(t, err); now.GoneAt == nil || now.MovedTo != "octo/elsewhere#1" {
		t.Errorf("the count made %+v of it", now)
	}
	w.clock.pass(time.Hour)
	_, _, err = w.gh.Transfer("octo/elsewhere", 1, shop)
	check(t, err)
	w.sync(conn)
	if n := w.count(`SELECT count(*) FROM issues WHERE gone_at IS NULL AND moved_to = ''`); n != 3 {
		t.Errorf("%d issues after it came back", n)
	}
}

// inStepHere is inStep for the living issues of the two repositories together.
func (w *world) inStepHere(conn *needle.Connection) {
	w.t.Helper()
	here := map[string]bool{}
	for _, repo := range []string{shop, depot} {
		for _, number := range w.gh.Numbers(repo) {
			here[repo+"#"+strconv.Itoa(number)] = true
		}
	}
	there := map[string]bool{}
	for _, one := range w.inMirror() {
		there[one.Key] = true
	}
	if diff := cmp.Diff(here, there); diff != "" {
		w.t.Errorf("the mirror of %s differs from the tracker: %s", conn.Name, diff)
	}
}

// ails demands that these are the problems of a connection.
func (w *world) ails(conn *needle.Connection, want ...needle.ConnectionProblemKind) {
	w.t.Helper()
	var got []needle.ConnectionProblemKind
	for _, p := range w.health(conn).Problems {
		got = append(got, p.Kind)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("the problems (-want +got): %s", diff)
	}
}

// health reads how well a connection is.
func (w *world) health(conn *needle.Connection) *needle.ConnectionHealth {
	w.t.Helper()
	facts, err := w.scope.ConnectionFacts(w.t.Context(), []*needle.Connection{w.connection(conn.ID)})
	check(w.t, err)
	return facts[0].Health(w.clock.now())
}
