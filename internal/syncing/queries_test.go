package syncing_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
	"github.com/needle-okr/needle/internal/needle"
)

// query makes a rule that asks the tracker of the connection.
func (w *world) query(conn *needle.Connection, text string) *needle.LinkRule {
	w.t.Helper()
	return w.f.LinkRule(func(r *needle.LinkRule) { r.Kind, r.Pattern, r.ConnectionID = needle.LinkByQuery, text, &conn.ID })
}

// rule reads a rule as it is now.
func (w *world) rule(id needle.LinkRuleID) *needle.LinkRule {
	w.t.Helper()
	rule, err := w.scope.LinkRule(w.t.Context(), id)
	return must(w.t, rule, err)
}

// linked lists the keys of the issues whose items have a live link, with its origin.
func (w *world) linked() []string {
	w.t.Helper()
	out := []string{}
	err := w.store.DB().NewRaw(`
		SELECT i.remote_key || ' ' || c.origin FROM contributions AS c JOIN backlog_items AS b ON b.workspace_id = c.workspace_id AND b.id = c.item_id
		JOIN issues AS i ON i.workspace_id = b.workspace_id AND i.id = b.issue_id WHERE c.valid_to IS NULL ORDER BY 1`).Scan(w.t.Context(), &out)
	return must(w.t, out, err)
}

func (w *world) wantLinked(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), w.linked()); diff != "" {
		w.t.Errorf("linked (-want +got):\n%s", diff)
	}
}

// create opens an issue at the fake.
func create(t *testing.T, server *fakejira.Server, n fakejira.NewIssue) (id, key string) {
	t.Helper()
	id, key, err := server.Create(server.AddProject("SHOP"), n)
	if err != nil {
		t.Fatal(err)
	}
	return id, key
}

func TestPasses_linkWhatQueriesFind(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]fakejira.Options{
		"Cloud": {Cloud: true, Lag: 3 * time.Minute, EmptyPages: true}, "Data Center": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, server, conn := jiraWorld(t, opts)
			rule := w.query(conn, `labels = refunds AND summary ~ "faster" ORDER BY created`)
			ids := make([]string, 25)
			for i := range ids {
				ids[i], _ = create(t, server, fakejira.NewIssue{Title: "Faster", Labels: []string{"refunds"}})
			}
			create(t, server, fakejira.NewIssue{Title: "Nicer", Labels: []string{"refunds"}})
			w.clock.pass(opts.Lag + time.Minute)
			w.sync(conn)
			if got := len(w.linked()); got != 25 {
				t.Fatalf("%d issues are linked, want 25", got)
			}
			if got := w.rule(rule.ID); got.StateReason != "" || got.EvaluatedAt == nil || !got.EvaluatedAt.Equal(w.clock.now()) {
				t.Errorf("the rule was evaluated at %v with %q", got.EvaluatedAt, got.StateReason)
			}
			versions := w.count(`SELECT count(*) FROM contribution_versions`)
			w.sync(conn)
			if again := w.count(`SELECT count(*) FROM contribution_versions`); again != versions {
				t.Errorf("a pass over an unchanged project wrote %d versions", again-versions)
			}
			// What is no longer found ends, what is found later begins.
			for _, id := range ids[1:] {
				if err := server.Set(id, map[string]any{"labels": []string{}}); err != nil {
					t.Fatal(err)
				}
			}
			_, late := create(t, server, fakejira.NewIssue{Title: "Even faster", Labels: []string{"refunds"}})
			w.clock.pass(opts.Lag + time.Minute)
			w.sync(conn)
			w.wantLinked("SHOP-1 RULE", late+" RULE")
		})
	}
}

func TestPasses_keepWhatAQueryFoundWhenTheTrackerRefusesIt(t *testing.T) {
	t.Parallel()
	w, server, conn := jiraWorld(t, fakejira.Options{})
	rule := w.query(conn, "labels = refunds")
	create(t, server, fakejira.NewIssue{Title: "A", Labels: []string{"refunds"}})
	w.clock.pass(time.Minute)
	w.sync(conn)
	w.wantLinked("SHOP-1 RULE")
	evaluated := w.rule(rule.ID).EvaluatedAt
	rename := func(pattern string) {
		t.Helper()
		if _, err := w.store.DB().ExecContext(t.Context(), `UPDATE link_rules SET pattern = ?, version = version + 1 WHERE id = ?`, pattern, rule.ID); err != nil {
			t.Fatal(err)
		}
		w.clock.pass(time.Minute)
		w.sync(conn)
	}
	rename("flavour = sweet")
	w.wantLinked("SHOP-1 RULE")
	got := w.rule(rule.ID)
	if !strings.Contains(got.StateReason, "Field 'flavour' does not exist") || !got.EvaluatedAt.Equal(*evaluated) {
		t.Errorf("the rule was evaluated at %v with %q", got.EvaluatedAt, got.StateReason)
	}
	if state := w.connection(conn.ID).State; state != needle.ConnectionOK {
		t.Errorf("the connection is %s for the fault of a query", state)
	}
	if diff := cmp.Diff([]needle.Verb{needle.VerbFailed}, w.verbs(rule.ID.String())); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	rename("labels = nothing")
	if got := w.rule(rule.ID); got.StateReason != "" {
		t.Errorf("the rule still says %q", got.StateReason)
	}
	w.wantLinked()
}

func TestPasses_askNothingMoreWithoutAQuery(t *testing.T) {
	t.Parallel()
	w, server, conn := jiraWorld(t, fakejira.Options{})
	create(t, server, fakejira.NewIssue{Title: "A", Labels: []string{"refunds"}})
	w.sync(conn)
	before := w.sync(conn).Requests
	rule := w.query(conn, "labels = refunds")
	if got := w.sync(conn).Requests; got != before+1 {
		t.Errorf("a query took %d requests, want one", got-before)
	}
	if _, err := w.store.DB().ExecContext(t.Context(), `UPDATE link_rules SET enabled = false WHERE id = ?`, rule.ID); err != nil {
		t.Fatal(err)
	}
	if got := w.sync(conn).Requests; got != before {
		t.Errorf("a query that is switched off took %d requests", got-before)
	}
}

func TestPasses_stopAtLimitsOfTheSearch(t *testing.T) {
	t.Parallel()
	limited := false
	w, server, conn := jiraWorld(t, fakejira.Options{Intercept: func(r *http.Request) *fakejira.Fault {
		if limited && strings.HasSuffix(r.URL.Path, "/search") {
			return fakejira.Limited(time.Minute)
		}
		return nil
	}})
	rule := w.query(conn, "labels = refunds")
	create(t, server, fakejira.NewIssue{Title: "A", Labels: []string{"refunds"}})
	w.sync(conn)
	w.wantLinked("SHOP-1 RULE")
	limited = true
	if got := w.sync(conn); got.State != needle.ConnectionLimited {
		t.Errorf("the connection is %s, want limited", got.State)
	}
	if got := w.rule(rule.ID).StateReason; got != "" {
		t.Errorf("the rule says %q for a limit", got)
	}
	w.wantLinked("SHOP-1 RULE")
}

func TestPasses_followEpicsAtAnyDepthAndInAnyOrder(t *testing.T) {
	t.Parallel()
	w, server, conn := jiraWorld(t, fakejira.Options{})
	keyResult := w.f.KeyResult()
	// By key, as sites with epic links name it, before it is read; and by id.
	childID, _ := create(t, server, fakejira.NewIssue{Title: "By key", Epic: "SHOP-2"})
	_, epic := create(t, server, fakejira.NewIssue{Title: "The epic", Type: "Epic", Description: "Needle: drives " + keyResult.Key() + " +3..6%"})
	_, story := create(t, server, fakejira.NewIssue{Title: "By id", Parent: epic})
	create(t, server, fakejira.NewIssue{Title: "Below that", Parent: story})
	// The child is read before the epic.
	w.clock.pass(time.Minute)
	w.engine = w.newEngine(w.store, 1)
	w.sync(conn)
	w.wantLinked("SHOP-1 EPIC", "SHOP-2 TEXT", "SHOP-3 EPIC", "SHOP-4 EPIC")
	if n := w.count(`SELECT count(*) FROM contributions WHERE expected_high IS NOT NULL`); n != 1 {
		t.Errorf("%d links carry the expectation of the epic, want it alone", n)
	}
	page, err := w.scope.Contributions(t.Context(), listOf(&needle.ContributionFilter{Container: new(bool)}))
	if got := must(t, page, err); len(got.Nodes) != 2 {
		t.Errorf("%d links count, want those of the two issues that nothing lies below", len(got.Nodes))
	}

	// Elsewhere it inherits nothing, and a ring does no harm.
	w.clock.pass(time.Minute)
	if err := server.Set(childID, map[string]any{"customfield_10014": nil}); err != nil {
		t.Fatal(err)
	}
	w.sync(conn)
	w.wantLinked("SHOP-2 TEXT", "SHOP-3 EPIC", "SHOP-4 EPIC")
	if _, err := w.store.DB().ExecContext(t.Context(), `UPDATE backlog_items SET parent_id = (
		SELECT b.id FROM backlog_items AS b JOIN issues AS i ON i.id = b.issue_id WHERE i.remote_key = 'SHOP-4')
		WHERE issue_id = (SELECT id FROM issues WHERE remote_key = 'SHOP-2')`); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(time.Minute)
	epicID := strings.TrimSpace(w.text(`SELECT remote_id FROM issues WHERE remote_key = 'SHOP-2'`))
	if err := server.Set(epicID, map[string]any{"description": "No more"}); err != nil {
		t.Fatal(err)
	}
	w.sync(conn)
	w.wantLinked()
}

// text runs a query for one text.
func (w *world) text(query string) string {
	w.t.Helper()
	var text string
	if err := w.store.DB().QueryRowContext(w.t.Context(), query).Scan(&text); err != nil {
		w.t.Fatal(err)
	}
	return text
}

// listOf asks for contributions.
func listOf(filter *needle.ContributionFilter) needle.ListArgs[needle.ContributionFilter, needle.ContributionOrderField] {
	return needle.ListArgs[needle.ContributionFilter, needle.ContributionOrderField]{Filter: filter}
}

func TestPreviewLinkRule_asksTheTrackerAndWritesNothing(t *testing.T) {
	t.Parallel()
	w, server, conn := jiraWorld(t, fakejira.Options{Cloud: true})
	keyResult := w.f.KeyResult()
	_, epic := create(t, server, fakejira.NewIssue{Title: "Epic", Labels: []string{"refunds"}, Type: "Epic"})
	create(t, server, fakejira.NewIssue{Title: "Child", Parent: epic})
	create(t, server, fakejira.NewIssue{Title: "Told", Labels: []string{"refunds"}, Description: "towards " + keyResult.Key()})
	w.clock.pass(time.Minute)
	w.sync(conn)
	in := needle.PreviewLinkRuleInput{Kind: new(needle.LinkByQuery), Pattern: "labels = refunds", ConnectionID: &conn.ID, KeyResultID: keyResult.ID}
	before := w.count(`SELECT count(*) + (SELECT count(*) FROM link_rules) + (SELECT count(*) FROM rule_matches) FROM contribution_versions`)
	preview, err := w.engine.PreviewLinkRule(w.ctx, in, needle.PageArgs{})
	got := must(t, preview, err)
	var effects []string
	for _, one := range got.Items {
		effect := string(one.Effect)
		if one.Origin != nil {
			effect += " " + string(*one.Origin)
		}
		if one.Obstacle != nil {
			effect += " " + string(*one.Obstacle)
		}
		effects = append(effects, effect)
	}
	slices.Sort(effects)
	if diff := cmp.Diff([]string{"LEAVES TEXT", "LINKS EPIC", "LINKS RULE"}, effects); diff != "" || got.Covered != 2 || got.Links != 2 || got.Leaves != 1 {
		t.Errorf("the preview counts %d covered, %d linked, %d left:\n%s", got.Covered, got.Links, got.Leaves, diff)
	}
	if after := w.count(`SELECT count(*) + (SELECT count(*) FROM link_rules) + (SELECT count(*) FROM rule_matches) FROM contribution_versions`); after != before {
		t.Error("the preview wrote something")
	}
	// What the preview said happens.
	w.query(conn, in.Pattern)
	w.sync(conn)
	w.wantLinked("SHOP-1 RULE", "SHOP-2 EPIC", "SHOP-3 TEXT")

	in.Pattern = "flavour = sweet"
	_, err = w.engine.PreviewLinkRule(w.ctx, in, needle.PageArgs{})
	if problems := needle.UserErrors(err); len(problems) != 1 || problems[0].Code != needle.CodeInvalid || !strings.Contains(problems[0].Message, "flavour") {
		t.Errorf("a query that Jira refuses: %v", err)
	}
	viewer, _ := needle.ViewerFrom(w.ctx)
	viewer.Role = needle.RoleViewer
	if _, err := w.engine.PreviewLinkRule(needle.WithViewer(t.Context(), viewer), in, needle.PageArgs{}); !errors.Is(err, needle.ErrForbidden) {
		t.Errorf("a viewer: %v", err)
	}
}

func TestFinishLinking_carriesARuleToAllWorkInSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.f.KeyResult()
	source := w.f.Source()
	const many = 2100
	if _, err := w.store.DB().ExecContext(t.Context(), fmt.Sprintf(`
		WITH i AS (
			INSERT INTO issues (workspace_id, id, connection_id, source_id, remote_id, remote_key, type, status, tracker_type, tracker_status, labels,
				state_changed_at, remote_created_at, remote_updated_at, observed_at, created_at, updated_at, version)
			SELECT ?0, gen_random_uuid(), ?1, ?2, 'many-' || n, 'octo/shop#' || n, 'ISSUE', 'TODO', 'ISSUE', 'TODO', '["Speed"]', ?3, ?3, ?3, ?3, ?3, ?3, 1
			FROM generate_series(1, %d) AS n RETURNING id
		) INSERT INTO backlog_items (workspace_id, id, number, team_id, issue_id, title, status, stage, created_at, updated_at, version)
		SELECT ?0, gen_random_uuid(), 1000 + row_number() OVER (), ?4, id, 'Work', 'TODO', 'PROPOSED', ?3, ?3, 1 FROM i`, many),
		w.f.Workspace.ID, source.ConnectionID, source.ID, w.clock.now(), w.team.ID); err != nil {
		t.Fatal(err)
	}
	rule := w.f.LinkRule(func(r *needle.LinkRule) { r.Pattern = "speed" })
	if err := w.scope.WalkLinkRule(t.Context(), rule.ID); err != nil {
		t.Fatal(err)
	}
	due, err := w.engine.LinkingDue(t.Context(), 10)
	if diff := cmp.Diff([]needle.WorkspaceID{w.f.Workspace.ID}, must(t, due, err)); diff != "" {
		t.Errorf("due (-want +got):\n%s", diff)
	}
	// A first step ends with its process; the next one goes on.
	if _, more, err := w.scope.LinkNextItems(t.Context()); err != nil || !more {
		t.Fatalf("a first step left more: %v, %v", more, err)
	}
	if n := w.count(`SELECT count(*) FROM contributions WHERE origin = 'RULE'`); n != 1000 {
		t.Errorf("a step linked %d items, want 1000", n)
	}
	if err := w.engine.FinishLinking(t.Context(), w.f.Workspace.ID); err != nil {
		t.Fatal(err)
	}
	counts, err := w.scope.RuleMatches(t.Context(), []needle.LinkRuleID{rule.ID})
	if n := w.count(`SELECT count(*) FROM contributions WHERE origin = 'RULE'`); n != many || must(t, counts, err)[rule.ID] != many {
		t.Errorf("%d items are linked and %d covered, want %d", n, counts[rule.ID], many)
	}
	if due, err := w.engine.LinkingDue(t.Context(), 10); len(must(t, due, err)) != 0 || w.rule(rule.ID).EvaluatedAt == nil {
		t.Error("the rule is not evaluated although it reached all work")
	}
	if err := w.engine.FinishLinking(t.Context(), w.f.Workspace.ID); err != nil {
		t.Error(err)
	}
}
