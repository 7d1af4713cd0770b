package planning_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
)

func TestAddComment(t *testing.T) {
	t.Parallel()
	type input = needle.AddCommentInput
	useCase[input, needle.Comment]{
		do: (*planning.Planner).AddComment, action: needle.ActComment, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{SubjectID: w.objective.String(), ThreadID: &w.reply, Body: mentioning(w.user)}
		},
		refused: []refusal[input]{
			{
				name:   "no words, about a person",
				change: func(w *world, in *input) { in.SubjectID, in.Body = w.user.String(), " " },
				want:   []string{"INVALID_ID input.subjectId", "REQUIRED input.body"},
			},
			{
				name:   "about what is no id",
				change: func(_ *world, in *input) { in.SubjectID = "obj_uuuuuuuuuuuuuuuuuuuuuuuuuu" },
				want:   []string{"INVALID_ID input.subjectId"},
			},
			{
				name:   "more people than a comment may mention",
				change: func(_ *world, in *input) { in.Body = mentioning(people(101)...) },
				want:   []string{"OUT_OF_RANGE input.body"},
			},
			{
				name:   "mentions a person of nowhere, and what is no person",
				change: func(_ *world, in *input) { in.Body = mentioning(people(1)...) + " [@Me](usr_me)" },
				want:   []string{"INVALID input.body"},
			},
			{
				name:   "mentions a person of another workspace",
				change: func(w *world, in *input) { in.Body = mentioning(w.house.abroad.user) },
				want:   []string{"INVALID input.body"},
			},
			{
				name:   "a thread about something else",
				change: func(w *world, in *input) { in.SubjectID = w.keyResult.String() },
				want:   []string{"INVALID input.threadId"},
			},
		},
		refers: []reference[input]{{"input.threadId", func(in *input, of ids) { in.ThreadID = &of.comment }}},
	}.run(t, newHouse(t))
}

// TestAddComment_aboutAllThatCanBeDiscussed says something about every noun: what is there, what another workspace has
// and what nobody has.
func TestAddComment_aboutAllThatCanBeDiscussed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.world(t)
	subjects := func(w *world) map[string]string {
		return map[string]string{
			"objective": w.objective.String(), "key result": w.keyResult.String(), "proposal": w.proposal.String(),
			"suggestion": w.suggestion.String(), "pain point": w.pain.String(), "idea": w.f.Idea().ID.String(), "item": w.item.String(),
		}
	}
	o, err := w.scope.Objective(t.Context(), w.objective)
	if err != nil {
		t.Fatal(err)
	}
	type concern struct {
		Objective *needle.ObjectiveID
		Team      *needle.TeamID
	}
	ofObjective := concern{&o.ID, &o.TeamID}
	want := map[string]concern{
		"objective": ofObjective, "key result": ofObjective, "proposal": ofObjective, "suggestion": ofObjective,
		"pain point": {}, "idea": {}, "item": {Team: &w.team},
	}
	for noun, id := range subjects(w) {
		c := w.said(t, needle.AddCommentInput{SubjectID: id, Body: "Hm"})
		told := w.activities(t)
		if got := (concern{c.ObjectiveID, told[len(told)-1].TeamID}); !cmp.Equal(want[noun], got) || c.SubjectID != id || !c.Opens() {
			t.Errorf("%s: %s", noun, asJSON(t, c))
		}
		if diff := cmp.Diff(c.ObjectiveID, told[len(told)-1].ObjectiveID); diff != "" {
			t.Errorf("%s: the activity concerns another objective:\n%s", noun, diff)
		}
		missing := strings.Replace(needle.NewTeamID().String(), needle.TeamPrefix, needle.IDPrefix(id), 1)
		for _, other := range []string{missing, subjects(h.abroad)[noun]} {
			before := fingerprint(t, w, h.abroad)
			_, err := w.planner.AddComment(w.ctx, needle.AddCommentInput{SubjectID: other, Body: "Hm"})
			wantProblems(t, err, "NOT_FOUND input.subjectId")
			if diff := cmp.Diff(before, fingerprint(t, w, h.abroad)); diff != "" {
				t.Errorf("%s: something was written:\n%s", noun, diff)
			}
		}
	}
}

func TestAddComment_aboutWhatIsOver(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	dismiss(w)
	closeObjective(w)
	for _, id := range []string{w.pain.String(), w.objective.String(), w.keyResult.String()} {
		w.said(t, needle.AddCommentInput{SubjectID: id, Body: "In hindsight"})
	}
}

func TestAddComment_repliesInOneThread(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	resolved := must[needle.Comment](t)(w.planner.ResolveThread(w.ctx, needle.ResolveThreadInput{ID: w.comment}))
	if resolved.ResolvedBy == nil || *resolved.ResolvedBy != w.owner {
		t.Errorf("the thread is %s", asJSON(t, resolved))
	}
	first := w.said(t, needle.AddCommentInput{SubjectID: w.objective.String(), ThreadID: &w.comment, Body: "One"})
	second := w.said(t, needle.AddCommentInput{SubjectID: w.objective.String(), ThreadID: &first.ID, Body: "Two"})
	if first.ThreadID != w.comment || second.ThreadID != w.comment {
		t.Errorf("the replies are in %s and %s", first.ThreadID, second.ThreadID)
	}
	opener, err := w.scope.Comment(t.Context(), w.comment)
	if err != nil {
		t.Fatal(err)
	}
	if opener.Resolved() || opener.ResolvedBy != nil {
		t.Error("a reply left the thread resolved")
	}
	pages, err := w.scope.RepliesByThread(t.Context(), []needle.CommentID{w.comment, first.ID}, store.CommentList{})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages[0].Nodes) != 3 || len(pages[1].Nodes) != 0 {
		t.Errorf("the thread has %d replies and a reply has %d", len(pages[0].Nodes), len(pages[1].Nodes))
	}
}

func TestAddComment_goesOnBelowTheItemThatAnIdeaBecame(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	idea := w.f.Idea()
	opened := w.said(t, needle.AddCommentInput{SubjectID: idea.ID.String(), Body: "A button?"})
	in := needle.AddCommentInput{SubjectID: w.item.String(), ThreadID: &opened.ID, Body: "It is live"}
	_, err := w.planner.AddComment(w.ctx, in)
	wantProblems(t, err, "INVALID input.threadId")

	idea.State, idea.ItemID, idea.DecidedBy = needle.IdeaPromoted, &w.item, &w.owner
	if _, err := w.house.store.DB().NewUpdate().Model(idea).WherePK().Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	reply := w.said(t, in)
	if reply.SubjectID != idea.ID.String() || reply.ThreadID != opened.ID {
		t.Errorf("the reply is %s", asJSON(t, reply))
	}
	own := w.said(t, needle.AddCommentInput{SubjectID: w.item.String(), Body: "Who tells the shops?"})
	pages, err := w.scope.CommentsByItem(t.Context(), []needle.BacklogItemID{w.item, w.epic}, store.CommentList{})
	if err != nil {
		t.Fatal(err)
	}
	var got []needle.CommentID
	for _, c := range pages[0].Nodes {
		got = append(got, c.ID)
	}
	if diff := cmp.Diff([]needle.CommentID{opened.ID, own.ID}, got); diff != "" || len(pages[1].Nodes) != 0 {
		t.Errorf("below the item are other threads:\n%s", diff)
	}
}

func TestEditComment(t *testing.T) {
	t.Parallel()
	type input = needle.EditCommentInput
	useCase[input, needle.Comment]{
		do: (*planning.Planner).EditComment, action: needle.ActComment, verb: needle.VerbUpdated, ready: authored[input]("comments"),
		valid: func(w *world) input { return input{ID: w.comment, Body: mentioning(w.user)} },
		refused: []refusal[input]{
			{
				name:   "no words",
				change: func(_ *world, in *input) { in.Body = "\n" },
				want:   []string{"REQUIRED input.body"},
			},
			{
				name:   "people whom nobody knows",
				change: func(_ *world, in *input) { in.Body = mentioning(people(1)...) },
				want:   []string{"INVALID input.body"},
			},
			{
				name: "what it says already",
				arrange: func(w *world) {
					must[needle.Comment](w.t)(w.planner.EditComment(w.ctx, input{ID: w.comment, Body: "So"}))
				},
				change: func(_ *world, in *input) { in.Body = "So" },
				want:   []string{"INVALID input.body"},
			},
			{
				name: "somebody else's, even the owner",
				arrange: func(w *world) {
					authored[needle.EditCommentInput]("comments")(w, needle.Viewer{UserID: w.user}, needle.EditCommentInput{})
				},
				want: []string{"FORBIDDEN input.id"},
			},
			{name: "a deleted one", arrange: deleteComment, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.comment }}},
	}.run(t, newHouse(t))
}

func deleteComment(w *world) {
	w.t.Helper()
	must[needle.Comment](w.t)(w.planner.DeleteComment(w.ctx, needle.DeleteCommentInput{ID: w.comment}))
}

func TestEditComment_keepsWhatWasSaidAndFollowsWhomItMentions(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	other := w.f.User().ID
	c := w.said(t, needle.AddCommentInput{SubjectID: w.objective.String(), Body: mentioning(w.user, w.owner, w.user)})
	if diff := cmp.Diff([]needle.UserID{w.owner, w.user}, w.mentions(t, c)); diff != "" {
		t.Errorf("it mentions others:\n%s", diff)
	}
	firstBody, since := c.Body, c.CreatedAt
	edited := must[needle.Comment](t)(w.planner.EditComment(w.ctx, needle.EditCommentInput{ID: c.ID, Body: mentioning(other, w.user)}))
	again := must[needle.Comment](t)(w.planner.EditComment(w.ctx, needle.EditCommentInput{ID: c.ID, Body: "Never mind", ExpectedVersion: ptr(2)}))
	found, err := w.scope.CommentEdits(t.Context(), []needle.CommentID{c.ID})
	if err != nil {
		t.Fatal(err)
	}
	want := []*needle.CommentEdit{
		{WorkspaceID: c.WorkspaceID, CommentID: c.ID, Version: 1, Body: firstBody, WrittenAt: since, RecordedAt: *edited.EditedAt},
		{WorkspaceID: c.WorkspaceID, CommentID: c.ID, Version: 2, Body: edited.Body, WrittenAt: *edited.EditedAt, RecordedAt: *again.EditedAt},
	}
	if diff := cmp.Diff(want, found[c.ID]); diff != "" {
		t.Errorf("its history is another:\n%s", diff)
	}
	if left := w.mentions(t, again); len(left) != 0 {
		t.Errorf("it mentions %v still", left)
	}
}

func TestDeleteComment(t *testing.T) {
	t.Parallel()
	type input = needle.DeleteCommentInput
	useCase[input, needle.Comment]{
		do: (*planning.Planner).DeleteComment, action: needle.ActComment, verb: needle.VerbDeleted, ready: authored[input]("comments"),
		valid: func(w *world) input { return input{ID: w.comment} },
		refused: []refusal[input]{
			{name: "a deleted one", arrange: deleteComment, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.comment }}},
	}.run(t, newHouse(t))
}

func TestDeleteComment_ofOthersIsForWhoRunsTheWorkspace(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	before := fingerprint(t, w)
	_, err := w.planner.DeleteComment(w.as(needle.RoleMember, needle.ScopeWriteOKR), needle.DeleteCommentInput{ID: w.comment})
	wantProblems(t, err, "FORBIDDEN input.id")
	after := fingerprint(t, w)
	delete(before, "users")
	delete(after, "users")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
	must[needle.Comment](t)(w.planner.DeleteComment(w.as(needle.RoleAdmin, needle.ScopeWriteOKR), needle.DeleteCommentInput{ID: w.comment}))
}

// TestDeleteComment_takesBackEveryWord looks for the words of a deleted comment wherever people can read.
func TestDeleteComment_takesBackEveryWord(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	const words = "unsayable"
	c := w.said(t, needle.AddCommentInput{SubjectID: w.objective.String(), Body: words + mentioning(w.user)})
	must[needle.Comment](t)(w.planner.EditComment(w.ctx, needle.EditCommentInput{ID: c.ID, Body: words + " twice"}))
	w.said(t, needle.AddCommentInput{SubjectID: w.objective.String(), ThreadID: &c.ID, Body: "Please"})
	gone := must[needle.Comment](t)(w.planner.DeleteComment(w.ctx, needle.DeleteCommentInput{ID: c.ID}))
	edits, err := w.scope.CommentEdits(t.Context(), []needle.CommentID{c.ID})
	if err != nil {
		t.Fatal(err)
	}
	if gone.Body != "" || len(edits[c.ID]) != 0 || len(w.mentions(t, gone)) != 0 {
		t.Errorf("left are %q, %s and %v", gone.Body, asJSON(t, edits), w.mentions(t, gone))
	}
	for _, a := range w.activities(t) {
		if strings.Contains(asJSON(t, a), words) {
			t.Errorf("the words are in the activity %s", asJSON(t, a))
		}
	}
	replies, err := w.scope.RepliesByThread(t.Context(), []needle.CommentID{c.ID}, store.CommentList{})
	if err != nil {
		t.Fatal(err)
	}
	if len(replies[0].Nodes) != 1 {
		t.Error("the thread cannot be read any more")
	}
}

func TestResolveThread(t *testing.T) {
	t.Parallel()
	type input = needle.ResolveThreadInput
	useCase[input, needle.Comment]{
		do: (*planning.Planner).ResolveThread, action: needle.ActComment, verb: needle.VerbMoved,
		valid: func(w *world) input { return input{ID: w.comment} },
		refused: []refusal[input]{
			{name: "a reply", change: func(w *world, in *input) { in.ID = w.reply }, want: []string{"INVALID input.id"}},
			{name: "a resolved one", arrange: resolve, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.comment }}},
	}.run(t, newHouse(t))
}

// resolve sees to it that the world's thread is resolved.
func resolve(w *world) {
	w.t.Helper()
	c, err := w.scope.Comment(w.t.Context(), w.comment)
	if err != nil {
		w.t.Fatal(err)
	}
	if c.Resolved() {
		return
	}
	must[needle.Comment](w.t)(w.planner.ResolveThread(w.ctx, needle.ResolveThreadInput{ID: w.comment}))
}

func TestReopenThread(t *testing.T) {
	t.Parallel()
	type input = needle.ReopenThreadInput
	useCase[input, needle.Comment]{
		do: (*planning.Planner).ReopenThread, action: needle.ActComment, verb: needle.VerbMoved,
		valid: func(w *world) input {
			resolve(w)
			return input{ID: w.comment}
		},
		refused: []refusal[input]{
			{name: "a reply", change: func(w *world, in *input) { in.ID = w.reply }, want: []string{"INVALID input.id"}},
			{
				name: "an open one",
				arrange: func(w *world) {
					must[needle.Comment](w.t)(w.planner.ReopenThread(w.ctx, needle.ReopenThreadInput{ID: w.comment}))
				},
				want: []string{"CONFLICT input.id"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.comment }}},
	}.run(t, newHouse(t))
}
