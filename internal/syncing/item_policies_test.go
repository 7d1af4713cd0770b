package syncing_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
	"github.com/needle-okr/needle/internal/needle"
)

// withItems lists the titles of the issues that have an item.
func (w *world) withItems() []string {
	w.t.Helper()
	var out []string
	check(w.t, w.store.DB().NewRaw(`SELECT i.title FROM issues AS i JOIN backlog_items AS b ON b.issue_id = i.id`).Scan(w.t.Context(), &out))
	slices.Sort(out)
	return out
}

// policy sets the policy of a connection and runs the pass that it asks for.
func (w *world) policy(conn *needle.Connection, policy needle.ItemPolicy, labels ...string) {
	w.t.Helper()
	m, err := w.engine.SetItemPolicy(w.ctx, needle.SetItemPolicyInput{ConnectionID: conn.ID, Policy: policy, Labels: labels})
	must(w.t, m, err)
	w.sync(conn)
}

func (w *world) wantItems(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.withItems()); diff != "" {
		w.t.Errorf("the issues with items are others (-want +got):\n%s", diff)
	}
}

// shelf opens issues that policies tell apart.
func (w *world) shelf() {
	w.t.Helper()
	for _, n := range []fakegithub.NewIssue{
		{Title: "bare"},
		{Title: "labelled", Labels: []string{"Needle"}},
		{Title: "ruled", Labels: []string{"speed"}},
		{Title: "told", Body: "towards KR-1"},
		{Title: "told of nothing", Body: "towards KR-99"},
	} {
		_, _, err := w.gh.Create(shop, n)
		check(w.t, err)
		w.clock.pass(time.Minute)
	}
}

// previewed is what previewItemPolicy says, by policy.
func (w *world) previewed(conn *needle.Connection, labels ...string) map[needle.ItemPolicy]int {
	w.t.Helper()
	got, err := w.engine.PreviewItemPolicy(w.ctx, needle.PreviewItemPolicyInput{ConnectionID: conn.ID, Labels: labels})
	must(w.t, got, err)
	out := map[needle.ItemPolicy]int{}
	for _, p := range got {
		out[p.Policy] = p.Items
	}
	return out
}

func TestItemPolicies_sayWhichIssuesBecomeItems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "speed" })
	conn := w.connect()
	m, err := w.engine.SetItemPolicy(w.ctx, needle.SetItemPolicyInput{ConnectionID: conn.ID, Policy: needle.ItemsOfLabelled, Labels: []string{"needle", " NEEDLE"}})
	if must(t, m, err); len(m.ItemLabels) != 1 || m.AppliedAt == nil {
		t.Errorf("the policy was kept as %+v", m)
	}
	w.shelf()
	w.sync(conn)
	w.wantItems("labelled")
	want := map[needle.ItemPolicy]int{needle.ItemsOfAll: 4, needle.ItemsOfLabelled: 1, needle.ItemsOfLinked: 2}
	if diff := cmp.Diff(want, w.previewed(conn, "Speed")); diff != "" {
		t.Errorf("the preview is another (-want +got):\n%s", diff)
	}
	w.policy(conn, needle.ItemsOfLinked)
	w.wantItems("labelled", "ruled", "told")
	if n := w.count(`SELECT count(*) FROM contributions WHERE valid_to IS NULL`); n != 2 {
		t.Errorf("%d links hold, want that of the rule and that of the text", n)
	}
	// What has an item follows its issue, whatever the policy.
	w.clock.pass(time.Minute)
	check(t, w.gh.CloseIssue(shop, 2, "completed"))
	w.sync(conn)
	if got := w.item(conn, w.remoteID(2)); got.Status != needle.StatusDone {
		t.Errorf("an item that the policy would not make is %s", got.Status)
	}
	w.policy(conn, needle.ItemsOfAll)
	w.wantItems("bare", "labelled", "ruled", "told", "told of nothing")
	w.policy(conn, needle.ItemsOfLinked)
	w.wantItems("bare", "labelled", "ruled", "told", "told of nothing")
	w.inStep()
}

func TestItemPolicies_hearOfRulesAndEpicsThatComeLater(t *testing.T) {
	t.Parallel()
	w, conn := epicWorld(t)
	w.wantItems()
	w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "epics" })
	w.clock.pass(time.Hour)
	w.sync(conn)
	w.wantItems("the epic")
	w.sync(conn) // Below what is linked there is more.
	w.wantItems("below it", "the epic")
}

func TestAdoptIssue_isAPersonsWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.f.KeyResult()
	conn := w.connect(func(in *needle.CreateConnectionInput) { in.DefaultTeamID = nil })
	w.shelf()
	w.sync(conn)
	issue, err := w.scope.IssueOf(t.Context(), conn.ID, w.remoteID(4))
	must(t, issue, err)
	adopt := func(in needle.AdoptIssueInput) (*needle.BacklogItem, error) { return w.engine.AdoptIssue(w.ctx, in) }
	if _, err := adopt(needle.AdoptIssueInput{IssueID: issue.ID}); needle.UserErrors(err) == nil || needle.UserErrors(err)[0].Code != needle.CodeRequired {
		t.Errorf("without a team: %v", err)
	}
	item, err := adopt(needle.AdoptIssueInput{IssueID: issue.ID, TeamID: &w.team.ID})
	if must(t, item, err); item.TeamID != w.team.ID || item.Title != "told" || *item.IssueID != issue.ID {
		t.Errorf("the item is %+v", item)
	}
	w.wantLinks("KR-1 DRIVES TEXT")
	if _, err := adopt(needle.AdoptIssueInput{IssueID: issue.ID, TeamID: &w.team.ID}); !errors.Is(err, needle.ErrConflict) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := adopt(needle.AdoptIssueInput{IssueID: needle.NewIssueID()}); !errors.Is(err, needle.ErrNotFound) {
		t.Errorf("an unknown issue: %v", err)
	}
}

func TestSetItemPolicy_wantsLabelsWhereTheyCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	for name, in := range map[string]needle.SetItemPolicyInput{
		"labelled without labels": {ConnectionID: conn.ID, Policy: needle.ItemsOfLabelled},
		"labels that do nothing":  {ConnectionID: conn.ID, Policy: needle.ItemsOfAll, Labels: []string{"x"}},
		"an empty label":          {ConnectionID: conn.ID, Policy: needle.ItemsOfLabelled, Labels: []string{" "}},
	} {
		if _, err := w.engine.SetItemPolicy(w.ctx, in); len(needle.UserErrors(err)) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m := w.mapping(conn); m.Version != 0 || m.ItemPolicy != needle.ItemsOfAll {
		t.Errorf("what was refused was kept: %+v", m)
	}
}

// epicWorld is a Jira with an epic and an issue below it, read through a connection that makes items of what is linked.
func epicWorld(t *testing.T) (*world, *needle.Connection) {
	t.Helper()
	w, server, conn := jiraWorld(t, fakejira.Options{Cloud: true})
	m, err := w.engine.SetItemPolicy(w.ctx, needle.SetItemPolicyInput{ConnectionID: conn.ID, Policy: needle.ItemsOfLinked})
	must(t, m, err)
	project := server.AddProject("SHOP")
	_, key, err := server.Create(project, fakejira.NewIssue{Title: "the epic", Type: "Epic", Labels: []string{"epics"}})
	check(t, err)
	_, _, err = server.Create(project, fakejira.NewIssue{Title: "below it", Parent: key})
	check(t, err)
	w.sync(conn)
	return w, conn
}
