package graph

import (
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// crowdSize is the number of objects of every noun, and of the children that the first of each noun has.
const crowdSize = 50

// crowd is a workspace with many of everything. The first object of each noun, in the usual order of its list, has
// fifty of all that hangs below it; each other has one. What a first object lacks, no other has, so that an answer
// about one object meets as many kinds of things as one about fifty.
type crowd struct {
	*storetest.Factory
	// ids are public ids by type, the one with all the children first.
	ids map[string][]string
	// arguments are what fields need that cannot be read without, by "Type.field".
	arguments map[string]string

	t          testing.TB
	tx         bun.Tx
	users      []*needle.User
	teams      []*needle.Team
	cycles     []*needle.Cycle
	pains      []*needle.PainPoint
	objectives []*needle.Objective
	keyResults []*needle.KeyResult
	issues     []*needle.Issue
	conns      []*needle.Connection
	ideas      []*needle.Idea
	// mentioned is a person for whom as many comments wait as there are of every noun, and nothing else.
	mentioned *needle.User
}

// needed are the arguments of fields that cannot be read without, by "Type.field", for a world with a cycle.
func needed(cycle string) map[string]string {
	inCycle := fmt.Sprintf("cycleId: %q", cycle)
	return map[string]string{
		"Team.review": inCycle, "Team.gaps": inCycle, "Team.lineUp": inCycle, "KeyResult.movement": `from: "2026-01-01T00:00:00Z"`,
	}
}

func (e *engine) newCrowd(t testing.TB) *crowd {
	t.Helper()
	tx, err := e.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &crowd{Factory: storetest.Seed(t, tx), ids: map[string][]string{}, t: t, tx: tx}
	w.seedPeople()
	w.seedObjectives()
	w.seedPainParts()
	w.seedSigning()
	w.seedBelowKeyResults()
	w.seedCarriedOver()
	w.seedTrackers()
	w.seedWork()
	w.seedBets()
	w.seedVotes()
	w.seedTalk()
	w.seedRelief()
	w.seedInbox()
	w.seedFeed()
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *crowd) file(typ string, id fmt.Stringer) { w.ids[typ] = append(w.ids[typ], id.String()) }

// serve puts an objective that is there already below another.
func (w *crowd) serve(o, parent *needle.Objective) {
	w.t.Helper()
	w.exec("UPDATE objectives SET parent_objective_id = ? WHERE workspace_id = ? AND id = ?", parent.ID, w.Workspace.ID, o.ID)
}

func (w *crowd) seedPeople() {
	for i := range crowdSize {
		u := w.User(func(u *needle.User) { u.Name = fmt.Sprintf("A %03d", i) })
		w.users = append(w.users, u)
		w.file("User", u.ID)
		t := w.Team(func(t *needle.Team) { t.Name, t.LeadID = fmt.Sprintf("A %03d", i), &w.users[i].ID })
		w.teams = append(w.teams, t)
		w.file("Team", t.ID)
		w.Team(func(child *needle.Team) { child.Name, child.ParentID = fmt.Sprintf("B %03d", i), &t.ID })
		w.Join(t, w.users[0])
		if i > 0 {
			w.Join(t, u)
			w.Team(func(child *needle.Team) { child.Name, child.ParentID = fmt.Sprintf("C %03d", i), &w.teams[0].ID })
		}
		start := time.Date(2026, time.January, 1+i, 0, 0, 0, 0, time.UTC)
		c := w.Cycle(func(c *needle.Cycle) {
			c.StartsOn, c.EndsOn = needle.NewDate(start), needle.NewDate(start.AddDate(0, 3, 0))
		})
		w.cycles = append(w.cycles, c)
		w.file("Cycle", c.ID)
	}
	w.arguments = needed(w.cycles[0].ID.String())
}

// objective makes one of a team, in the cycle and for the pain point that go with it. The very first has fifty key
// results, each other has one.
func (w *crowd) objective(i int, change func(*needle.Objective)) *needle.Objective {
	o := w.Objective(func(o *needle.Objective) {
		o.TeamID, o.CycleID = w.teams[i].ID, w.cycles[i].ID
		if change != nil {
			change(o)
		}
	})
	w.Address(o, w.pains[i])
	if len(w.keyResults) == 0 {
		w.keyResultsOf(o)
	} else {
		w.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID, k.OwnerID = o.ID, &w.users[0].ID })
	}
	return o
}

func (w *crowd) keyResultsOf(o *needle.Objective) {
	for i := range crowdSize {
		k := w.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID, k.OwnerID = o.ID, &w.users[i].ID })
		w.keyResults = append(w.keyResults, k)
		w.file("KeyResult", k.ID)
	}
}

func (w *crowd) seedObjectives() {
	for i := range crowdSize {
		p := w.PainPoint(func(p *needle.PainPoint) { p.Severity = 4 - min(i, 1) })
		w.pains = append(w.pains, p)
		w.file("PainPoint", p.ID)
		w.Evidence(func(e *needle.Evidence) { e.PainPointID = p.ID })
		w.Evidence(func(e *needle.Evidence) { e.PainPointID = w.pains[0].ID })
	}
	for range crowdSize {
		o := w.objective(0, nil)
		w.objectives = append(w.objectives, o)
		w.file("Objective", o.ID)
	}
	w.Address(w.objectives[0], w.pains[1:]...)
	for i := range crowdSize {
		w.objective(i, func(o *needle.Objective) { o.ParentObjectiveID = &w.objectives[i].ID })
		w.objective(0, func(o *needle.Objective) { o.ParentObjectiveID = &w.objectives[0].ID })
	}
	top := w.objective(0, nil)
	for _, o := range w.objectives {
		w.serve(o, top)
	}
}

func (w *crowd) seedBelowKeyResults() {
	for i := range crowdSize {
		for _, k := range []*needle.KeyResult{w.keyResults[i], w.keyResults[0]} {
			w.CheckIn(func(c *needle.CheckIn) { c.KeyResultID, c.MeasuredAt = k.ID, ago(i) })
			w.objective(0, func(o *needle.Objective) { o.ParentKeyResultID = &k.ID })
		}
	}
}

func (w *crowd) seedTrackers() {
	for i := range crowdSize {
		c := w.Connection(func(c *needle.Connection) { c.Name, c.DefaultTeamID = fmt.Sprintf("A %03d", i), &w.teams[i].ID })
		w.conns = append(w.conns, c)
		w.file("Connection", c.ID)
	}
	var first *needle.Source
	for i := range crowdSize {
		own := w.Source(func(s *needle.Source) { s.ConnectionID = w.conns[i].ID })
		s := w.Source(func(s *needle.Source) { s.ConnectionID = w.conns[0].ID })
		w.Upload(own)
		w.Upload(s)
		w.file("Source", s.ID)
		if i == 0 {
			first = s
		}
		for _, source := range []*needle.Source{own, s, first} {
			w.SyncRun(func(r *needle.SyncRun) { r.SourceID = source.ID })
			w.Quarantine(source.ID, "", "{}")
		}
		for _, conn := range []*needle.Connection{w.conns[i], w.conns[i], w.conns[0]} {
			w.WebhookDelivery(func(d *needle.WebhookDelivery) { d.ConnectionID = conn.ID })
		}
		w.issues = append(w.issues, w.Issue(func(n *needle.Issue) { n.SourceID = first.ID }))
		w.Backlink(w.issues[i])
		w.Backlink(w.Issue(func(n *needle.Issue) { n.SourceID = own.ID }))
	}
}

func (w *crowd) seedWork() {
	item := func(team int, parent *needle.BacklogItem, issue *needle.Issue) *needle.BacklogItem {
		return w.Item(func(b *needle.BacklogItem) {
			b.TeamID, b.Status, b.Moscow = w.teams[team].ID, needle.StatusInProgress, ptr(needle.MoscowMust)
			if parent != nil {
				b.ParentID = &parent.ID
			}
			if issue == nil { // Whatever stands first in a list has one, so that it costs what the others do.
				issue = w.Issue(func(n *needle.Issue) { n.SourceID = w.issues[0].SourceID })
			}
			b.IssueID = &issue.ID
		})
	}
	// The newest items, which stand first in lists, have others below them as older ones have.
	epic := func(team int, parent *needle.BacklogItem) *needle.BacklogItem {
		part := item(team, parent, nil)
		b := item(team, parent, nil)
		w.exec("UPDATE backlog_items SET parent_id = ? WHERE workspace_id = ? AND id = ?", b.ID, w.Workspace.ID, part.ID)
		return b
	}
	top := item(0, nil, nil)
	var items []*needle.BacklogItem
	for i := range crowdSize {
		items = append(items, item(0, top, w.issues[i]))
		w.file("BacklogItem", items[i].ID)
		rule := w.LinkRule(func(r *needle.LinkRule) {
			r.Pattern, r.KeyResultID, r.ConnectionID = fmt.Sprintf("A %03d", i), w.keyResults[i].ID, &w.conns[0].ID
		})
		w.link(items[0], w.keyResults[i], rule)
		if i > 0 {
			w.link(items[i], w.keyResults[0], rule)
		}
		w.link(epic(0, items[0]), w.keyResults[0], rule)
		w.link(epic(i, items[i]), w.keyResults[0], rule)
	}
}

func (w *crowd) link(b *needle.BacklogItem, k *needle.KeyResult, rule *needle.LinkRule) {
	c := w.Contribution(func(c *needle.Contribution) {
		c.ItemID, c.KeyResultID, c.RuleID, c.Origin, c.AuthorID = b.ID, k.ID, &rule.ID, needle.OriginRule, nil
	})
	versions := 1
	if w.ids["Contribution"] == nil {
		versions = crowdSize
	}
	w.file("Contribution", c.ID)
	for i := range versions {
		w.RepeatContribution(c, c.ValidFrom.Add(time.Duration(i+1)*time.Minute))
	}
}
