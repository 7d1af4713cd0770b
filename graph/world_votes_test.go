package graph

import (
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// seedIdeas raises ideas in every state.
func (w *world) seedIdeas() {
	idea := func(name, title, by string, days int, change func(*needle.Idea)) {
		w.ideas[name] = w.Idea(func(i *needle.Idea) {
			i.Title, i.CreatedBy, i.CreatedAt, i.UpdatedAt, i.StateChangedAt = title, w.people[by].ID, ago(days), ago(days), ago(days)
			change(i)
		})
		w.name("idea", name, w.ideas[name].ID)
	}
	decided := func(i *needle.Idea, to needle.IdeaState, by string) {
		i.State, i.DecidedBy, i.StateChangedAt, i.UpdatedAt, i.Version = to, &w.people[by].ID, ago(1), ago(1), 2
	}
	idea("mail", "Send every receipt by mail again", "vic", 9, func(i *needle.Idea) {
		i.PainPointID, i.Description = &w.pains["receipts"].ID, "On one click"
	})
	idea("instant", "Pay back before the parcel is here", "mia", 8, func(i *needle.Idea) {
		i.KeyResultID = &w.keyResults["refund-time"].ID
		decided(i, needle.IdeaExploring, "adam")
	})
	idea("button", "Let people press a button", "vic", 52, func(i *needle.Idea) {
		i.PainPointID, i.ItemID = &w.pains["refunds"].ID, &w.items["button"].ID
		decided(i, needle.IdeaPromoted, "mia")
	})
	idea("phone", "Call everybody back", "vic", 20, func(i *needle.Idea) {
		i.PainPointID, i.Reason = &w.pains["refunds"].ID, "We are three people"
		decided(i, needle.IdeaParked, "adam")
	})
}

// secretOf is the reason of a person's ballots in hidden votes that are open.
func secretOf(person string) string { return "Nobody but " + person + " reads this" }

// seedVotes holds votes of every kind: closed, hidden and open, and open for all to see.
func (w *world) seedVotes() {
	vote := func(name, subject string, days int, change func(*needle.Vote)) *needle.Vote {
		v := w.Vote(func(v *needle.Vote) {
			v.SubjectID, v.CreatedBy, v.CreatedAt, v.UpdatedAt = w.ids[subject], w.people["mia"].ID, ago(days), ago(days)
			change(v)
		})
		w.name("vote", name, v.ID)
		return v
	}
	ballot := func(v *needle.Vote, name, by string, value int, reason string) {
		w.name("ballot", name+"-"+by, w.Ballot(v, w.people[by], value, func(b *needle.Ballot) {
			b.Reason, b.CreatedAt, b.UpdatedAt = reason, v.CreatedAt, v.CreatedAt
		}).ID)
	}
	first := vote("refunds", "obj:refunds", 58, func(v *needle.Vote) {
		v.ObjectiveID, v.State, v.ClosedAt, v.ClosedBy = &w.objectives["refunds"].ID, needle.VoteClosed, ptr(ago(55)), &w.people["adam"].ID
		v.UpdatedAt, v.Version = ago(55), 2
	})
	ballot(first, "refunds", "adam", 2, "The bank decides, not we")
	ballot(first, "refunds", "mia", 5, "")
	ballot(first, "refunds", "vic", 5, "It is what people call about")
	ballot(first, "refunds", "olive", 4, "")
	vote("refunds-again", "obj:refunds", 50, func(v *needle.Vote) {
		v.ObjectiveID, v.State, v.ClosedAt, v.ClosedBy = &w.objectives["refunds"].ID, needle.VoteClosed, ptr(ago(50)), &w.people["mia"].ID
		v.Question, v.Version = "And with the new target?", 2
	})
	hidden := vote("receipts", "obj:receipts", 4, func(v *needle.Vote) { v.ObjectiveID = &w.objectives["receipts"].ID })
	ballot(hidden, "receipts", "adam", 2, secretOf("adam"))
	ballot(hidden, "receipts", "mia", 4, secretOf("mia"))
	shown := vote("found", "kr:found", 3, func(v *needle.Vote) {
		v.ObjectiveID, v.Hidden, v.Question = &w.objectives["receipts"].ID, false, "Is this the right number?"
	})
	ballot(shown, "found", "mia", 3, "One try is a lot to ask")
	ballot(vote("mail", "idea:mail", 2, func(*needle.Vote) {}), "mail", "vic", 5, secretOf("vic"))
}

// closedBy is how a vote looks that the owner closed.
func closedBy(owner needle.UserID) func(*needle.Vote) {
	return func(v *needle.Vote) {
		v.State, v.ClosedAt, v.ClosedBy = needle.VoteClosed, ptr(storetest.Now()), &owner
	}
}

// seedVotes holds votes about everything of which there are votes, and ideas; those about objectives and for pain points
// are the newest, since a list of the root starts with them.
func (w *crowd) seedVotes() {
	vote := func(days int, subject fmt.Stringer) *needle.Vote {
		return w.Vote(closedBy(w.Owner.ID), func(v *needle.Vote) {
			v.SubjectID, v.ObjectiveID, v.CreatedAt = subject.String(), &w.objectives[0].ID, ago(days)
		})
	}
	idea := func(days int, change func(*needle.Idea)) *needle.Idea {
		return w.Idea(change, func(i *needle.Idea) { i.CreatedAt, i.DecidedBy = ago(days), &w.users[0].ID })
	}
	for i := range crowdSize {
		v := vote(0, w.objectives[0].ID)
		w.file("Vote", v.ID)
		w.Ballot(v, w.users[0], 3)
		vote(0, w.objectives[i].ID)
		vote(1, w.keyResults[0].ID)
		vote(1, w.keyResults[i].ID)
		own := idea(0, func(n *needle.Idea) { n.PainPointID = &w.pains[i].ID })
		w.ideas = append(w.ideas, own)
		w.file("Idea", own.ID)
		vote(1, own.ID)
		vote(1, w.ideas[0].ID)
		idea(1, func(n *needle.Idea) { n.PainPointID = &w.pains[0].ID })
		idea(1, func(n *needle.Idea) { n.KeyResultID = &w.keyResults[0].ID })
		idea(1, func(n *needle.Idea) { n.KeyResultID = &w.keyResults[i].ID })
	}
	first, err := needle.ParseVoteID(w.ids["Vote"][0])
	if err != nil {
		w.t.Fatal(err)
	}
	for _, u := range w.users[1:] {
		w.Ballot(&needle.Vote{ID: first}, u, 4)
	}
}

// seedVotes holds votes that are hard to keep apart, and ideas, below the parents of the heap.
func (h *heap) seedVotes(parent *needle.Vote, subjects ...fmt.Stringer) {
	h.Ballot(parent, h.User(), 1+h.random.IntN(3), func(b *needle.Ballot) {
		h.stamp(&b.Stamp)
		b.Function = pick(h, needle.FunctionLeader, needle.FunctionTeam)
	})
	for _, subject := range subjects {
		h.Vote(closedBy(h.Owner.ID), func(v *needle.Vote) {
			h.stamp(&v.Stamp)
			v.SubjectID, v.Hidden, v.ClosedAt = subject.String(), pick(h, true, false), ptr(h.moment())
		})
	}
}

func (h *heap) seedIdeas(pain *needle.PainPoint, keyResult *needle.KeyResult) {
	for _, change := range []func(*needle.Idea){
		func(i *needle.Idea) { i.PainPointID = &pain.ID },
		func(i *needle.Idea) { i.KeyResultID = &keyResult.ID },
	} {
		h.Idea(change, func(i *needle.Idea) {
			h.stamp(&i.Stamp)
			i.Title, i.Description, i.State = h.text(), h.text(), pick(h, needle.IdeaOpen, needle.IdeaExploring)
		})
	}
}
