package planning_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// talk names what people say about a world's objective and its key result.
type talk struct {
	// comment opened a thread about the objective, reply is in it.
	comment, reply needle.CommentID
	// suggestion is of the objective's title.
	suggestion needle.SuggestionID
	proposal   needle.ProposalID
}

func noTalk() talk {
	return talk{comment: needle.NewCommentID(), reply: needle.NewCommentID(), suggestion: needle.NewSuggestionID(), proposal: needle.NewProposalID()}
}

// talking makes the owner of the world say, suggest and propose something.
func (w *world) talking() talk {
	w.t.Helper()
	about := func(c *needle.Comment) { c.SubjectID, c.ObjectiveID = w.objective.String(), &w.objective }
	c := w.f.Comment(about)
	reply := w.f.Comment(about, func(r *needle.Comment) { r.ThreadID = c.ID })
	o, err := w.scope.Objective(w.t.Context(), w.objective)
	if err != nil {
		w.t.Fatal(err)
	}
	s := w.f.Suggestion(func(s *needle.Suggestion) {
		s.ObjectiveID, s.SubjectID = o.ID, o.ID.String()
		s.Changes = []needle.SuggestedChange{{Field: needle.FieldTitle, From: o.Title, To: "A better title"}}
	})
	p := w.f.Proposal(func(p *needle.Proposal) { p.ObjectiveID = o.ID })
	return talk{comment: c.ID, reply: reply.ID, suggestion: s.ID, proposal: p.ID}
}

// authored makes a person the author of rows of a table.
func authored[I any](table string) func(*world, needle.Viewer, I) {
	return func(w *world, who needle.Viewer, _ I) {
		w.t.Helper()
		_, err := w.house.store.DB().ExecContext(w.t.Context(), "UPDATE "+table+" SET created_by = ? WHERE workspace_id = ?", who.UserID, w.scope.WorkspaceID())
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func mentioning(people ...needle.UserID) string {
	links := make([]string, len(people))
	for i, id := range people {
		links[i] = fmt.Sprintf("[@Person %d](%s)", i, id)
	}
	return "Look, " + strings.Join(links, ", ")
}

func (w *world) mentions(t *testing.T, c *needle.Comment) []needle.UserID {
	t.Helper()
	found, err := w.scope.MentionsByComment(t.Context(), []needle.CommentID{c.ID})
	if err != nil {
		t.Fatal(err)
	}
	var ids []needle.UserID
	for _, u := range found[c.ID] {
		ids = append(ids, u.ID)
	}
	return ids
}

// said says something as the owner.
func (w *world) said(t *testing.T, in needle.AddCommentInput) *needle.Comment {
	t.Helper()
	return must[needle.Comment](t)(w.planner.AddComment(w.ctx, in))
}

// people returns ids that nobody has.
func people(n int) []needle.UserID {
	ids := make([]needle.UserID, n)
	for i := range ids {
		ids[i] = needle.NewUserID()
	}
	return ids
}

// TestComments_editedAtOnceKeepEveryWord edits a comment, replies to it and settles its thread at one moment. Whatever was
// said is there, in the order in which it was said.
func TestComments_editedAtOnceKeepEveryWord(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	const each = 6
	do := []func(i int) error{
		func(i int) error {
			_, err := w.planner.EditComment(w.ctx, needle.EditCommentInput{ID: w.comment, Body: fmt.Sprint("Edit ", i)})
			return err
		},
		func(i int) error {
			_, err := w.planner.AddComment(w.ctx, needle.AddCommentInput{
				SubjectID: w.objective.String(), ThreadID: &w.reply, Body: mentioning(w.user) + strconv.Itoa(i),
			})
			return err
		},
		func(int) error {
			_, err := w.planner.ResolveThread(w.ctx, needle.ResolveThreadInput{ID: w.comment})
			if problems(err) != nil && problems(err)[0] == "CONFLICT input.id" {
				return nil // It was resolved at that moment.
			}
			return err
		},
	}
	errs := atOnce(each*len(do), func(i int) error { return do[i%len(do)](i) })
	wantOutcomes(t, errs, map[string]int{"": len(errs)})
	c, err := w.scope.Comment(t.Context(), w.comment)
	if err != nil {
		t.Fatal(err)
	}
	found, err := w.scope.CommentEdits(t.Context(), []needle.CommentID{w.comment})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{c.Body: true}
	for i, e := range found[w.comment] {
		said[e.Body] = true
		if i > 0 && !found[w.comment][i-1].RecordedAt.Equal(e.WrittenAt) {
			t.Errorf("edit %d does not begin where the one before ends", i)
		}
	}
	if len(said) != each+1 {
		t.Errorf("%d bodies are known, want %d", len(said), each+1)
	}
	replies, err := w.scope.RepliesByThread(t.Context(), []needle.CommentID{w.comment}, store.CommentList{})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(replies[0].Nodes); got != each+1 {
		t.Errorf("there are %d replies, want %d", got, each+1)
	}
}
