package graph

import "github.com/needle-okr/needle/internal/needle"

// seedBets tells what people say about bets: that a refund button makes refunds quick, and that sessions outlive deployments.
func (w *world) seedBets() {
	refundTime := w.keyResults["refund-time"].ID
	event := func(name, title string, kind needle.OutsideEventKind, from, to int, change func(*needle.OutsideEvent)) *needle.OutsideEvent {
		e := w.OutsideEvent(func(e *needle.OutsideEvent) {
			e.KeyResultID, e.Title, e.Kind, e.From, e.To, e.RecordedAt = refundTime, title, kind, ago(from), ago(to), ago(to)
			e.AuthorID = w.people["mia"].ID
			if change != nil {
				change(e)
			}
		})
		w.name("event", name, e.ID)
		return e
	}
	bank := event("bank", "The bank was down", needle.EventOutage, 10, 9, nil)
	event("bank-uptime", "The bank was down", needle.EventOutage, 10, 9, func(e *needle.OutsideEvent) {
		e.KeyResultID, e.OccurrenceID = w.keyResults["uptime"].ID, bank.OccurrenceID
	})
	wrong := event("sale", "A sale", needle.EventCampaign, 30, 28, nil)
	w.name("event", "longer-sale", w.CorrectEvent(wrong, ago(20), func(e *needle.OutsideEvent) { e.To = ago(26) }).ID)
	event("rumour", "A rumour", needle.EventOther, 15, 15, func(e *needle.OutsideEvent) {
		e.RemovedAt, e.RemovedBy = ptr(ago(14)), &w.people["adam"].ID
	})
	button, session := w.link("button"), w.link("session")
	w.name("exp", "button", w.Experiment(func(x *needle.Experiment) {
		x.ContributionID, x.Source, x.Estimate, x.Low, x.High, x.Confidence = button, "https://experiments.example/41", -1.2, -2, -0.4, ptr(0.95)
		x.AuthorID, x.RecordedAt = w.people["mia"].ID, ago(5)
	}).ID)
	w.name("exp", "first-try", w.Experiment(func(x *needle.Experiment) {
		x.ContributionID, x.Source, x.Estimate, x.Low, x.High = button, "Ten shops, by hand", -3, -9, 3
		x.RecordedAt, x.RemovedAt, x.RemovedBy = ago(12), ptr(ago(6)), &w.people["mia"].ID
	}).ID)
	w.name("disp", "vic", w.Dispute(func(d *needle.VerdictDispute) {
		d.ContributionID, d.AuthorID, d.Reason, d.RecordedAt = session, w.people["vic"].ID, "Customers say it is the bank", ago(4)
	}).ID)
	w.name("disp", "adam", w.Dispute(func(d *needle.VerdictDispute) {
		d.ContributionID, d.AuthorID, d.RecordedAt, d.WithdrawnAt = session, w.people["adam"].ID, ago(4), ptr(ago(3))
	}).ID)
}

// link is the contribution of a name.
func (w *world) link(name string) needle.ContributionID {
	id, err := needle.ParseContributionID(w.ids["ctr:"+name])
	if err != nil {
		panic(err) // The world has filed it.
	}
	return id
}

// seedBets lets fifty people speak of the first bet, and one of each other one. Every event corrects another.
func (w *crowd) seedBets() {
	for i := range crowdSize {
		for _, k := range []*needle.KeyResult{w.keyResults[i], w.keyResults[0]} {
			w.CorrectEvent(w.OutsideEvent(func(e *needle.OutsideEvent) { e.KeyResultID, e.From, e.To = k.ID, ago(i), ago(i) }), ago(0))
		}
	}
	for i, id := range w.ids["Contribution"] {
		link, err := needle.ParseContributionID(id)
		if err != nil {
			w.t.Fatal(err)
		}
		people := w.users[:1]
		if i == 0 {
			people = w.users
		}
		for _, u := range people {
			w.Experiment(func(x *needle.Experiment) {
				x.ContributionID, x.AuthorID, x.Source = link, u.ID, "A "+u.Name
			})
			w.Dispute(func(d *needle.VerdictDispute) { d.ContributionID, d.AuthorID = link, u.ID })
		}
	}
}

// seedBets makes somebody more speak of a bet, and take back something else that they said.
func (h *heap) seedBets(k *needle.KeyResult, c *needle.Contribution) {
	u := h.User()
	for _, removed := range []bool{false, true} {
		at := h.moment()
		gone, by := &at, &u.ID
		if !removed {
			gone, by = nil, nil
		}
		h.OutsideEvent(func(e *needle.OutsideEvent) {
			e.KeyResultID, e.Kind, e.Title, e.RecordedAt, e.RemovedAt, e.RemovedBy = k.ID, pick(h, needle.EventOutage, needle.EventSeason), h.text(), at, gone, by
			e.From = h.moment()
			e.To = pick(h, e.From, at)
			if e.To.Before(e.From) {
				e.To = e.From
			}
		})
		h.Experiment(func(x *needle.Experiment) {
			x.ContributionID, x.Source, x.RecordedAt, x.RemovedAt, x.RemovedBy = c.ID, h.text(), at, gone, by
		})
		h.Dispute(func(d *needle.VerdictDispute) {
			d.ContributionID, d.AuthorID, d.RecordedAt, d.WithdrawnAt = c.ID, u.ID, at, gone
			d.Verdict = pick(h, needle.VerdictInside, needle.VerdictUntestable)
		})
	}
}
