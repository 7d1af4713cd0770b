package syncing_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
	"github.com/needle-okr/needle/internal/needle"
)

func TestMoves_betweenJiraProjectsKeepTheIssueAndItsItem(t *testing.T) {
	t.Parallel()
	w, server, conn := jiraWorld(t, fakejira.Options{})
	shop, pay, far := server.AddProject("SHOP"), server.AddProject("PAY"), server.AddProject("FAR")
	ids := make([]string, 4)
	for i := range ids {
		id, _, err := server.Create(shop, fakejira.NewIssue{Title: "Something to do"})
		ids[i] = must(t, id, err)
		w.clock.pass(time.Minute)
	}
	_, err := w.engine.UpdateConnection(w.ctx, needle.UpdateConnectionInput{ID: conn.ID, AddSources: []string{"PAY"}})
	check(t, err)
	w.sync(conn)
	read := func(id string) *needle.Issue {
		t.Helper()
		issue, err := w.scope.IssueOf(t.Context(), conn.ID, id)
		return must(t, issue, err)
	}
	items := func() map[string]needle.BacklogItemID {
		t.Helper()
		out := map[string]needle.BacklogItemID{}
		for _, id := range ids {
			there, err := w.scope.MirrorsOf(t.Context(), []needle.IssueID{read(id).ID})
			check(t, err)
			out[id] = there[read(id).ID].ID
		}
		return out
	}
	before := items()
	w.clock.pass(time.Hour)
	key, err := server.Move(ids[0], pay)
	must(t, key, err)
	w.sync(conn)
	if got := read(ids[0]); got.GoneAt != nil || got.RemoteKey != key || got.SourceID != w.sourceOf(conn, "PAY").ID {
		t.Errorf("the walk made %+v of what moved to %s", got, key)
	}

	away, err := server.Move(ids[1], far)
	must(t, away, err)
	w.clock.pass(25 * time.Hour)
	w.sync(conn) // A day has passed: the count misses it and asks.
	if got := read(ids[1]); got.GoneAt == nil || got.MovedTo != away {
		t.Errorf("the count made %+v of what moved to %s", got, away)
	}
	if diff := cmp.Diff(before, items()); diff != "" {
		t.Errorf("the items changed: %s", diff)
	}
}

func TestAccessLost_keepsTheIssuesOfAJiraProject(t *testing.T) {
	t.Parallel()
	lost := false
	opts := fakejira.Options{Intercept: func(r *http.Request) *fakejira.Fault {
		if lost && strings.Contains(r.URL.Path, "search") {
			return &fakejira.Fault{Status: http.StatusBadRequest, Body: `{"errorMessages":["The value 'SHOP' does not exist for the field 'project'."]}`}
		}
		return nil
	}}
	w, server, conn := jiraWorld(t, opts)
	for range 3 {
		id, _, err := server.Create(server.AddProject("SHOP"), fakejira.NewIssue{Title: "Something to do"})
		must(t, id, err)
	}
	w.sync(conn)
	lost = true
	w.clock.pass(time.Hour)
	w.sync(conn)
	source := w.sourceOf(conn, "SHOP")
	if source.State != needle.SourceError || source.RetryAt == nil || w.connection(conn.ID).State != needle.ConnectionOK {
		t.Errorf("source %+v, connection %s", source, w.connection(conn.ID).State)
	}
	if n := w.count(`SELECT count(*) FROM issues WHERE gone_at IS NULL`); n != 3 {
		t.Errorf("%d issues are left", n)
	}
	lost = false
	w.clock.pass(25 * time.Hour)
	w.sync(conn)
	if source := w.sourceOf(conn, "SHOP"); source.State != needle.SourceOK || source.LostAt != nil {
		t.Errorf("a day later: %+v", source)
	}
}
