package graph

import "github.com/needle-okr/needle/internal/needle"

// seedSigning tells how the objectives of the shop were written: "trust" by many, "migration" by one.
func (w *world) seedSigning() {
	trust, migration := w.objectives["trust"], w.objectives["migration"]
	w.people["sue"] = w.User(func(u *needle.User) {
		u.Name, u.Role, u.Email, u.Function = "Sue Stakeholder", needle.RoleViewer, "sue@example.com", needle.FunctionStakeholder
	})
	w.name("usr", "sue", w.people["sue"].ID)
	w.Invite(trust, w.people["mia"], w.people["adam"], w.people["sue"], w.people["vic"])
	w.Stood(trust, needle.ObjectiveAgreed, ago(40))
	w.Stood(trust, needle.ObjectiveProposed, ago(43))
	w.Stood(trust, needle.ObjectiveDraft, ago(50))
	w.Proposal(func(p *needle.Proposal) {
		p.ObjectiveID, p.Title, p.CreatedBy, p.CreatedAt = trust.ID, "Complaints about money", w.people["vic"].ID, ago(46)
	})
	w.Suggestion(func(s *needle.Suggestion) {
		s.ObjectiveID, s.SubjectID, s.CreatedBy, s.CreatedAt = trust.ID, trust.ID.String(), w.people["adam"].ID, ago(45)
		s.Changes = []needle.SuggestedChange{{Field: needle.FieldTitle, From: trust.Title, To: "Customers trust us"}}
	})
	said := func(body, by string, days int, change func(*needle.Comment)) {
		w.Comment(func(c *needle.Comment) {
			c.ObjectiveID, c.SubjectID, c.Body, c.CreatedBy, c.CreatedAt = &trust.ID, trust.ID.String(), body, w.people[by].ID, ago(days)
			if change != nil {
				change(c)
			}
		})
	}
	said("Which customers?", "sue", 44, nil)
	said("All who pay", "mia", 44, nil)
	said("", "sue", 42, func(c *needle.Comment) { c.DeletedAt = ptr(ago(41)) })
	vote := w.Vote(func(v *needle.Vote) {
		v.ObjectiveID, v.SubjectID, v.CreatedBy, v.CreatedAt = &trust.ID, trust.ID.String(), w.people["mia"].ID, ago(44)
		v.State, v.ClosedAt, v.ClosedBy = needle.VoteClosed, ptr(ago(43)), &w.people["mia"].ID
	})
	w.Ballot(vote, w.people["vic"], 4)
	w.Ballot(vote, w.people["mia"], 5)
	signed := func(name, by string, days int, change func(*needle.SignOff)) {
		w.name("sign", name, w.SignOff(func(s *needle.SignOff) {
			u := w.people[by]
			s.ObjectiveID, s.UserID, s.Function, s.RecordedAt = trust.ID, u.ID, u.Function, ago(days)
			if change != nil {
				change(s)
			}
		}).ID)
	}
	signed("asked", "sue", 42, func(s *needle.SignOff) {
		s.Verdict, s.Reason = needle.SignOffRequestChanges, "Nobody is named who is angry"
	})
	signed("team", "mia", 42, nil)
	signed("leader", "adam", 41, nil)
	signed("stakeholder", "sue", 40, func(s *needle.SignOff) { s.Reason = "Complaints say it" })
	w.wrote(trust, "mia", needle.VerbCreated, 50)
	w.wrote(trust, "mia", needle.VerbUpdated, 44)
	w.wrote(migration, "mia", needle.VerbCreated, 120)
}

// wrote records that a person wrote something of an objective.
func (w *world) wrote(o *needle.Objective, by string, verb needle.Verb, days int) {
	w.Activity(func(a *needle.Activity) {
		a.Verb, a.SubjectID, a.ActorID, a.RecordedAt = verb, o.ID.String(), &w.people[by].ID, ago(days)
		a.TeamID, a.ObjectiveID = &o.TeamID, &o.ID
	})
}

// seedSigning makes fifty people take part in the first objective and sign it, and one in each other; all wait for the
// owner, who wants changes.
func (w *crowd) seedSigning() {
	for i, o := range w.objectives {
		people := w.users[i : i+1]
		if i == 0 {
			people = w.users
		}
		w.Invite(o, people...)
		for _, u := range people {
			w.file("SignOff", w.SignOff(func(s *needle.SignOff) { s.ObjectiveID, s.UserID, s.Function = o.ID, u.ID, u.Function }).ID)
		}
		w.Participant(func(p *needle.Participant) { p.ObjectiveID, p.MustSign = o.ID, true })
		w.SignOff(func(s *needle.SignOff) {
			s.ObjectiveID, s.Verdict, s.Reason = o.ID, needle.SignOffRequestChanges, "Not yet"
		})
	}
}

// seedSigning makes one person more take part in the objective and sign it.
func (h *heap) seedSigning(o *needle.Objective) {
	u := h.User(func(u *needle.User) { u.Function = pick(h, needle.FunctionLeader, needle.FunctionTeam) })
	h.Participant(func(p *needle.Participant) {
		p.ObjectiveID, p.UserID, p.Function, p.InvitedAt, p.MustSign = o.ID, u.ID, u.Function, h.moment(), pick(h, true, false)
	})
	h.SignOff(func(s *needle.SignOff) {
		s.ObjectiveID, s.UserID, s.Function, s.RecordedAt, s.Revision = o.ID, u.ID, u.Function, h.moment(), 1+h.random.IntN(2)
	})
}
