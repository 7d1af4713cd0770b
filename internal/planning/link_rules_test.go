package planning_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestCreateLinkRule(t *testing.T) {
	t.Parallel()
	type input = needle.CreateLinkRuleInput
	useCase[input, needle.LinkRule]{
		do: (*planning.Planner).CreateLinkRule, action: needle.ActLinkWork, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{ConnectionID: &w.connection, Pattern: "refunds", KeyResultID: w.keyResult, Bet: roleBet(needle.RoleEnables)}
		},
		refused: []refusal[input]{
			{
				name:   "no label",
				change: func(_ *world, in *input) { in.Pattern = " " },
				want:   []string{"REQUIRED input.pattern"},
			},
			{
				name:    "a rule that is there, in other letters",
				arrange: func(w *world) { writeRule(w, "Refunds", needle.RoleDrives) },
				change:  func(_ *world, in *input) { in.ConnectionID, in.Pattern = nil, " refunds " },
				want:    []string{"DUPLICATE input.pattern"},
			},
		},
		refers: []reference[input]{
			{"input.connectionId", func(in *input, of ids) { in.ConnectionID = &of.connection }},
			{"input.keyResultId", func(in *input, of ids) { in.KeyResultID = of.keyResult }},
		},
	}.run(t, newHouse(t))
}

func TestUpdateLinkRule(t *testing.T) {
	t.Parallel()
	type input = needle.UpdateLinkRuleInput
	useCase[input, needle.LinkRule]{
		do: (*planning.Planner).UpdateLinkRule, action: needle.ActLinkWork, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{ID: w.rule, ConnectionID: needle.Given(&w.connection), Enabled: ptr(false), Bet: roleBet(needle.RoleLearns)}
		},
		refused: []refusal[input]{
			{
				name: "what another rule says already",
				arrange: func(w *world) {
					w.f.LinkRule(func(r *needle.LinkRule) { r.ConnectionID = &w.connection })
				},
				want: []string{"DUPLICATE input.connectionId"},
			},
		},
		refers: []reference[input]{
			{"input.id", func(in *input, of ids) { in.ID = of.rule }},
			{"input.connectionId", func(in *input, of ids) { in.ConnectionID = needle.Given(&of.connection) }},
			{"input.keyResultId", func(in *input, of ids) { in.KeyResultID = &of.keyResult }},
		},
	}.run(t, newHouse(t))
}

// roleBet expects nothing but a role.
func roleBet(role needle.ContributionRole) *needle.BetInput { return &needle.BetInput{Role: &role} }

// roleOf says how the world's mirrored item serves its key result; empty when it does not.
func roleOf(t *testing.T, w *world) needle.ContributionRole {
	t.Helper()
	if c := liveLink(t, w); c != nil {
		return c.Role
	}
	return ""
}

func TestLinkRules_linkWhatCarriesTheLabel(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	want := func(step string, role needle.ContributionRole) {
		t.Helper()
		if got := roleOf(t, w); got != role {
			t.Errorf("%s: the item serves as %q, want %q", step, got, role)
		}
	}
	wide := writeRule(w, "BUG", needle.RoleDrives)
	want("a rule in other letters", needle.RoleDrives)
	setRule(w, wide, needle.UpdateLinkRuleInput{Bet: roleBet(needle.RoleGuards)})
	want("another role", needle.RoleGuards)

	narrow := must[needle.LinkRule](t)(w.planner.CreateLinkRule(w.ctx, needle.CreateLinkRuleInput{
		ConnectionID: &w.connection, Pattern: "bug", KeyResultID: w.keyResult, Bet: roleBet(needle.RoleLearns),
	}))
	want("a narrower rule", needle.RoleLearns)
	elsewhere := w.f.Connection()
	setRule(w, narrow, needle.UpdateLinkRuleInput{ConnectionID: needle.Given(&elsewhere.ID)})
	want("a rule for another tracker", needle.RoleGuards)

	setRule(w, wide, needle.UpdateLinkRuleInput{Enabled: ptr(false)})
	want("a rule switched off", "")
	setRule(w, wide, needle.UpdateLinkRuleInput{Enabled: ptr(true)})
	want("a rule switched on again", needle.RoleGuards)

	wantRows(t, w, `SELECT role || CASE WHEN ended THEN ' ended' ELSE '' END FROM contribution_versions
		WHERE item_id = $1 ORDER BY recorded_at, id`, w.mirrored.UUID.String(),
		"DRIVES", "GUARDS", "LEARNS", "GUARDS", "GUARDS ended", "GUARDS")
}

func TestLinkIssues_followsLabels(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	writeRule(w, "bug", needle.RoleDrives)
	other := w.mirror("BUG", "Refunds")
	item := must[needle.BacklogItem](t)(w.scope.BacklogItem(t.Context(), other))
	mirrored := must[needle.BacklogItem](t)(w.scope.BacklogItem(t.Context(), w.mirrored))
	apply := func(want store.LinkChanges, issues ...needle.IssueID) {
		t.Helper()
		var got store.LinkChanges
		err := w.scope.InTx(t.Context(), func(ctx context.Context, tx store.Scope) error {
			var err error
			got, err = tx.LinkIssues(ctx, issues, nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("applying the rules did something else:\n%s", diff)
		}
	}
	label := func(issue needle.IssueID, labels string) {
		t.Helper()
		if _, err := w.house.store.DB().DB.ExecContext(t.Context(), `UPDATE issues SET labels = $1 WHERE id = $2`, labels, issue.UUID.String()); err != nil {
			t.Fatal(err)
		}
	}
	apply(store.LinkChanges{})
	apply(store.LinkChanges{}, needle.NewIssueID())
	apply(store.LinkChanges{}, *mirrored.IssueID) // The rule's own writing linked it; the other came later.
	apply(store.LinkChanges{Linked: 1}, *mirrored.IssueID, *item.IssueID, *item.IssueID)
	apply(store.LinkChanges{}, *mirrored.IssueID, *item.IssueID)
	label(*mirrored.IssueID, `["bugs", "x"]`)
	label(*item.IssueID, `[]`)
	apply(store.LinkChanges{Ended: 1}, *mirrored.IssueID)
	apply(store.LinkChanges{Ended: 1}, *mirrored.IssueID, *item.IssueID)
	label(*item.IssueID, `["Bug"]`)
	apply(store.LinkChanges{Linked: 1}, *item.IssueID)

	live, err := w.scope.LiveContribution(t.Context(), other, w.keyResult)
	if err != nil {
		t.Fatal(err)
	}
	if live.ID.Version() != 7 || live.ID.Variant().String() != "RFC4122" || live.Version != 1 || live.AuthorID != nil {
		t.Errorf("the link is %s", asJSON(t, live))
	}
}

func TestLinkIssues_takesAConstantNumberOfStatements(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	writeRule(w, "bug", needle.RoleDrives)
	counter := storetest.CountStatements(t, w.house.store.DB())
	statements := func(items int) int {
		var issues []needle.IssueID
		for range items {
			issue := w.f.Issue(func(i *needle.Issue) { i.Labels = []string{"bug"} })
			w.f.Item(func(b *needle.BacklogItem) { b.IssueID = &issue.ID })
			issues = append(issues, issue.ID)
		}
		return counter.Since(func() {
			err := w.scope.InTx(t.Context(), func(ctx context.Context, tx store.Scope) error {
				done, err := tx.LinkIssues(ctx, issues, nil)
				if done.Linked != items {
					t.Errorf("%d of %d items were linked", done.Linked, items)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	if one, many := statements(1), statements(1000); one != many || one > 3 {
		t.Errorf("one item took %d statements, a thousand took %d", one, many)
	}
}

func TestDeleteLinkRule(t *testing.T) {
	t.Parallel()
	type input = needle.DeleteLinkRuleInput
	useCase[input, needle.LinkRule]{
		do: (*planning.Planner).DeleteLinkRule, action: needle.ActLinkWork, verb: needle.VerbDeleted, removes: true,
		valid: func(w *world) input { return input{ID: w.rule} },
		refused: []refusal[input]{
			{
				name: "a rule that was deleted",
				arrange: func(w *world) {
					must[needle.LinkRule](w.t)(w.planner.DeleteLinkRule(w.ctx, input{ID: w.rule}))
				},
				want: []string{"NOT_FOUND input.id"},
			},
			{
				name:   "a rule somebody changed in the meantime",
				change: func(_ *world, in *input) { in.ExpectedVersion = ptr(7) },
				want:   []string{"CONFLICT input.expectedVersion"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.rule }}},
	}.run(t, newHouse(t))
}

func TestDeleteLinkRule_handsItsLinksToWhatComesNext(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	must[needle.BacklogItem](t)(w.planner.UpdateBacklogItem(w.ctx, needle.UpdateBacklogItemInput{ID: w.mirrored, ParentID: needle.Given(&w.epic)}))
	must[needle.Contribution](t)(w.planner.Link(w.ctx, needle.LinkInput{
		ItemID: w.epic, KeyResultID: w.keyResult, Bet: &needle.BetInput{Role: ptr(needle.RoleEnables), ExpectedLow: ptr(1.0), ExpectedHigh: ptr(2.0)},
	}))
	inherited := liveLink(t, w)
	if inherited == nil || inherited.Origin != needle.OriginEpic || *inherited.EpicID != w.epic || inherited.Role != needle.RoleEnables || inherited.ExpectedLow != nil {
		t.Fatalf("what is inherited is %s", asJSON(t, inherited))
	}
	older, younger := writeRule(w, "bug", needle.RoleDrives), must[needle.LinkRule](t)(w.planner.CreateLinkRule(w.ctx, needle.CreateLinkRuleInput{
		Kind: ptr(needle.LinkByPath), Pattern: "OCTO/*", KeyResultID: w.keyResult, Bet: roleBet(needle.RoleGuards),
	}))
	epics := must[needle.LinkRule](t)(w.planner.CreateLinkRule(w.ctx, needle.CreateLinkRuleInput{
		Kind: ptr(needle.LinkByEpic), Pattern: " " + must[needle.BacklogItem](t)(w.scope.BacklogItem(t.Context(), w.epic)).Key(), KeyResultID: w.keyResult,
	}))
	conflicts, err := w.scope.RuleConflicts(t.Context(), []needle.LinkRuleID{older.ID, younger.ID, epics.ID})
	if err != nil {
		t.Fatal(err)
	}
	want := map[needle.LinkRuleID][]*needle.LinkRuleConflict{
		older.ID:   {{OtherID: younger.ID, Items: 1, Wins: true}},
		younger.ID: {{OtherID: older.ID, Items: 1}, {OtherID: epics.ID, Items: 1, Wins: true}},
		epics.ID:   {{OtherID: younger.ID, Items: 1}},
	}
	if diff := cmp.Diff(want, conflicts); diff != "" {
		t.Errorf("conflicts (-want +got):\n%s", diff)
	}
	for _, rule := range []*needle.LinkRule{older, younger, epics} {
		if live := liveLink(t, w); live.ID != inherited.ID || live.Origin != needle.OriginRule || *live.RuleID != rule.ID {
			t.Errorf("the link is %s, want it of the rule %s", asJSON(t, live), rule.Pattern)
		}
		must[needle.LinkRule](t)(w.planner.DeleteLinkRule(w.ctx, needle.DeleteLinkRuleInput{ID: rule.ID}))
	}
	if live := liveLink(t, w); live.Origin != needle.OriginEpic || live.ID != inherited.ID {
		t.Errorf("without rules the link is %s", asJSON(t, live))
	}
	must[needle.BacklogItem](t)(w.planner.UpdateBacklogItem(w.ctx, needle.UpdateBacklogItemInput{ID: w.mirrored, ParentID: needle.Given[needle.BacklogItemID](nil)}))
	if live := liveLink(t, w); live != nil {
		t.Errorf("below nothing the link is %s", asJSON(t, live))
	}
	wantRows(t, w, `SELECT origin || ' ' || role || CASE WHEN ended THEN ' ended' ELSE '' END FROM contribution_versions
		WHERE contribution_id = $1 ORDER BY recorded_at, id`, inherited.ID.UUID.String(),
		"EPIC ENABLES", "RULE DRIVES", "RULE GUARDS", "RULE DRIVES", "EPIC ENABLES", "EPIC ENABLES ended")
}

func TestCreateLinkRule_asksForAPassWhereOnlyTheTrackerKnows(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	in := needle.CreateLinkRuleInput{Kind: ptr(needle.LinkByQuery), Pattern: "labels = x", KeyResultID: w.keyResult, ConnectionID: &w.connection}
	if _, err := w.planner.CreateLinkRule(w.ctx, in); !slices.Equal(problems(err), []string{"INVALID input.connectionId"}) {
		t.Errorf("at a tracker that cannot be searched: %v", err)
	}
	searching := w.planner.WithSearch(func(kind string) bool { return kind == "file" })
	rule := must[needle.LinkRule](t)(searching.CreateLinkRule(w.ctx, in))
	conn := must[needle.Connection](t)(w.scope.Connection(t.Context(), w.connection))
	if conn.SyncRequestedAt == nil || rule.EvaluatedAt != nil {
		t.Errorf("asked for at %v, evaluated at %v", conn.SyncRequestedAt, rule.EvaluatedAt)
	}
}

func TestLinkRules_takePatternsByTheirLetters(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	item := w.mirror("a_b%c\\d'e\"f?g")
	for _, pattern := range []string{"a%", "_", "a_b%c%", ".*", "a?b"} {
		writeRule(w, pattern, needle.RoleDrives)
	}
	linked := func() bool {
		t.Helper()
		live, err := w.scope.LiveContribution(t.Context(), item, w.keyResult)
		if err != nil {
			t.Fatal(err)
		}
		return live != nil
	}
	if linked() {
		t.Error("a label fits a pattern that is not it")
	}
	writeRule(w, "A_B%C\\D'E\"F?G", needle.RoleDrives)
	if !linked() {
		t.Error("a label does not fit itself")
	}
}

func TestUpdateBacklogItem_leavesTheParentToTheTrackerThatNamesIt(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	above := w.f.Issue()
	epic := w.f.Item(func(b *needle.BacklogItem) { b.IssueID = &above.ID })
	below := w.f.Issue(func(i *needle.Issue) { i.ParentRemoteKey = above.RemoteKey })
	item := w.f.Item(func(b *needle.BacklogItem) { b.IssueID = &below.ID })
	put := func(parent *needle.BacklogItemID) error {
		_, err := w.planner.UpdateBacklogItem(w.ctx, needle.UpdateBacklogItemInput{ID: item.ID, ParentID: needle.Given(parent)})
		return err
	}
	if err := put(&w.epic); err != nil {
		t.Errorf("while the tracker's parent is not known here: %v", err)
	}
	// The parent is read after the child, and is named by its key alone.
	if err := w.scope.AdoptParents(t.Context(), []needle.IssueID{above.ID}); err != nil {
		t.Fatal(err)
	}
	if got := must[needle.BacklogItem](t)(w.scope.BacklogItem(t.Context(), item.ID)); got.ParentID == nil || *got.ParentID != epic.ID {
		t.Errorf("the item lies below %v, want its issue's parent", got.ParentID)
	}
	if err := put(&w.epic); !slices.Equal(problems(err), []string{"CONFLICT input.parentId"}) {
		t.Errorf("another parent: %v", err)
	}
	if err := put(&epic.ID); err != nil {
		t.Errorf("the same parent: %v", err)
	}
}
