package planning_test

import (
	"strings"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func ago(days float64) time.Time {
	return storetest.Now().Add(-time.Duration(days * 24 * float64(time.Hour)))
}

// story is a workspace in which one piece of work was delivered forty days ago for a key result that rose within two weeks
// of it, from about 100 to 120, and had meant to raise it by 15 to 25. The cycle ended ten days ago. Beside it the team
// works on a key result with many deliveries, so that its line-up can be told.
type story struct {
	*world
	// rise is the key result that rose, and moved is the link of the item that may have done it.
	rise  *needle.KeyResult
	work  *needle.BacklogItem
	moved *needle.Contribution
	// last is the check-in that the window's movement ends with.
	last  *needle.CheckIn
	cycle *needle.Cycle
	arranged
}

// arranged is what single tests add to a story: work, a link of it, a key result, an event and an experiment.
type arranged struct {
	other   *needle.BacklogItem
	theirs  *needle.Contribution
	further *needle.KeyResult
	event   *needle.OutsideEvent
	tested  *needle.Experiment
}

func (h *house) story(t testing.TB) *story {
	t.Helper()
	f := storetest.Seed(t, h.store.DB())
	w := &world{t: t, f: f, house: h, planner: h.planner, scope: h.store.In(f.Workspace.ID)}
	w.ctx = needle.WithViewer(t.Context(), f.Viewer(f.Owner))
	s := &story{world: w}
	w.team = f.Team().ID
	s.cycle = f.Cycle(func(c *needle.Cycle) { c.StartsOn, c.EndsOn = needle.NewDate(ago(120)), needle.NewDate(ago(11)) })
	s.rise = s.keyResult("Share who come back")
	for day, value := 132.0, 0; day > 0; day, value = day-7, value+1 {
		v := []float64{100, 102, 99, 101, 98}[value%5]
		if day < 40 {
			v = 120
		}
		c := s.checkIn(s.rise, day, v)
		if day < 40 && day >= 26 {
			s.last = c
		}
	}
	s.work = s.item(60, 40)
	s.moved = s.link(s.work, s.rise, 80)
	busy := s.keyResult("Orders a day")
	for day := 132.0; day > 0; day -= 3 {
		s.checkIn(busy, day, 200-day+float64(int(day)%4))
	}
	for n := range 8 {
		s.link(s.item(110-float64(12*n), 105-float64(12*n)), busy, 130)
	}
	return s
}

func (s *story) keyResult(title string) *needle.KeyResult {
	return s.f.KeyResult(func(k *needle.KeyResult) {
		k.Title, k.CreatedAt, k.LagMinDays, k.LagMaxDays = title, ago(200), 0, 4
		k.Baseline, k.Target = ptr(80.0), ptr(130.0)
	})
}

func (s *story) checkIn(k *needle.KeyResult, day, value float64) *needle.CheckIn {
	return s.f.CheckIn(func(c *needle.CheckIn) {
		c.KeyResultID, c.Value, c.Confidence, c.MeasuredAt, c.RecordedAt = k.ID, value, ptr(0.7), ago(day), ago(day)
	})
}

// item makes native work that was begun and delivered so many days ago.
func (s *story) item(begun, delivered float64) *needle.BacklogItem {
	b := s.f.Item(func(b *needle.BacklogItem) { b.CreatedAt, b.Effort = ago(190), ptr(1.0) })
	s.f.MoveItem(b, needle.StatusInProgress, ago(begun))
	s.f.MoveItem(b, needle.StatusDone, ago(delivered))
	return b
}

func (s *story) link(b *needle.BacklogItem, k *needle.KeyResult, day float64) *needle.Contribution {
	return s.f.Contribution(func(c *needle.Contribution) {
		c.ItemID, c.KeyResultID, c.ValidFrom, c.LagMinDays, c.LagMaxDays = b.ID, k.ID, ago(day), ptr(0), ptr(14)
		c.ExpectedLow, c.ExpectedHigh = ptr(15.0), ptr(25.0)
		if k != s.rise {
			c.LagMaxDays = ptr(4)
		}
	})
}

// known reads the facts of an instant in both ways: of every key result there is now, and of the team in the cycle.
func (s *story) known(t testing.TB, asOf time.Time) (keyResults, team needle.AttributionFacts) {
	t.Helper()
	team, err := s.scope.AttributionFacts(t.Context(), []needle.TeamID{s.team}, s.cycle.ID, needle.ReviewWindow{AsOf: &asOf}, s.scope.Now())
	if err != nil {
		t.Fatal(err)
	}
	var ids []needle.KeyResultID
	for _, k := range team.KeyResults {
		ids = append(ids, k.ID)
	}
	keyResults, err = s.scope.KeyResultFacts(t.Context(), ids, asOf)
	if err != nil {
		t.Fatal(err)
	}
	return keyResults, team
}

// told renders all that is told of an instant, in both ways, which must agree on what both tell.
func (s *story) told(t testing.TB, asOf time.Time) string {
	t.Helper()
	keyResults, team := s.known(t, asOf)
	same(t, "as of "+asOf.String()+" what is told of key results alone (-) and with their team (+)", toldOf(t, keyResults), toldOf(t, team))
	return toldOfTeam(t, team, s.team)
}

// seen is what one looks at in an answer.
type seen func(s *story, e *impact.Evidence, f needle.AttributionFacts) string

// look tells what is seen as of an instant by the facts of the team.
func (s *story) look(t testing.TB, at time.Time, see seen) string {
	t.Helper()
	_, team := s.known(t, at)
	f := team.Of(&needle.Team{ID: s.team})
	return see(s, impact.Gather(f), f)
}

// ofMoved returns what is told of the story's link; nil when there is no such link.
func (s *story) ofMoved(e *impact.Evidence) *needle.Attribution {
	for _, a := range e.Attributions() {
		if a.Contribution.ID == s.moved.ID {
			return a
		}
	}
	return nil
}

// graded sees the grade of the story's link and its doubts.
func graded(s *story, e *impact.Evidence, _ needle.AttributionFacts) string {
	a := s.ofMoved(e)
	if a == nil {
		return "no link"
	}
	words := []string{string(*a.Grade)}
	for _, d := range a.Doubts {
		words = append(words, string(d))
	}
	for _, m := range a.Missing {
		words = append(words, string(m))
	}
	if a.Verdict != nil {
		words = append(words, string(a.Verdict.Verdict))
	}
	return strings.Join(words, " ")
}
