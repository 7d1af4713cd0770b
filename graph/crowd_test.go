package graph

import (
	"fmt"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// crowdSize is the number of objects of every noun, and of the children that the first of each noun has.
const crowdSize = 50

// crowd is a workspace with many of everything. The first object of each noun, in the usual order of its list, has
// fifty of all that hangs below it; each other has one. What a first object lacks, no other has, so that an answer
// about one object reads as many kinds of things as one about fifty.
type crowd struct {
	*storetest.Factory
	// ids are public ids by type, the one with all the children first.
	ids map[string][]string
	// arguments are what fields need that cannot be read without, by "Type.field".
	arguments map[string]string

	users      []*needle.User
	teams      []*needle.Team
	cycles     []*needle.Cycle
	pains      []*needle.PainPoint
	objectives []*needle.Objective
	keyResults []*needle.KeyResult
}

func (e *engine) newCrowd(t testing.TB) *crowd {
	t.Helper()
	tx, err := e.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &crowd{Factory: storetest.Seed(t, tx), ids: map[string][]string{}, arguments: map[string]string{}}
	w.seedPeople()
	w.seedObjectives()
	w.seedKeyResults()
	w.seedItems()
	w.seedTrackers()
	w.seedRest()
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return w
}

// each makes fifty of a noun and files their ids under the type.
func each[T any](w *crowd, typ string, make func(i int) (T, fmt.Stringer)) []T {
	out := []T{}
	for i := range crowdSize {
		row, id := make(i)
		out = append(out, row)
		w.ids[typ] = append(w.ids[typ], id.String())
	}
	return out
}

func (w *crowd) seedPeople() {
	w.users = each(w, "User", func(i int) (*needle.User, fmt.Stringer) {
		u := w.User(func(u *needle.User) { u.Name = fmt.Sprintf("A %03d", i) })
		return u, u.ID
	})
	w.teams = each(w, "Team", func(i int) (*needle.Team, fmt.Stringer) {
		t := w.Team(func(t *needle.Team) {
			t.Name, t.LeadID = fmt.Sprintf("A %03d", i), &w.users[i].ID
			if i > 0 {
				t.ParentID = &w.teamAt(0).ID
			}
		})
		w.teams = append(w.teams, t)
		w.Join(t, w.users[0])
		if i > 0 {
			w.Join(t, w.users[i])
		}
		return t, t.ID
	})
	w.Team(func(t *needle.Team) { t.ParentID = &w.teams[0].ID })
	w.cycles = each(w, "Cycle", func(i int) (*needle.Cycle, fmt.Stringer) {
		c := w.Cycle(func(c *needle.Cycle) {
			c.StartsOn, c.EndsOn = needle.NewDate(ago(-i)), needle.NewDate(ago(-i-90))
		})
		return c, c.ID
	})
	w.arguments["Team.review"] = fmt.Sprintf("cycleId: %q", w.ids["Cycle"][0])
}

func (w *crowd) teamAt(i int) *needle.Team { return w.teams[i] }

// seedObjectives makes fifty objectives of the first team, cycle and pain point, below one and with one below each, and
// one more for each other team, cycle and pain point.
func (w *crowd) seedObjectives() {
	w.pains = each(w, "PainPoint", func(i int) (*needle.PainPoint, fmt.Stringer) {
		p := w.PainPoint(func(p *needle.PainPoint) {
			p.Severity = 3
			if i == 0 {
				p.Severity = 5
			}
		})
		for range 1 + min(1, i)*0 {
			w.Evidence(func(e *needle.Evidence) { e.PainPointID = p.ID })
		}
		return p, p.ID
	})
	for range crowdSize {
		w.Evidence(func(e *needle.Evidence) { e.PainPointID = w.pains[0].ID })
	}
	objective := func(i int, change func(*needle.Objective)) *needle.Objective {
		o := w.Objective(func(o *needle.Objective) {
			o.TeamID, o.CycleID = w.teams[i].ID, w.cycles[i].ID
			if change != nil {
				change(o)
			}
		})
		w.Address(o, w.pains[0])
		if i > 0 {
			w.Address(o, w.pains[i])
		}
		return o
	}
	w.objectives = each(w, "Objective", func(int) (*needle.Objective, fmt.Stringer) {
		o := objective(0, nil)
		return o, o.ID
	})
	for _, p := range w.pains[1:] {
		w.Address(w.objectives[0], p)
	}
	for i := range crowdSize {
		objective(i, func(o *needle.Objective) { o.ParentObjectiveID = &w.objectives[i].ID })
	}
	top := objective(0, nil)
	w.serve(w.objectives[0], top)
	for _, o := range w.objectives[1:] {
		w.serve(o, w.objectives[0])
	}
}
