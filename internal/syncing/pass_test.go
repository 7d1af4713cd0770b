package syncing_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

func TestSyncConnection_bringsEveryIssueOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(25)
	conn := w.connect()
	report := w.sync(conn)
	// Two issues lie on two pages, since a walk restarts from the last one's time. Beside the pages one request asks who
	// we are, and two which repository this is.
	want := needle.SyncCounts{Pages: 3, Seen: 27, Inserted: 25, Unchanged: 2, Requests: 6}
	if diff := cmp.Diff(want, report.Counts()); diff != "" || report.State != needle.ConnectionOK || report.Requests != 7 {
		t.Errorf("state %s (%s), %d requests; counts: %s", report.State, report.Reason, report.Requests, diff)
	}
	w.inStep()
	source, run := w.source(conn.ID), report.Sources[0].Run
	if source.RemoteID == "" || source.BackfilledAt == nil || source.Resume != "" || source.State != needle.SourceOK {
		t.Errorf("after the first pass the source is %+v", source)
	}
	if run.Kind != needle.SyncBackfill || run.State != needle.SyncSucceeded || run.FinishedAt == nil {
		t.Errorf("the first run is %+v", run)
	}
	now := w.connection(conn.ID)
	if now.SyncRequestedAt != nil || now.AccountName != "robin" || !now.NextSyncAt.Equal(w.clock.now().Add(syncing.DefaultInterval)) {
		t.Errorf("after the first pass the connection is %+v", now)
	}
}

func TestSyncConnection_secondPassChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(25)
	conn := w.connect()
	w.sync(conn)
	before := w.versions()
	for i, want := range []needle.SyncCounts{
		{Pages: 1, Seen: 3, Unchanged: 3, Requests: 1}, // the last two minutes once more
		{Requests: 1}, // and then the tracker says that nothing changed
	} {
		report := w.sync(conn)
		if diff := cmp.Diff(want, report.Counts()); diff != "" || report.Requests != 1 {
			t.Errorf("pass %d made %d requests; counts: %s", i+2, report.Requests, diff)
		}
		if kind := report.Sources[0].Run.Kind; kind != needle.SyncIncremental {
			t.Errorf("pass %d is a %s", i+2, kind)
		}
	}
	if diff := cmp.Diff(before, w.versions()); diff != "" {
		t.Errorf("rows were written although nothing changed: %s", diff)
	}
}

// versions tells which physical rows of issues, items, transitions and activities there are.
func (w *world) versions() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for _, table := range []string{"issues", "backlog_items", "item_transitions", "activities", "contributions"} {
		var text string
		query := `SELECT coalesce(string_agg(id || ' ' || ctid || ' ' || xmin, ',' ORDER BY id), '') FROM ` + table
		if err := w.store.DB().QueryRowContext(w.t.Context(), query).Scan(&text); err != nil {
			w.t.Fatal(err)
		}
		out[table] = text
	}
	return out
}

func TestSyncConnection_followsChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(4)
	conn := w.connect()
	w.sync(conn)
	w.clock.pass(time.Hour)
	title := "Something else to do"
	check(t, w.gh.Update(shop, n[0], fakegithub.Change{Title: &title, Labels: []string{"b", "a"}}))
	check(t, w.gh.CloseIssue(shop, n[1], "completed"))
	check(t, w.gh.CloseIssue(shop, n[2], "not_planned"))
	closed := w.clock.now()
	w.clock.pass(time.Hour)
	want := needle.SyncCounts{Pages: 1, Seen: 4, Updated: 3, Unchanged: 1, Requests: 1}
	if diff := cmp.Diff(want, w.sync(conn).Counts()); diff != "" {
		t.Error(diff)
	}
	w.inStep()
	if n := w.count(`SELECT count(*) FROM backlog_items WHERE status = 'DONE' AND stage = 'DELIVERED' AND delivered_at = ?`, closed); n != 1 {
		t.Errorf("%d items were delivered when their issue was closed", n)
	}
	if n := w.count(`SELECT count(*) FROM item_transitions WHERE from_status = 'TODO' AND to_status IN ('DONE', 'DROPPED') AND occurred_at = ?`, closed); n != 2 {
		t.Errorf("%d moves were kept with the time of closing", n)
	}
	if n := w.count(`SELECT count(*) FROM activities WHERE verb = 'MOVED' AND team_id = ?`, w.team.ID); n != 2 {
		t.Errorf("%d moves were told", n)
	}

	check(t, w.gh.Reopen(shop, n[1]))
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.inStep()
	if n := w.count(`SELECT count(*) FROM backlog_items WHERE delivered_at IS NOT NULL`); n != 0 {
		t.Errorf("%d items count as delivered although their issues are open", n)
	}
}

func TestSyncConnection_noticesThatAnIssueWasClosedAgainUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(1)
	conn := w.connect()
	check(t, w.gh.CloseIssue(shop, n[0], "completed"))
	w.sync(conn)
	w.clock.pass(time.Hour)
	check(t, w.gh.Reopen(shop, n[0]))
	w.clock.pass(time.Hour)
	check(t, w.gh.CloseIssue(shop, n[0], "completed"))
	again := w.clock.now()
	w.sync(conn)
	if n := w.count(`SELECT count(*) FROM backlog_items WHERE status = 'DONE' AND delivered_at = ?`, again); n != 1 {
		t.Error("the item is not delivered at the later closing")
	}
	if n := w.count(`SELECT count(*) FROM item_transitions WHERE to_status = 'DONE'`); n != 2 {
		t.Errorf("%d deliveries are in the history", n)
	}
}

func TestSyncConnection_writesTheHistoryOfAnIssueThatEndedLongAgo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opened := w.clock.now().Add(-90 * 24 * time.Hour)
	number, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Old work", CreatedAt: opened})
	check(t, err)
	closed := opened.Add(24 * time.Hour)
	check(t, w.gh.CloseIssueAt(shop, number, "completed", closed))
	w.sync(w.connect())
	type move struct {
		From, To string
		At       time.Time
	}
	var got []move
	check(t, w.store.DB().NewRaw(`SELECT coalesce(from_status, '') AS "from", to_status AS "to", occurred_at AS at FROM item_transitions ORDER BY occurred_at`).
		Scan(t.Context(), &got))
	for i := range got {
		got[i].At = got[i].At.UTC()
	}
	if diff := cmp.Diff([]move{{"", "TODO", opened}, {"TODO", "DONE", closed}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSyncConnection_tellsPullRequestsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(3)
	for range 2 {
		_, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Change it", Pull: true})
		check(t, err)
	}
	conn := w.connect()
	counts := w.sync(conn).Counts()
	if counts.Inserted != 3 || counts.Skipped != 2 {
		t.Errorf("counts are %+v", counts)
	}
	include := true
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, IncludePullRequests: &include})
	check(t, err)
	report := w.sync(conn)
	if counts := report.Counts(); counts.Inserted != 2 || counts.Skipped != 0 || report.Sources[0].Run.Kind != needle.SyncBackfill {
		t.Errorf("with pull requests included: %+v", report)
	}
	if n := w.count(`SELECT count(*) FROM issues WHERE type = 'PULL_REQUEST'`); n != 2 {
		t.Errorf("%d pull requests are stored", n)
	}
	if n := w.count(`SELECT count(*) FROM backlog_items`); n != 3 {
		t.Errorf("%d items exist for 3 issues and 2 pull requests", n)
	}
}

func TestSyncConnection_losesNothingWhileIssuesChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.engine = w.newEngine(w.store, 4)
	n := w.open(35)
	conn := w.connect()
	step := 0
	w.spoilWith(func(r *http.Request) *fakegithub.Fault {
		if lists(r) && step < 10 {
			w.clock.pass(time.Second)
			check(t, w.gh.Update(shop, n[(step*7)%len(n)], fakegithub.Change{Labels: []string{fmt.Sprintf("step-%d", step)}}))
			check(t, w.gh.CloseIssue(shop, n[(step*5+3)%len(n)], "completed"))
			_, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "New meanwhile"})
			check(t, err)
			step++
		}
		return nil
	})
	w.sync(conn)
	if step != 10 {
		t.Fatalf("only %d changes were made during the walk", step)
	}
	w.inStep()
}

func TestSyncConnection_findsWhatTheTrackerListedLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(5)
	conn := w.connect()
	w.sync(conn)
	_, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Listed late", CreatedAt: w.source(conn.ID).Watermark.Add(-90 * time.Second)})
	check(t, err)
	w.sync(conn)
	w.inStep()
}

func TestSyncConnection_takesAConstantNumberOfStatementsPerPage(t *testing.T) {
	t.Parallel()
	statements := func(issues int) (first, changed, unchanged int) {
		w := newWorld(t)
		w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "speed" })
		for range issues {
			_, _, err := w.gh.Create(shop, fakegithub.NewIssue{Title: "Make it fast", Labels: []string{"speed"}})
			check(t, err)
		}
		conn := w.connect()
		second := w.newStore(keys())
		engine, counter := w.newEngine(second, 100), storetest.CountStatements(t, second.DB())
		pass := func() {
			report, err := engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
			if check(t, err); report.Counts().Pages != 1 {
				t.Fatalf("the pass read %d pages", report.Counts().Pages)
			}
		}
		first = counter.Since(pass)
		w.clock.pass(time.Minute)
		for _, n := range w.gh.Numbers(shop) {
			check(t, w.gh.CloseIssue(shop, n, "completed"))
			// What serves nothing any more has no history to ask for.
			check(t, w.gh.Update(shop, n, fakegithub.Change{Labels: []string{}}))
		}
		changed = counter.Since(pass)
		w.clock.pass(time.Second)
		return first, changed, counter.Since(pass)
	}
	type counts struct{ First, Changed, Unchanged int }
	var few, many counts
	few.First, few.Changed, few.Unchanged = statements(2)
	many.First, many.Changed, many.Unchanged = statements(80)
	if diff := cmp.Diff(few, many); diff != "" {
		t.Errorf("statements of a pass depend on how many issues there are: %s", diff)
	}
	t.Logf("statements of a pass of one page: %+v", few)
}

func TestSyncConnection_linksByRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rule := w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "speed" })
	n := w.open(2)
	check(t, w.gh.Update(shop, n[0], fakegithub.Change{Labels: []string{"Speed"}}))
	conn := w.connect()
	if counts := w.sync(conn).Counts(); counts.Linked != 1 {
		t.Errorf("counts are %+v", counts)
	}
	if n := w.count(`SELECT count(*) FROM contributions WHERE rule_id = ? AND key_result_id = ? AND valid_to IS NULL`, rule.ID, rule.KeyResultID); n != 1 {
		t.Errorf("%d links were made", n)
	}
	w.clock.pass(time.Hour)
	check(t, w.gh.Update(shop, n[0], fakegithub.Change{Labels: []string{}}))
	w.sync(conn)
	if n := w.count(`SELECT count(*) FROM contributions WHERE valid_to IS NULL`); n != 0 {
		t.Errorf("%d links hold without the label", n)
	}
}

func TestSyncConnection_tellsItsProgress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(25)
	conn := w.connect()
	var seen []int
	var last syncing.Event
	_, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, func(e syncing.Event) {
		seen, last = append(seen, e.Run.Seen), e
		if !e.Done() { // What is told is stored already.
			if n := w.count(`SELECT seen FROM sync_runs WHERE state = 'RUNNING'`); n != e.Run.Seen {
				t.Errorf("told %d, stored %d", e.Run.Seen, n)
			}
		}
		w.clock.pass(time.Second)
	})
	check(t, err)
	if diff := cmp.Diff([]int{0, 10, 20, 27}, seen); diff != "" || !last.Done() || last.Source.RemoteKey != shop {
		t.Errorf("progress: %s; last %+v", diff, last)
	}
	if rate := last.Rate(); rate != 27.0/3 {
		t.Errorf("the rate is %v", rate)
	}
}

func TestSyncConnection_givesItemsToIssuesOfATimeWithoutTeam(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(3)
	conn := w.connect(func(in *needle.CreateConnectionInput) { in.DefaultTeamID = nil })
	w.sync(conn)
	if n := w.count(`SELECT count(*) FROM backlog_items`); n != 0 {
		t.Errorf("%d items exist without a team", n)
	}
	in := needle.UpdateConnectionInput{ID: conn.ID}
	check(t, in.DefaultTeamID.UnmarshalJSON([]byte(`"`+w.team.ID.String()+`"`)))
	_, err := w.engine.UpdateConnection(w.ctx, in)
	check(t, err)
	w.sync(conn)
	w.inStep()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
