package graph

import (
	"fmt"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// growth is a second workspace of a world, Greta's, where work and results miss each other in every way, and where bets of
// several cycles came out. It stands apart so that lists of the shop stay as they are.
type growth struct {
	*storetest.Factory
	w *world

	teams      map[string]*needle.Team
	cycles     map[string]*needle.Cycle
	keyResults map[string]*needle.KeyResult
}

// winter is a day of the cycle 2026 Q1, from 0.
func winter(n int) time.Time { return time.Date(2026, time.January, 1+n, 12, 0, 0, 0, time.UTC) }

// jitter is what values do without any reason.
func jitter(n int) float64 { return []float64{0, 2, -1, 1, -2, 3, -3, 1}[n%8] }

func (w *world) seedGrowth(f *storetest.Factory) {
	g := &growth{
		Factory: f, w: w, teams: map[string]*needle.Team{}, cycles: map[string]*needle.Cycle{}, keyResults: map[string]*needle.KeyResult{},
	}
	w.people["greta"] = g.Owner
	w.name("usr", "greta", g.Owner.ID)
	for name, key := range map[string]string{"growth": "GRO", "platform": "PLA", "idle": "IDLE"} {
		g.teams[name] = g.Team(func(t *needle.Team) { t.Key, t.Name = key, name })
		w.name("team", name, g.teams[name].ID)
	}
	for name, start := range map[string]time.Time{"2022 Q4": winter(-1188), "2025 Q4": winter(-92), "2026 Q1": winter(0)} {
		g.cycles[name] = g.Cycle(func(c *needle.Cycle) {
			c.Name, c.StartsOn, c.EndsOn = name, needle.NewDate(start), needle.NewDate(start.AddDate(0, 3, -1))
		})
		w.name("cyc", "growth "+name, g.cycles[name].ID)
	}
	g.seedKeyResults()
	g.seedDeliveries()
	g.seedBetsOf("2022 Q4", winter(-1188))
	g.seedBetsOf("2025 Q4", winter(-92))
	g.seedMisses()
}

func (g *growth) keyResult(name, title, team, cycle string, at time.Time, change func(*needle.KeyResult)) *needle.KeyResult {
	k := g.KeyResult(func(k *needle.KeyResult) {
		k.Title, k.CreatedAt, k.LagMinDays, k.LagMaxDays, k.CadenceDays = title, at, 0, 2, 1
		k.ObjectiveID = g.Objective(func(o *needle.Objective) { o.TeamID, o.CycleID = g.teams[team].ID, g.cycles[cycle].ID }).ID
		if change != nil {
			change(k)
		}
	})
	g.keyResults[name] = k
	g.w.name("kr", name, k.ID)
	return k
}

func (g *growth) value(k *needle.KeyResult, value float64, at time.Time, confidence *float64) {
	g.CheckIn(func(c *needle.CheckIn) {
		c.KeyResultID, c.Value, c.MeasuredAt, c.RecordedAt, c.Confidence = k.ID, value, at, at, confidence
	})
}

// work makes an item that is delivered an hour after noon of a day, or begun there when open.
func (g *growth) work(name string, at time.Time, status needle.StatusCategory, effort float64) *needle.BacklogItem {
	b := g.Item(func(b *needle.BacklogItem) {
		b.Title, b.TeamID, b.CreatedAt, b.Effort = name, g.teams["growth"].ID, at.AddDate(0, 0, -12), &effort
	})
	g.w.name("item", name, b.ID)
	if status == needle.StatusDone {
		g.MoveItem(b, needle.StatusInProgress, at.AddDate(0, 0, -2))
	}
	g.MoveItem(b, status, at.Add(time.Hour))
	return b
}

func (g *growth) link(b *needle.BacklogItem, keyResult string, at time.Time, low, high *float64) {
	g.Contribution(func(c *needle.Contribution) {
		c.ItemID, c.KeyResultID, c.ValidFrom, c.CreatedAt = b.ID, g.keyResults[keyResult].ID, at, at
		c.ExpectedLow, c.ExpectedHigh = low, high
	})
}

// seedKeyResults tells of sixty days: of sign-ups that stay where they are, of guests who come back more often after each
// delivery, and of numbers that hardly anybody looks at.
func (g *growth) seedKeyResults() {
	begun := winter(-20)
	signUps := g.keyResult("sign-ups", "Sign-ups a day", "growth", "2026 Q1", begun, func(k *needle.KeyResult) { k.Unit = "sign-ups" })
	back := g.keyResult("back", "Guests who come back", "growth", "2026 Q1", begun, nil)
	g.keyResult("pages", "Number of new features shipped", "growth", "2026 Q1", begun, func(k *needle.KeyResult) { k.Unit = "features" })
	g.keyResult("renewals", "Guests who renew", "growth", "2026 Q1", winter(20), func(k *needle.KeyResult) { k.LagMinDays, k.LagMaxDays = 45, 60 })
	g.keyResult("speed", "Pages that load at once", "platform", "2026 Q1", begun, nil)
	for n := range 60 {
		g.value(signUps, 100+jitter(n), winter(n), nil)
		gained := 0
		for d := 12; d < n; d += 5 { // Each delivery brings 12 the day after.
			gained++
		}
		g.value(back, 20+12*float64(gained)+jitter(n)/2, winter(n), nil)
	}
}

// seedDeliveries tells of nine deliveries for guests who come back, each with a bet, and of two for sign-ups.
func (g *growth) seedDeliveries() {
	for n := range 9 {
		at := winter(12 + 5*n)
		b := g.work(fmt.Sprintf("Reason %d to come back", n+1), at, needle.StatusDone, 3)
		low, high := 8.0, 16.0
		if n == 0 {
			low, high = 30, 60 // Too much was hoped for.
		}
		g.link(b, "back", at.AddDate(0, 0, -10), &low, &high)
	}
	for n := range 2 {
		at := winter(15 + 10*n)
		g.link(g.work(fmt.Sprintf("Banner %d", n+1), at, needle.StatusDone, 2), "sign-ups", at.AddDate(0, 0, -10), ptr(10.0), ptr(20.0))
	}
}

// seedMisses tells of work for nothing, work that comes too late, and links that were made afterwards or everywhere.
func (g *growth) seedMisses() {
	g.work("Tidy the attic", winter(30), needle.StatusDone, 13)
	g.work("Paint the door", winter(55), needle.StatusDone, 5)
	late := g.work("Letters to guests", winter(50), needle.StatusInProgress, 8)
	g.link(late, "renewals", winter(45), nil, nil)
	fitted := g.work("A lucky find", winter(35), needle.StatusDone, 1)
	g.link(fitted, "renewals", winter(41), nil, nil)
	source := g.Source()
	g.SyncRun(func(r *needle.SyncRun) {
		r.SourceID, r.StartedAt, r.FinishedAt = source.ID, winter(58), ptr(winter(58).Add(time.Minute))
	})
	issue := g.Issue(func(i *needle.Issue) { i.SourceID = source.ID })
	everywhere := g.Item(func(b *needle.BacklogItem) {
		b.Title, b.TeamID, b.IssueID, b.CreatedAt = "A bit of everything", g.teams["growth"].ID, &issue.ID, winter(40)
	})
	g.w.name("item", "everywhere", everywhere.ID)
	for _, k := range []string{"renewals", "back", "speed", "mail 2025 Q4"} {
		g.link(everywhere, k, winter(42), nil, nil)
	}
}

// seedBetsOf tells of a cycle in which a number rose by ten, as far as its target, after one delivery that was to bring that.
func (g *growth) seedBetsOf(cycle string, start time.Time) {
	name := "mail " + cycle
	k := g.keyResult(name, "Mails that are read", "growth", cycle, start, func(k *needle.KeyResult) { k.Baseline, k.Target = ptr(50.0), ptr(58.0) })
	for n := range 40 {
		rise := 0.0
		if n > 20 {
			rise = 10
		}
		g.value(k, 50+rise+jitter(n)/8, start.AddDate(0, 0, n), ptr(0.5+rise/25))
	}
	g.link(g.work("Shorter subjects, "+cycle, start.AddDate(0, 0, 20), needle.StatusDone, 2), name, start.AddDate(0, 0, 2), ptr(5.0), ptr(15.0))
}
