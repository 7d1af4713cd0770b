package graph

import (
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
)

// seedRelief adds a pain that work was delivered for long enough ago to look whether it is gone, a duplicate of it, and a
// heavy one that nobody has taken up.
func (w *world) seedRelief() {
	pain := func(name, title string, days int, change func(*needle.PainPoint)) *needle.PainPoint {
		w.pains[name] = w.PainPoint(func(p *needle.PainPoint) {
			p.Title, p.CreatedAt = title, ago(days)
			change(p)
		})
		w.name("pain", name, w.pains[name].ID)
		return w.pains[name]
	}
	login := pain("login", "Shoppers are logged out in the middle", 150, func(p *needle.PainPoint) { p.Severity, p.Status = 4, needle.PainTargeted })
	again := pain("login-again", "The login forgets me", 100, func(p *needle.PainPoint) { p.MergedIntoID = &login.ID })
	prices := pain("prices", "Prices change between basket and bill", 30, func(p *needle.PainPoint) { p.Severity = 5 })
	w.Merge(func(m *needle.PainMerge) { m.FromID, m.IntoID, m.RecordedAt = again.ID, login.ID, ago(100) })
	report := func(p *needle.PainPoint, who, segment string, days int) {
		w.Report(func(r *needle.PainReport) {
			r.PainPointID, r.Reporter, r.Segment, r.ReportedAt, r.CreatedAt = p.ID, who, segment, ago(days), ago(days)
		})
	}
	for i := range 9 {
		report(login, fmt.Sprintf("Shop %d", i+1), "", 84-4*i)
	}
	report(again, "SHOP 1", "enterprise", 60)
	report(login, "Shop 2", "", 20)
	report(again, "Shop 7", "", 10)
	for i, who := range []string{"Initech", "Hooli", "Umbrella"} {
		w.Evidence(func(e *needle.Evidence) {
			e.PainPointID, e.Body, e.Customer, e.Segment = prices.ID, "The bill is higher than the basket", who, "enterprise"
			e.ObservedAt, e.CreatedAt = ago(28-i), ago(28-i)
		})
	}
	w.keyResults["ledgers"] = w.KeyResult(func(k *needle.KeyResult) {
		k.Title, k.ObjectiveID, k.LagMinDays, k.LagMaxDays = "Sessions that end early", w.objectives["migration"].ID, 7, 14
		k.Direction, k.Goal, k.CreatedAt = needle.DirectionDecrease, needle.Goal{Baseline: ptr(12.0), Target: ptr(1.0)}, ago(120)
	})
	w.name("kr", "ledgers", w.keyResults["ledgers"].ID)
	w.Address(w.objectives["migration"], login)
	session := w.Item(func(b *needle.BacklogItem) {
		b.Title, b.TeamID, b.CreatedAt, b.Effort = "Sessions outlive a deployment", w.teams["payments"].ID, ago(110), ptr(3.0)
	})
	w.name("item", "session", session.ID)
	w.MoveItem(session, needle.StatusDone, ago(50))
	w.name("ctr", "session", w.Contribution(func(c *needle.Contribution) {
		c.ItemID, c.KeyResultID, c.ValidFrom, c.CreatedAt = session.ID, w.keyResults["ledgers"].ID, ago(105), ago(105)
	}).ID)
	w.name("chk", "login", w.ReliefCheck(func(c *needle.ReliefCheck) {
		c.PainPointID, c.Relieved, c.CheckedAt, c.Note = login.ID, false, ago(7), "Too few weeks to tell"
		c.Before = needle.ReliefSpan{From: ago(86), To: ago(50), Reports: 10}
		c.After = needle.ReliefSpan{From: ago(36), To: ago(7), Reports: 2}
		c.ExposureUnit = ""
	}).ID)
	w.name("ans", "shop-1", w.ReliefAnswer(func(a *needle.ReliefAnswer) {
		a.PainPointID, a.Reporter, a.AnsweredAt, a.RecordedAt, a.Answer = login.ID, "Shop 1", ago(6), ago(6), needle.ReliefPartly
	}).ID)
}
