package syncing_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/needle"
)

// only reads the one issue of the mirror that is numbered n at the fake.
func (w *world) only(n int) *needle.Issue {
	w.t.Helper()
	issues, err := w.scope.Issues(w.t.Context(), needle.ListArgs[needle.IssueFilter, needle.IssueOrderField]{})
	check(w.t, err)
	for _, issue := range issues.Nodes {
		if issue.RemoteKey == shop+"#"+strconv.Itoa(n) {
			return issue
		}
	}
	w.t.Fatalf("there is no issue %d in the mirror", n)
	return nil
}

func TestRefreshIssue_bringsOneIssueInStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(2)
	w.sync(w.connect())
	w.clock.pass(time.Hour)
	check(t, w.gh.CloseIssue(shop, n[0], "completed"))
	issue := w.only(n[0])
	got, err := w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, issue.ID)
	if check(t, err); got.Status != needle.StatusDone || got.ID != issue.ID {
		t.Errorf("refreshed to %+v", got)
	}
	w.inStep()
	before := w.versions()
	_, err = w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, issue.ID)
	check(t, err)
	if diff := cmp.Diff(before, w.versions()); diff != "" {
		t.Errorf("a refresh that found nothing new wrote: %s", diff)
	}
}

func TestRefreshIssue_buriesWhatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(2)
	conn := w.connect()
	w.sync(conn)
	check(t, w.gh.Delete(shop, n[0]))
	issue := w.only(n[0])
	w.clock.pass(time.Minute)
	got, err := w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, issue.ID)
	if check(t, err); got.GoneAt == nil || !got.GoneAt.Equal(w.clock.now()) {
		t.Errorf("refreshed to %+v", got)
	}
	if n := w.count(`SELECT count(*) FROM backlog_items`); n != 2 {
		t.Errorf("%d items are left", n)
	}
	w.sync(conn)
	w.inStep()
}

func TestRefreshIssue_followsAMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gh.AddRepo("octo/store")
	rule := w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "speed" })
	n := w.open(2)
	check(t, w.gh.Update(shop, n[0], fakegithub.Change{Labels: []string{"speed"}}))
	w.sync(w.connect(func(in *needle.CreateConnectionInput) { in.Sources = []string{shop, "octo/store"} }))
	issue := w.only(n[0])
	var item needle.BacklogItemID
	check(t, w.store.DB().QueryRowContext(t.Context(), `SELECT id FROM backlog_items WHERE issue_id = ?`, issue.ID).Scan(&item))
	w.clock.pass(time.Minute)
	_, _, err := w.gh.Transfer(shop, n[0], "octo/store")
	check(t, err)
	got, err := w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, issue.ID)
	if check(t, err); got.ID == issue.ID || got.RemoteKey != "octo/store#1" || got.GoneAt != nil {
		t.Errorf("refreshed to %+v", got)
	}
	if n := w.count(`SELECT count(*) FROM backlog_items AS b JOIN contributions AS c ON c.item_id = b.id AND c.valid_to IS NULL
		WHERE b.id = ? AND b.issue_id = ? AND c.rule_id = ?`, item, got.ID, rule.ID); n != 1 {
		t.Error("the item or its link did not follow the issue")
	}
	if n := w.count(`SELECT count(*) FROM backlog_items`); n != 2 {
		t.Errorf("%d items exist for 2 issues", n)
	}
	if old, err := w.scope.Issue(t.Context(), issue.ID); err != nil || old.GoneAt == nil {
		t.Errorf("the issue at its old place is %+v, %v", old, err)
	}
}

func TestRefreshIssue_buriesWhatMovedOutOfSight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gh.AddRepo("octo/elsewhere")
	n := w.open(1)
	w.sync(w.connect())
	w.clock.pass(time.Minute)
	issue := w.only(n[0])
	_, _, err := w.gh.Transfer(shop, n[0], "octo/elsewhere")
	check(t, err)
	got, err := w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, issue.ID)
	if check(t, err); got.GoneAt == nil || got.ID != issue.ID {
		t.Errorf("refreshed to %+v", got)
	}
}

func TestRefreshIssue_putsAPoisonedIssueAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(1)
	w.sync(w.connect())
	issue := w.only(n[0])
	check(t, w.gh.Poison(shop, n[0], []byte(`{"id":`+issue.RemoteID+`,"number":1,"title":[]}`)))
	got, err := w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, issue.ID)
	if check(t, err); got.Title != issue.Title {
		t.Errorf("refreshed to %+v", got)
	}
	if n := w.count(`SELECT count(*) FROM quarantined_issues WHERE remote_id = ? AND resolved_at IS NULL`, issue.RemoteID); n != 1 {
		t.Errorf("%d issues are in quarantine", n)
	}
}

func TestRefreshIssue_saysWhatTheTrackerDid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.open(1)
	conn := w.connect()
	w.sync(conn)
	issue := w.only(n[0])
	refresh := func() error {
		_, err := w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, issue.ID)
		return err
	}
	due := w.connection(conn.ID).NextSyncAt
	w.spoilWith(always(fakegithub.BadGateway()))
	var unavailable *integrations.UnavailableError
	if err := refresh(); !errors.As(err, &unavailable) || w.connection(conn.ID).State != needle.ConnectionOK {
		t.Errorf("a tracker that is down: %v, state %s", err, w.connection(conn.ID).State)
	}
	if now := w.connection(conn.ID).NextSyncAt; !now.Equal(*due) {
		t.Errorf("one refresh moved the next pass to %v", now)
	}
	w.spoilWith(always(fakegithub.SecondaryLimit(http.StatusTooManyRequests, time.Minute)))
	var limit *integrations.RateLimitError
	for range 2 { // The second time nobody is asked.
		if err := refresh(); !errors.As(err, &limit) || w.connection(conn.ID).State != needle.ConnectionLimited {
			t.Errorf("a limit: %v, state %s", err, w.connection(conn.ID).State)
		}
		w.spoilWith(func(*http.Request) *fakegithub.Fault { t.Error("asked in spite of the limit"); return nil })
	}
	w.heal()
	if _, err := w.engine.RefreshIssue(t.Context(), w.f.Workspace.ID, needle.NewIssueID()); !errors.Is(err, needle.ErrNotFound) {
		t.Errorf("an unknown issue: %v", err)
	}
}
