package graph

import (
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
)

// seedTalk lets the crowd talk: below the first of each noun there are fifty threads, proposals and suggestions, below
// each other one.
func (w *crowd) seedTalk() {
	// What is suggested for key results concerns an objective nobody asks for: the subjects below one are of one noun.
	aside := w.objective(0, nil)
	for i := range crowdSize {
		o, k := w.objectives[i], w.keyResults[i]
		p := w.Proposal(func(p *needle.Proposal) { p.ObjectiveID, p.KeyResultID = w.objectives[0].ID, nil })
		w.file("Proposal", p.ID)
		w.Proposal(func(p *needle.Proposal) { p.ObjectiveID = o.ID })
		s := w.suggestion(w.objectives[0].ID, w.objectives[0].ID)
		w.file("Suggestion", s.ID)
		w.suggestion(o.ID, o.ID)
		w.suggestion(aside.ID, w.keyResults[0].ID)
		w.suggestion(aside.ID, k.ID)
		for _, noun := range []string{"Objective", "KeyResult", "PainPoint", "BacklogItem", "Proposal", "Suggestion", "Idea"} {
			w.thread(w.ids[noun][0])
			w.thread(w.ids[noun][i])
		}
		w.file("Comment", w.thread(w.ids["Objective"][0]).ID)
	}
	for i := range crowdSize {
		for _, thread := range []string{w.ids["Comment"][0], w.ids["Comment"][i]} {
			id, err := needle.ParseCommentID(thread)
			if err != nil {
				w.t.Fatal(err)
			}
			w.Comment(func(c *needle.Comment) { c.SubjectID, c.ThreadID = w.ids["Objective"][0], id })
		}
	}
}

func (w *crowd) suggestion(objective needle.ObjectiveID, subject fmt.Stringer) *needle.Suggestion {
	return w.Suggestion(func(s *needle.Suggestion) {
		s.ObjectiveID, s.SubjectID = objective, subject.String()
		s.Changes = []needle.SuggestedChange{{Field: needle.FieldTitle, From: "One", To: "Another"}}
	})
}

// thread opens one about a subject that mentions somebody and was edited.
func (w *crowd) thread(subject string) *needle.Comment {
	c := w.Comment(func(c *needle.Comment) { c.SubjectID = subject })
	w.Mention(c, w.users[0], w.users[1])
	w.CommentEdit(c, "Before", ago(1))
	return c
}

// seedTalk adds a thread below each parent, a reply, an offer of each kind.
func (h *heap) seedTalk() {
	user, _ := needle.ParseUserID(h.parents["User"])
	author := func(c *needle.UserID) { *c = pick(h, h.Owner.ID, user) }
	for _, noun := range []string{"Objective", "KeyResult", "PainPoint", "BacklogItem", "Proposal", "Suggestion", "Idea"} {
		h.Comment(func(c *needle.Comment) {
			h.stamp(&c.Stamp)
			author(&c.CreatedBy)
			c.SubjectID = h.parents[noun]
			if h.random.IntN(2) == 0 {
				c.ResolvedAt, c.ResolvedBy = ptr(h.moment()), &h.Owner.ID
			}
		})
	}
	h.Comment(func(c *needle.Comment) {
		h.stamp(&c.Stamp)
		author(&c.CreatedBy)
		c.ThreadID, _ = needle.ParseCommentID(h.parents["Comment"])
	})
	settled := func(o *needle.Offer) {
		author(&o.CreatedBy)
		if h.random.IntN(2) == 0 {
			o.State, o.DecidedBy, o.DecidedAt = needle.OfferDeclined, &h.Owner.ID, ptr(h.moment())
		}
	}
	h.Proposal(func(p *needle.Proposal) {
		h.stamp(&p.Stamp)
		settled(&p.Offer)
	})
	h.Suggestion(func(s *needle.Suggestion) {
		h.stamp(&s.Stamp)
		settled(&s.Offer)
		s.ObjectiveID, _ = needle.ParseObjectiveID(h.parents["Objective"])
		s.SubjectID = h.parents["KeyResult"]
		s.Changes = []needle.SuggestedChange{{Field: needle.FieldUnit, From: h.text(), To: h.text()}}
	})
}
