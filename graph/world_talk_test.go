package graph

import (
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// seedTalk lets people talk about the refunds: threads, what they suggest and what they propose.
func (w *world) seedTalk() {
	w.seedProposals()
	w.seedSuggestions()
	w.seedComments()
}

// settled is an offer that somebody decided on.
func (w *world) settled(by string, to needle.OfferState, decidedBy, reason string) needle.Offer {
	at := ago(15)
	return needle.Offer{State: to, Reason: reason, CreatedBy: w.people[by].ID, DecidedBy: &w.people[decidedBy].ID, DecidedAt: &at}
}

func (w *world) seedProposals() {
	proposal := func(name, title string, change func(*needle.Proposal)) {
		w.name("prop", name, w.Proposal(func(p *needle.Proposal) {
			p.Title, p.ObjectiveID, p.CreatedAt, p.CreatedBy = title, w.objectives["refunds"].ID, ago(25), w.people["vic"].ID
			change(p)
		}).ID)
	}
	proposal("calls", "Calls about a refund", func(p *needle.Proposal) {
		p.Direction, p.Unit, p.Wording = needle.DirectionDecrease, "calls/week", "halve them"
		p.Goal, p.Rationale = needle.Goal{Baseline: ptr(80.0), Target: ptr(40.0)}, "Who waits calls us"
	})
	proposal("tickets", "Refund tickets closed", func(p *needle.Proposal) {
		p.Offer = w.settled("mia", needle.OfferDeclined, "adam", "It counts our work, not the customers' wait")
	})
	proposal("policy", "The refund policy is one page", func(p *needle.Proposal) {
		p.Kind, p.Indicator, p.Unit, p.Goal = needle.KindMilestone, needle.IndicatorLeading, "", needle.Goal{Baseline: ptr(0.0), Target: ptr(1.0)}
		p.Offer, p.KeyResultID = w.settled("vic", needle.OfferAccepted, "mia", ""), &w.keyResults["policy"].ID
	})
	proposal("ledger", "Books that agree", func(p *needle.Proposal) { p.ObjectiveID = w.objectives["migration"].ID })
}

func (w *world) seedSuggestions() {
	suggestion := func(name string, days int, about string, objective string, changes []needle.SuggestedChange, change func(*needle.Suggestion)) {
		w.name("sug", name, w.Suggestion(func(s *needle.Suggestion) {
			s.SubjectID, s.ObjectiveID, s.Changes = w.ids[about], w.objectives[objective].ID, changes
			s.CreatedAt, s.CreatedBy = ago(days), w.people["vic"].ID
			if change != nil {
				change(s)
			}
		}).ID)
	}
	suggestion("title", 18, "obj:refunds", "refunds", []needle.SuggestedChange{
		{Field: needle.FieldTitle, From: "Refunds are quick", To: "Refunds are back within a week"},
		{Field: needle.FieldDescription, From: "From the click to the money", To: "From the customer's click to the customer's money"},
	}, func(s *needle.Suggestion) { s.Rationale = "Quick means nothing to a customer who waits" })
	suggestion("target", 17, "kr:refund-time", "refunds", []needle.SuggestedChange{
		{Field: needle.FieldWording, From: "five times as fast", To: "within five days"},
		{Field: needle.FieldTarget, From: "4", To: "5"},
	}, func(s *needle.Suggestion) { s.Rationale = "The bank alone takes three" })
	suggestion("overtaken", 16, "kr:refund-time", "refunds", []needle.SuggestedChange{
		{Field: needle.FieldTarget, From: "3", To: "2.5"},
	}, nil)
	suggestion("short", 15, "obj:refunds", "refunds", []needle.SuggestedChange{
		{Field: needle.FieldTitle, From: "Refunds are quick", To: "Quick refunds"},
	}, func(s *needle.Suggestion) {
		s.Offer = w.settled("mia", needle.OfferDeclined, "olive", "It is a wanted state, not a headline")
	})
	suggestion("ledger", 100, "obj:migration", "migration", []needle.SuggestedChange{
		{Field: needle.FieldTitle, From: "One ledger", To: "One ledger for all"},
	}, nil)
}

func (w *world) seedComments() {
	comment := func(name, about, by, body string, days int, change func(*needle.Comment)) *needle.Comment {
		c := w.Comment(func(c *needle.Comment) {
			c.SubjectID, c.Body, c.CreatedBy, c.CreatedAt = w.ids[about], body, w.people[by].ID, ago(days)
			c.UpdatedAt = c.CreatedAt
			if change != nil {
				change(c)
			}
			for _, at := range []*time.Time{c.EditedAt, c.DeletedAt, c.ResolvedAt} {
				if at != nil {
					c.UpdatedAt = *at
				}
			}
		})
		w.name("cmt", name, c.ID)
		return c
	}
	of := func(objective string) func(*needle.Comment) {
		return func(c *needle.Comment) { c.ObjectiveID = &w.objectives[objective].ID }
	}
	reply := func(to *needle.Comment) func(*needle.Comment) {
		return func(c *needle.Comment) { c.ThreadID, c.ObjectiveID = to.ID, to.ObjectiveID }
	}
	bank := comment("bank", "obj:refunds", "mia", "[@Adam]("+w.ids["usr:adam"]+"), does the bank count as ours?", 12, func(c *needle.Comment) {
		of("refunds")(c)
		c.EditedAt, c.Version = ptr(ago(11)), 2
	})
	w.Mention(bank, w.people["adam"])
	w.CommentEdit(&needle.Comment{ID: bank.ID, Stamp: needle.Stamp{Version: 1, CreatedAt: bank.CreatedAt}}, "Does the bank count?", ago(11))
	comment("bank-yes", "obj:refunds", "adam", "It does: the customer waits for both.", 11, reply(bank))
	comment("bank-gone", "obj:refunds", "vic", "", 10, func(c *needle.Comment) {
		reply(bank)(c)
		c.DeletedAt, c.Version = ptr(ago(9)), 2
	})
	done := comment("words", "obj:refunds", "vic", "What is *quick*?", 11, func(c *needle.Comment) {
		of("refunds")(c)
		c.ResolvedAt, c.ResolvedBy, c.Version = ptr(ago(8)), &w.people["mia"].ID, 2
	})
	comment("words-less", "obj:refunds", "mia", "Less than a week.", 9, reply(done))
	comment("measured", "kr:refund-time", "vic", "Measured from which day?", 7, of("refunds"))
	comment("calls", "prop:calls", "adam", "Who counts the calls?", 6, of("refunds"))
	comment("title", "sug:title", "mia", "A week is a promise.", 5, of("refunds"))
	comment("pain", "pain:refunds", "vic", "Two more today.", 4, nil)
	idea := w.ideas["button"]
	comment("idea", "pain:refunds", "vic", "Customers look for a button.", 45, func(c *needle.Comment) { c.SubjectID = idea.ID.String() })
	comment("item", "item:button", "mia", "It is live.", 3, nil)
}
