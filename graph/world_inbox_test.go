package graph

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/needle-okr/needle/internal/needle"
)

// seedInbox makes something of every kind wait for Ines, who is late with a check-in besides.
func (w *world) seedInbox() {
	ines, adam, vic := w.people["ines"], w.people["adam"], w.people["vic"]
	invoices := w.Objective(func(o *needle.Objective) {
		o.Title, o.TeamID, o.CycleID, o.CreatedBy = "Invoices need one click", w.teams["payments"].ID, w.cycles["2026 Q2"].ID, ines.ID
		o.State, o.CreatedAt, o.StateChangedAt = needle.ObjectiveProposed, ago(4), ago(4)
	})
	w.objectives["invoices"] = invoices
	w.name("obj", "invoices", invoices.ID)
	w.Invite(invoices, ines, adam, vic)
	w.name("sign", "invoices", w.SignOff(func(s *needle.SignOff) {
		s.ObjectiveID, s.UserID, s.Function, s.RecordedAt = invoices.ID, adam.ID, adam.Function, ago(2)
		s.Verdict, s.Reason = needle.SignOffRequestChanges, "It has no key result yet"
	}).ID)
	w.name("vote", "invoices", w.Vote(func(v *needle.Vote) {
		v.SubjectID, v.ObjectiveID, v.CreatedBy, v.CreatedAt = invoices.ID.String(), &invoices.ID, adam.ID, ago(3)
	}).ID)
	comment := w.Comment(func(c *needle.Comment) {
		c.SubjectID, c.ObjectiveID, c.CreatedBy, c.CreatedAt = invoices.ID.String(), &invoices.ID, vic.ID, ago(5)
		c.Body = "@ines, does this count credit notes?"
	})
	w.name("cmt", "credit-notes", comment.ID)
	w.Mention(comment, ines)
	w.name("sug", "policy", w.Suggestion(func(s *needle.Suggestion) {
		s.ObjectiveID, s.SubjectID, s.CreatedBy, s.CreatedAt = w.objectives["refunds"].ID, w.ids["kr:policy"], vic.ID, ago(6)
		s.Changes = []needle.SuggestedChange{{Field: needle.FieldTitle, From: "The refund policy is one page", To: "The refund policy is half a page"}}
	}).ID)
	w.name("prop", "clicks", w.Proposal(func(p *needle.Proposal) {
		p.ObjectiveID, p.Title, p.CreatedBy, p.CreatedAt = invoices.ID, "Clicks for an invoice", vic.ID, ago(7)
	}).ID)
	w.name("idea", "album", w.Idea(func(i *needle.Idea) {
		i.Title, i.PainPointID, i.CreatedBy, i.StateChangedAt = "An album of receipts", &w.pains["receipts"].ID, ines.ID, ago(8)
		i.State, i.DecidedBy, i.Reason = needle.IdeaParked, &adam.ID, "Search comes first"
	}).ID)
}

// seedInbox makes two things wait for the owner.
func (h *heap) seedInbox(other *needle.User) {
	c := h.Comment(func(c *needle.Comment) {
		h.stamp(&c.Stamp)
		c.CreatedBy = other.ID
	})
	h.Mention(c, h.Owner)
	h.Idea(func(i *needle.Idea) {
		i.State, i.Reason, i.DecidedBy, i.StateChangedAt = needle.IdeaParked, h.text(), &other.ID, h.moment()
	})
}

// seedInbox mentions a person in many comments.
func (w *crowd) seedInbox() {
	w.mentioned = w.User(func(u *needle.User) { u.Name = "Z" })
	for _, o := range w.objectives {
		w.Mention(w.Comment(func(c *needle.Comment) { c.SubjectID, c.ObjectiveID = o.ID.String(), &o.ID }), w.mentioned)
	}
}

// marks are the mutations that change nothing of the plan: what they write is what the caller has seen, and nobody
// else's business, or nothing at all, since they only ask a tracker.
var marks = []string{"markInboxRead", "markInboxUnread", "markAllInboxRead", "checkConnection", "availableSources"}

// checkMarked demands that a mark wrote what the caller has seen and nothing else, not even an activity.
func checkMarked(t *testing.T, name string, before, after map[string]string) {
	t.Helper()
	for _, rows := range []map[string]string{before, after} {
		delete(rows, "inbox_reads")
		delete(rows, "inbox_items") // The view that shows them.
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("%s wrote more than marks:\n%s", name, diff)
	}
}

// isMark reports whether an operation only marks what its caller has seen.
func isMark(op *gql.OperationDefinition) bool {
	field, ok := op.SelectionSet[0].(*gql.Field)
	return ok && slices.Contains(marks, field.Name)
}
