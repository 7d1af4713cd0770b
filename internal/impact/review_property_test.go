package impact_test

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func TestReview_orderOfFactsChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		equal(t, "review", impact.Review(f), impact.Review(shuffled(f, rapid.Uint64().Draw(t, "seed"))))
	})
}

func TestReview_whatIsRecordedLaterChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		by := func(recordedAt time.Time) bool { return !recordedAt.After(f.AsOf) }
		then := f
		then.KeyResults = keep(f.KeyResults, func(k *needle.KeyResult) bool { return by(k.CreatedAt) })
		then.Goals = keep(f.Goals, func(g *needle.GoalVersion) bool { return by(g.RecordedAt) })
		then.CheckIns = keep(f.CheckIns, func(c *needle.CheckIn) bool { return by(c.RecordedAt) })
		then.Links = keep(f.Links, func(l *needle.ContributionVersion) bool { return by(l.RecordedAt) })
		then.Transitions = keep(f.Transitions, func(tr *needle.ItemTransition) bool { return by(tr.RecordedAt) })
		equal(t, "review", impact.Review(then), impact.Review(f))
	})
}

func TestReview_workChangesNoMovement(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		without := f
		gone := itemID(rapid.IntRange(1, items).Draw(t, "gone"))
		without.Items = keep(f.Items, func(b *needle.BacklogItem) bool { return b.ID != gone })
		without.Links = keep(f.Links, func(l *needle.ContributionVersion) bool { return l.ItemID != gone })
		without.Transitions = keep(f.Transitions, func(tr *needle.ItemTransition) bool { return tr.ItemID != gone })
		a, b := impact.Review(f), impact.Review(without)
		for i, kr := range a.KeyResults {
			other := b.KeyResults[i]
			equal(t, "movement", kr.Movement, other.Movement)
			equal(t, "note", kr.MovementNote, other.MovementNote)
		}
	})
}

// TestReview_workOutsideTheWindowChangesOnlyItsOwnLine takes away work that was not delivered in the window.
func TestReview_workOutsideTheWindowChangesOnlyItsOwnLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		gone := itemID(rapid.IntRange(1, items).Draw(t, "gone"))
		mine := func(tr *needle.ItemTransition) bool { return tr.ItemID == gone }
		if impact.WorkAsOf(keep(f.Transitions, mine), f.AsOf).DeliveredBetween(f.Since, f.AsOf) {
			t.Skip("delivered in the window")
		}
		without := f
		without.Transitions = keep(f.Transitions, func(tr *needle.ItemTransition) bool { return !mine(tr) })
		a, b := impact.Review(f), impact.Review(without)
		equal(t, "orphans", a.OrphanWork, b.OrphanWork)
		equal(t, "starved", a.StarvedKeyResults, b.StarvedKeyResults)
		for i := range a.KeyResults {
			others := func(w *needle.ReviewedWork) bool { return w.Item.ID != gone }
			equal(t, "movement", a.KeyResults[i].Movement, b.KeyResults[i].Movement)
			equal(t, "other work", keep(a.KeyResults[i].Work, others), keep(b.KeyResults[i].Work, others))
		}
	})
}

// TestReview_deliveredWorkIsLinkedOrAnOrphan finds what serves a key result in another way than Review does: from the
// links down to children, until nothing is added.
func TestReview_deliveredWorkIsLinkedOrAnOrphan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		serving := map[needle.BacklogItemID]bool{}
		for _, l := range impact.LinksAsOf(f.Links, f.AsOf) {
			serving[l.ItemID] = true
		}
		for range f.Items {
			for _, b := range f.Items {
				if b.ParentID != nil && serving[*b.ParentID] {
					serving[b.ID] = true
				}
			}
		}
		review := impact.Review(f)
		orphans := map[needle.BacklogItemID]int{}
		for _, w := range review.OrphanWork {
			orphans[w.Item.ID]++
		}
		for _, b := range f.Items {
			state := impact.WorkAsOf(keep(f.Transitions, func(tr *needle.ItemTransition) bool { return tr.ItemID == b.ID }), f.AsOf)
			want := 0
			if b.TeamID == f.Team.ID && state.DeliveredBetween(f.Since, f.AsOf) && !serving[b.ID] {
				want = 1
			}
			if orphans[b.ID] != want {
				t.Fatalf("%s is listed %d times among orphans, want %d", b.Key(), orphans[b.ID], want)
			}
		}
		for _, kr := range review.KeyResults {
			for _, w := range kr.Work {
				if orphans[w.Item.ID] > 0 {
					t.Fatalf("%s is linked work and an orphan", w.Item.Key())
				}
			}
		}
	})
}

func TestReview_keyResultsAreStarvedOrHaveWork(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		review := impact.Review(drawFacts(t))
		starved := map[needle.KeyResultID]bool{}
		for _, kr := range review.StarvedKeyResults {
			starved[kr.ID] = true
		}
		last := 0
		for _, kr := range review.KeyResults {
			if starved[kr.KeyResult.ID] != (len(kr.Work) == 0) {
				t.Fatalf("%s: starved %v with %d pieces of work", kr.KeyResult.Key(), starved[kr.KeyResult.ID], len(kr.Work))
			}
			if kr.KeyResult.Number <= last {
				t.Fatalf("%s comes after KR-%d", kr.KeyResult.Key(), last)
			}
			last = kr.KeyResult.Number
			if kr.Movement == nil && kr.MovementNote == "" {
				t.Fatalf("%s has no movement and nobody says why", kr.KeyResult.Key())
			}
		}
	})
}

// TestReview_windowsTelescope asks about two neighbouring windows and the whole, all as known at the end.
func TestReview_windowsTelescope(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		middle := f.Since.Add(f.AsOf.Sub(f.Since) * time.Duration(rapid.IntRange(0, 8).Draw(t, "eighth")) / 8)
		second := f
		second.Since = middle
		whole, late := impact.Review(f), impact.Review(second)
		for i, kr := range whole.KeyResults {
			a, b := kr.Movement, late.KeyResults[i].Movement
			if a == nil || b == nil {
				continue
			}
			early := late.KeyResults[i].Then.Value - kr.Then.Value // On a grid of eighths differences are exact.
			equal(t, "change of "+kr.KeyResult.Key(), a.Change, early+b.Change)
		}
	})
}

// BenchmarkReview computes the review of a team with 50 key results, 13 weeks of daily check-ins and 2,000 links.
func BenchmarkReview(b *testing.B) {
	f := needle.ReviewFacts{Team: &needle.Team{ID: teamID(ownTeam)}, Since: date(60), AsOf: date(91)}
	for kr := 1; kr <= 50; kr++ {
		f.KeyResults = append(f.KeyResults, keyResult(kr, needle.DirectionIncrease))
		for day := range 91 {
			c := checkIn(day, float64(day%7), day, day)
			c.ID.UUID[0], c.KeyResultID = byte(kr), krID(kr)
			f.CheckIns = append(f.CheckIns, c)
		}
	}
	for n := range 2000 {
		it := item(n, 0)
		it.ID.UUID[14] = byte(n >> 8)
		v := serves(n, n, 1+n%50)
		v.ItemID = it.ID
		tr := transition(n, todo, done, n%91, n%91)
		tr.ItemID = it.ID
		f.Items, f.Links, f.Transitions = append(f.Items, it), append(f.Links, v), append(f.Transitions, tr)
	}
	b.ReportAllocs()
	for b.Loop() {
		impact.Review(f)
	}
}
