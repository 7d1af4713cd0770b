package planning_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// waiting is a person for whom three things wait: two votes and a mention.
type waiting struct {
	*world
	person *needle.User
	ctx    context.Context
	ids    []needle.InboxItemID
}

func (h *house) waiting(t *testing.T) *waiting {
	t.Helper()
	w := &waiting{world: h.world(t)}
	// Who is weakest may mark what they have seen.
	w.person = w.f.User(func(u *needle.User) { u.Role, u.Function = needle.RoleViewer, needle.FunctionTeam })
	viewer := w.f.Viewer(w.person)
	viewer.Scopes = []needle.TokenScope{needle.ScopeRead}
	w.ctx = needle.WithViewer(t.Context(), viewer)
	for range 2 {
		o := w.f.Objective()
		w.f.Invite(o, w.person)
		w.f.Vote(func(v *needle.Vote) { v.SubjectID, v.ObjectiveID = o.ID.String(), &o.ID })
	}
	w.f.Mention(w.f.Comment(), w.person)
	for _, i := range w.items(t) {
		w.ids = append(w.ids, i.ID)
	}
	if len(w.ids) != 3 {
		t.Fatalf("%d things wait", len(w.ids))
	}
	return w
}

// items reads what waits for the person.
func (w *waiting) items(t *testing.T) []*needle.InboxItem {
	t.Helper()
	pages, err := w.scope.InboxItemsByUser(t.Context(), []needle.UserID{w.person.ID}, store.InboxItemList{
		Now: storetest.Now(), OrderBy: []*needle.Order[needle.InboxItemOrderField]{{Field: needle.InboxItemByKind, Direction: needle.Asc}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages[0].Nodes
}

// read lists which of the things the person has seen, in order.
func (w *waiting) read(t *testing.T) (seen []bool) {
	t.Helper()
	for _, i := range w.items(t) {
		seen = append(seen, i.ReadAt != nil)
	}
	return seen
}

func TestMarkInbox_marksAndUnmarksWhatIsNamed(t *testing.T) {
	t.Parallel()
	w := newHouse(t).waiting(t)
	elsewhere, told := fingerprint(t, w.house.abroad), len(w.activities(t))
	step := func(name string, mark func() (*needle.Viewer, error), want ...bool) {
		t.Helper()
		viewer, err := mark()
		if err != nil || viewer.UserID != w.person.ID {
			t.Fatalf("%s: %+v, %v", name, viewer, err)
		}
		if diff := cmp.Diff(want, w.read(t)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	read := func(ids ...needle.InboxItemID) func() (*needle.Viewer, error) {
		return func() (*needle.Viewer, error) {
			return w.planner.MarkInboxRead(w.ctx, needle.MarkInboxReadInput{IDs: ids})
		}
	}
	unread := func(ids ...needle.InboxItemID) func() (*needle.Viewer, error) {
		return func() (*needle.Viewer, error) {
			return w.planner.MarkInboxUnread(w.ctx, needle.MarkInboxUnreadInput{IDs: ids})
		}
	}
	all := func(kinds ...needle.InboxKind) func() (*needle.Viewer, error) {
		return func() (*needle.Viewer, error) {
			return w.planner.MarkAllInboxRead(w.ctx, needle.MarkAllInboxReadInput{Kinds: kinds})
		}
	}
	step("two, one of them twice", read(w.ids[0], w.ids[2], w.ids[0]), true, false, true)
	first := w.items(t)[0].ReadAt
	step("again", read(w.ids[0]), true, false, true)
	if again := w.items(t)[0].ReadAt; !again.Equal(*first) {
		t.Errorf("it was read at %v, and then at %v", first, again)
	}
	step("one unread", unread(w.ids[2]), true, false, false)
	step("and again", unread(w.ids[2]), true, false, false)
	step("all", all(), true, true, true)
	step("none", unread(w.ids...), false, false, false)
	step("all votes", all(needle.InboxVote), false, true, true)
	step("a kind of which nothing waits", all(needle.InboxSignOff), false, true, true)
	if n := len(w.activities(t)); n != told {
		t.Errorf("%d activities were recorded", n-told)
	}
	if diff := cmp.Diff(elsewhere, fingerprint(t, w.house.abroad)); diff != "" {
		t.Errorf("another workspace changed:\n%s", diff)
	}
}

func TestMarkAllInbox_ofAnEmptyListMarksNothing(t *testing.T) {
	t.Parallel()
	w := newHouse(t).waiting(t)
	if _, err := w.planner.MarkAllInboxRead(w.ctx, needle.MarkAllInboxReadInput{Kinds: []needle.InboxKind{}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bool{false, false, false}, w.read(t)); diff != "" {
		t.Error(diff)
	}
}

func TestMarkInbox_refuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w, other := h.waiting(t), h.waiting(t)
	colleague := needle.WithViewer(t.Context(), w.f.Viewer(w.f.User()))
	lacking := w.f.Viewer(w.person)
	lacking.Scopes = []needle.TokenScope{needle.ScopeAdmin, needle.ScopeAuditRead, needle.ScopeWriteOKR}
	many := make([]needle.InboxItemID, 101)
	for i := range many {
		many[i] = w.ids[0]
	}
	before := fingerprint(t, w.world, other.world)
	marks := map[string]func(context.Context, []needle.InboxItemID) error{
		"read": func(ctx context.Context, ids []needle.InboxItemID) error {
			_, err := w.planner.MarkInboxRead(ctx, needle.MarkInboxReadInput{IDs: ids})
			return err
		},
		"unread": func(ctx context.Context, ids []needle.InboxItemID) error {
			_, err := w.planner.MarkInboxUnread(ctx, needle.MarkInboxUnreadInput{IDs: ids})
			return err
		},
	}
	for name, mark := range marks {
		wantProblems(t, mark(w.ctx, nil), "REQUIRED input.ids")
		wantProblems(t, mark(w.ctx, many), "OUT_OF_RANGE input.ids")
		wantProblems(t, mark(t.Context(), w.ids), "UNAUTHENTICATED")
		wantProblems(t, mark(needle.WithViewer(t.Context(), lacking), w.ids), "FORBIDDEN")
		missing := mark(w.ctx, []needle.InboxItemID{w.ids[0], needle.NewInboxItemID()})
		wantProblems(t, missing, "NOT_FOUND input.ids.1")
		for whose, err := range map[string]error{
			"another workspace's": mark(w.ctx, []needle.InboxItemID{w.ids[0], other.ids[0]}),
			"another person's":    mark(colleague, []needle.InboxItemID{w.ids[0]}),
		} {
			if !errors.Is(err, needle.ErrNotFound) || needle.UserErrors(err)[0].Message != needle.UserErrors(missing)[0].Message {
				t.Errorf("%s, %s: %v", name, whose, err)
			}
		}
	}
	kinds := make([]needle.InboxKind, 101)
	_, err := w.planner.MarkAllInboxRead(w.ctx, needle.MarkAllInboxReadInput{Kinds: kinds})
	wantProblems(t, err, "OUT_OF_RANGE input.kinds")
	_, err = w.planner.MarkAllInboxRead(needle.WithViewer(t.Context(), lacking), needle.MarkAllInboxReadInput{})
	wantProblems(t, err, "FORBIDDEN")
	if diff := cmp.Diff(before, fingerprint(t, w.world, other.world)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

// TestMarkInbox_atOnce marks the same things in several ways at one moment: no call fails, and each mark stands once.
func TestMarkInbox_atOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).waiting(t)
	marks := []func(*planning.Planner) error{
		func(p *planning.Planner) error {
			_, err := p.MarkInboxRead(w.ctx, needle.MarkInboxReadInput{IDs: w.ids})
			return err
		},
		func(p *planning.Planner) error {
			_, err := p.MarkInboxRead(w.ctx, needle.MarkInboxReadInput{IDs: []needle.InboxItemID{w.ids[2], w.ids[1], w.ids[0]}})
			return err
		},
		func(p *planning.Planner) error {
			_, err := p.MarkAllInboxRead(w.ctx, needle.MarkAllInboxReadInput{})
			return err
		},
	}
	wantOutcomes(t, atOnce(24, func(i int) error { return marks[i%3](w.planner) }), map[string]int{"": 24})
	if diff := cmp.Diff([]bool{true, true, true}, w.read(t)); diff != "" {
		t.Error(diff)
	}
}
