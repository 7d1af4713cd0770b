package syncing_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func TestPreviewMapping_saysWhatSetMappingThenDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(9)
	for n := 1; n <= 4; n++ {
		check(t, w.gh.CloseIssue(shop, n, []string{"completed", "not_planned"}[n%2]))
	}
	conn := w.connect()
	w.sync(conn)
	before := w.versions()
	reason := "Completed"
	in := needle.PreviewMappingInput{ConnectionID: conn.ID, States: []*needle.StateMappingInput{
		state("OPEN", needle.StatusDone), {RawState: "closed", RawReason: &reason, Status: needle.StatusInProgress},
	}}
	got, err := w.engine.PreviewMapping(w.ctx, in)
	must(t, got, err)
	if diff := cmp.Diff(before, w.versions()); diff != "" {
		t.Errorf("a preview wrote:\n%s", diff)
	}
	var lines []string
	for _, s := range got.States {
		lines = append(lines, fmt.Sprintf("%s/%s %d %s>%s, %d shown", s.RawState, s.RawReason, s.Issues, s.Now, s.Becomes, len(s.Examples)))
	}
	want := []string{"open/ 5 TODO>DONE, 5 shown", "closed/completed 2 DONE>IN_PROGRESS, 2 shown", "closed/not_planned 2 DROPPED>DROPPED, 2 shown"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("the states are others (-want +got):\n%s", diff)
	}
	sums := []int{got.Restated, got.Retyped, got.Items, got.Delivered, got.Undelivered}
	if diff := cmp.Diff([]int{7, 0, 7, 5, 2}, sums); diff != "" {
		t.Errorf("the sums are others (-want +got):\n%s", diff)
	}
	done := w.count(`SELECT count(*) FROM backlog_items WHERE status = 'DONE'`)
	w.setMapping(conn, in.States...)
	if n := w.count(`SELECT count(*) FROM backlog_items WHERE status = 'DONE'`); n != done+got.Delivered-got.Undelivered {
		t.Errorf("%d items are done, before it were %d", n, done)
	}
	if n := w.count(`SELECT count(*) FROM backlog_items WHERE version > 1`); n != got.Items {
		t.Errorf("%d items were written, the preview said %d", n, got.Items)
	}
	if verbs := w.verbs(w.item(conn, w.remoteID(1)).ID.String()); !slices.Equal(verbs, []needle.Verb{}) {
		t.Errorf("an item that did not move has the activities %v", verbs)
	}
	if verbs := w.verbs(w.item(conn, w.remoteID(2)).ID.String()); !slices.Equal(verbs, []needle.Verb{needle.VerbMoved}) {
		t.Errorf("an item that moved has the activities %v", verbs)
	}
}

func TestPreviewMapping_takesAConstantNumberOfStatements(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	source := w.f.Source()
	second := w.newStore(keys())
	engine, counter := w.newEngine(second, 10), storetest.CountStatements(t, second.DB())
	ask := func() {
		_, err := engine.PreviewMapping(w.ctx, needle.PreviewMappingInput{ConnectionID: source.ConnectionID})
		check(t, err)
		_, err = engine.PreviewItemPolicy(w.ctx, needle.PreviewItemPolicyInput{ConnectionID: source.ConnectionID})
		check(t, err)
	}
	w.issues(source, 3, "open")
	few := counter.Since(ask)
	w.issues(source, 700, "open")
	if many := counter.Since(ask); many != few {
		t.Errorf("%d statements for 3 issues and %d for 700", few, many)
	}
}

func TestSetMapping_refusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connection(w.f.Source().ConnectionID)
	empty, none := "", needle.NewConnectionID()
	for name, c := range map[string]struct {
		in   needle.SetMappingInput
		code needle.Code
	}{
		"no such connection":    {needle.SetMappingInput{ConnectionID: none}, needle.CodeNotFound},
		"an old version":        {needle.SetMappingInput{ConnectionID: conn.ID, ExpectedVersion: new(7)}, needle.CodeConflict},
		"a state without words": {needle.SetMappingInput{ConnectionID: conn.ID, States: []*needle.StateMappingInput{state(" \x00", needle.StatusDone)}}, needle.CodeRequired},
		"a state twice": {needle.SetMappingInput{ConnectionID: conn.ID, States: []*needle.StateMappingInput{
			state("Ready  now", needle.StatusDone), {RawState: "ready", RawReason: &empty}, state(" ready NOW", needle.StatusTodo),
		}}, needle.CodeDuplicate},
		"a type that is none": {needle.SetMappingInput{ConnectionID: conn.ID, Types: []*needle.TypeMappingInput{{RawType: "x", Type: needle.IssueTypePullRequest}}}, needle.CodeInvalid},
		"words without end":   {needle.SetMappingInput{ConnectionID: conn.ID, States: []*needle.StateMappingInput{state(strings.Repeat("x", 301), needle.StatusDone)}}, needle.CodeTooLong},
	} {
		_, err := w.engine.SetMapping(w.ctx, c.in)
		errs := needle.UserErrors(err)
		if len(errs) != 1 || errs[0].Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	viewer := needle.WithViewer(t.Context(), w.f.Viewer(w.f.User()))
	if _, err := w.engine.SetMapping(viewer, needle.SetMappingInput{ConnectionID: conn.ID}); !errors.Is(err, needle.ErrForbidden) {
		t.Errorf("a member set a mapping: %v", err)
	}
	// Words that a database is afraid of are kept as they are.
	odd := `C:\u0000 "quoted" {NULL}`
	w.setMapping(conn, state(odd, needle.StatusDone))
	if got := w.mapping(conn).States; len(got) != 1 || got[0].RawState != odd {
		t.Errorf("the state was kept as %+v", got)
	}
}
