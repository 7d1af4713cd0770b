package graph

import (
	"math"

	"github.com/needle-okr/needle/internal/needle"
)

// grown is one key result of the team that learns which of its work moves what, and the work linked to it.
type grown struct {
	name, title string
	// level is about where the value is on a day before the present one; it varies by one about it.
	level func(daysAgo int) float64
	// every is how many days lie between check-ins.
	every int
	// work is what is linked, by name.
	work []grownWork
}

// grownWork was linked 52 days ago with an expected change of 6 to 12, started 45 days ago, and may show 2 to 10 days after
// its delivery.
type grownWork struct {
	name string
	// delivered is how many days ago; 0 for work that is still going on.
	delivered int
	change    func(*needle.Contribution)
}

// seedAttribution tells of a team whose key results earn each grade there is.
func (w *world) seedAttribution() {
	team := w.Team(func(t *needle.Team) { t.Key, t.Name = "RET", "retention" })
	w.teams["retention"] = team
	w.name("team", "retention", team.ID)
	objective := w.Objective(func(o *needle.Objective) {
		o.Title, o.TeamID, o.CycleID, o.CreatedBy = "Shops stay", team.ID, w.cycles["2026 Q1"].ID, w.people["mia"].ID
	})
	w.name("obj", "retention", objective.ID)
	risen := func(daysAgo int) float64 {
		if daysAgo < 26 {
			return 49
		}
		return 40
	}
	flat := func(int) float64 { return 40 }
	for _, g := range []grown{
		{"sole", "Shops that set up alone", risen, 1, []grownWork{{"guide", 30, nil}, {"video", 0, nil}, {"tour", 5, nil}}},
		{"shared", "Shops that sell in a week", risen, 1, []grownWork{{"import", 30, nil}, {"themes", 29, nil}}},
		{"outside", "Shops that come back", risen, 1, []grownWork{{"mails", 30, nil}}},
		{"flat", "Shops with two people", flat, 1, []grownWork{{"invites", 30, nil}}},
		{"fallen", "Shops that answer", func(daysAgo int) float64 { return 80 - risen(daysAgo) }, 1, []grownWork{{"surveys", 30, nil}}},
		{"sparse", "Shops that recommend us", risen, 20, []grownWork{{"badges", 30, nil}}},
		{"tested", "Shops that pay by the year", risen, 1, []grownWork{{"prices", 30, func(c *needle.Contribution) { c.ExpectedHigh = ptr(8.0) }}}},
	} {
		w.grow(objective, g)
	}
	w.name("exp", "prices", w.Experiment(func(x *needle.Experiment) {
		x.ContributionID, x.Source, x.Estimate, x.Low, x.High, x.Confidence = w.link("prices"), "Half of the shops, by lot", 7, 5, 9, ptr(0.95)
		x.RecordedAt = ago(8)
	}).ID)
	w.name("event", "fair", w.OutsideEvent(func(e *needle.OutsideEvent) {
		e.KeyResultID, e.Kind, e.Title, e.From, e.To, e.RecordedAt = w.keyResults["outside"].ID, needle.EventCampaign, "The trade fair", ago(27), ago(25), ago(6)
	}).ID)
}

func (w *world) grow(objective *needle.Objective, g grown) {
	k := w.KeyResult(func(k *needle.KeyResult) {
		k.Title, k.ObjectiveID, k.CreatedAt, k.CreatedBy, k.CadenceDays = g.title, objective.ID, ago(60), w.people["mia"].ID, g.every
		k.Unit, k.Goal = "shops", needle.Goal{Baseline: ptr(40.0), Target: ptr(60.0)}
	})
	w.keyResults[g.name] = k
	w.name("kr", g.name, k.ID)
	for daysAgo := 59; daysAgo >= 0; daysAgo -= g.every {
		w.CheckIn(func(c *needle.CheckIn) {
			c.KeyResultID, c.MeasuredAt, c.RecordedAt, c.AuthorID = k.ID, ago(daysAgo), ago(daysAgo), &w.people["mia"].ID
			c.Value = g.level(daysAgo) + math.Round(10*math.Sin(float64(7*daysAgo)))/10
			c.Confidence = ptr(0.8)
		})
	}
	for _, work := range g.work {
		item := w.Item(func(b *needle.BacklogItem) {
			b.Title, b.TeamID, b.CreatedAt, b.CreatedBy = "The "+work.name, objective.TeamID, ago(55), &w.people["mia"].ID
		})
		w.items[work.name] = item
		w.name("item", work.name, item.ID)
		c := w.Contribution(func(c *needle.Contribution) {
			c.ItemID, c.KeyResultID, c.ValidFrom, c.CreatedAt, c.AuthorID = item.ID, k.ID, ago(52), ago(52), &w.people["mia"].ID
			c.ExpectedLow, c.ExpectedHigh, c.LagMinDays, c.LagMaxDays = ptr(6.0), ptr(12.0), ptr(2), ptr(10)
			if work.change != nil {
				work.change(c)
			}
		})
		w.name("ctr", work.name, c.ID)
		w.MoveItem(item, needle.StatusInProgress, ago(45))
		if work.delivered > 0 {
			w.MoveItem(item, needle.StatusDone, ago(work.delivered))
		}
	}
}
