package demo

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// today is a Thursday.
var today = time.Date(2026, 11, 26, 14, 30, 0, 0, time.UTC)

// The cycles of the story as it is told today.
const (
	lastCycle = "2026 Q3"
	thisCycle = "2026 Q4"
)

// seeded is a database with the story in it.
type seeded struct {
	scope store.Scope
	now   time.Time
	calendar
}

func seed(t *testing.T, seed uint64, now time.Time) seeded {
	t.Helper()
	url := storetest.URL(t)
	who, err := Seed(t.Context(), url, seed, now)
	if err != nil {
		t.Fatal(err)
	}
	db := store.New(storetest.Open(t, url), store.Config{Now: func() time.Time { return now }})
	return seeded{db.In(who.WorkspaceID), now, newCalendar(now)}
}

// review returns the review of a team in a cycle, as of an instant.
func (s seeded) review(t *testing.T, team, cycle string, asOf time.Time) *needle.Review {
	t.Helper()
	teams, err := s.scope.Teams(t.Context(), store.TeamList{Filter: &needle.TeamFilter{Key: &needle.StringComparator{Eq: &team}}})
	if err != nil {
		t.Fatal(err)
	}
	cycles, err := s.scope.Cycles(t.Context(), store.CycleList{Filter: &needle.CycleFilter{Name: &needle.StringComparator{Eq: &cycle}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(teams.Nodes) != 1 || len(cycles.Nodes) != 1 {
		t.Fatalf("there are %d teams %s and %d cycles %s", len(teams.Nodes), team, len(cycles.Nodes), cycle)
	}
	facts, err := s.scope.ReviewFacts(t.Context(), []needle.TeamID{teams.Nodes[0].ID}, cycles.Nodes[0].ID, needle.ReviewWindow{AsOf: &asOf}, s.now)
	if err != nil {
		t.Fatal(err)
	}
	return impact.Review(facts.Of(teams.Nodes[0]))
}

// tale puts all reviews into lines that hold no ids.
func (s seeded) tale(t *testing.T) []string {
	t.Helper()
	var lines []string
	for _, team := range []string{payTeam, onbTeam} {
		for _, cycle := range []string{lastCycle, thisCycle} {
			lines = append(lines, reviewLines(s.review(t, team, cycle, s.now))...)
		}
	}
	return lines
}

func reviewLines(r *needle.Review) []string {
	var lines []string
	for _, k := range r.KeyResults {
		line := k.KeyResult.Key() + " " + k.KeyResult.Title
		if k.Movement != nil {
			line += fmt.Sprintf(" %+.3f", k.Movement.Change)
		}
		lines = append(lines, line+" ("+k.MovementNote+")")
		for _, w := range k.Work {
			lines = append(lines, fmt.Sprintf("  %s %s %s %v", w.Item.Key(), w.Status, w.Item.Title, w.DeliveredAt))
		}
	}
	for _, w := range r.OrphanWork {
		lines = append(lines, "orphan "+w.Item.Key()+" "+w.Item.Title)
	}
	for _, k := range r.StarvedKeyResults {
		lines = append(lines, "starved "+k.Key()+" "+k.Title)
	}
	return lines
}

// about finds what a review says about the key result of a title.
func about(t *testing.T, r *needle.Review, title string) *needle.KeyResultReview {
	t.Helper()
	i := slices.IndexFunc(r.KeyResults, func(k *needle.KeyResultReview) bool { return k.KeyResult.Title == title })
	if i < 0 {
		t.Fatalf("the review has no key result %q", title)
	}
	return r.KeyResults[i]
}

func titles(work []*needle.ReviewedWork) []string {
	out := make([]string, len(work))
	for i, w := range work {
		out[i] = w.Item.Title
	}
	return out
}

func TestSeed(t *testing.T) {
	t.Parallel()
	s := seed(t, 1, today)
	t.Run("shows what Needle knows", func(t *testing.T) {
		t.Parallel()
		s.showsWhatNeedleKnows(t)
	})
	t.Run("tells what people say about bets", func(t *testing.T) {
		t.Parallel()
		s.bets(t)
	})
	t.Run("tells of teams how work and results meet", func(t *testing.T) {
		t.Parallel()
		s.teamAnswers(t)
	})
	t.Run("remembers what was known when", func(t *testing.T) {
		t.Parallel()
		s.remembersWhatWasKnownWhen(t)
	})
	t.Run("tells the same story for the same seed and moment", func(t *testing.T) {
		t.Parallel()
		if diff := cmp.Diff(s.tale(t), seed(t, 1, today).tale(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestChance_dependsOnSeedAndName(t *testing.T) {
	t.Parallel()
	first := chance(1, "a").Uint64()
	if chance(1, "a").Uint64() != first || chance(2, "a").Uint64() == first || chance(1, "b").Uint64() == first {
		t.Error("the numbers are not those of the seed and the name")
	}
}

// all reads the first page of a list, which is enough for the story.
func all[T any](t *testing.T, page *needle.Page[*T], err error) []*T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return page.Nodes
}

// count counts the objects of each kind.
func count[T any, K comparable](objects []*T, kind func(*T) K) map[K]int {
	n := map[K]int{}
	for _, o := range objects {
		n[kind(o)]++
	}
	return n
}

func (s seeded) showsWhatNeedleKnows(t *testing.T) {
	t.Helper()
	ctx, first := t.Context(), needle.PageArgs{First: new(needle.MaxPage)}
	results := func() []*needle.KeyResult {
		page, err := s.scope.KeyResults(ctx, store.KeyResultList{PageArgs: first})
		return all(t, page, err)
	}()

	t.Run("cycles", func(t *testing.T) {
		t.Parallel()
		page, err := s.scope.Cycles(ctx, store.CycleList{})
		got := count(all(t, page, err), func(c *needle.Cycle) string { return c.Name + " " + string(c.State) })
		if diff := cmp.Diff(map[string]int{lastCycle + " CLOSED": 1, thisCycle + " ACTIVE": 1}, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("objectives in every state", func(t *testing.T) {
		t.Parallel()
		page, err := s.scope.Objectives(ctx, store.ObjectiveList{PageArgs: first})
		got := count(all(t, page, err), func(o *needle.Objective) needle.ObjectiveState { return o.State })
		want := map[needle.ObjectiveState]int{needle.ObjectiveClosed: 2, needle.ObjectiveAgreed: 4, needle.ObjectiveProposed: 1, needle.ObjectiveDraft: 1}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("pain points in four states, a duplicate left out", func(t *testing.T) {
		t.Parallel()
		page, err := s.scope.PainPoints(ctx, store.PainPointList{PageArgs: first})
		got := count(all(t, page, err), func(p *needle.PainPoint) needle.PainPointStatus { return p.Status })
		want := map[needle.PainPointStatus]int{needle.PainTargeted: 7, needle.PainOpen: 2, needle.PainDismissed: 1, needle.PainRelieved: 1}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a vote in progress and a pain that went away, with its interval", func(t *testing.T) {
		t.Parallel()
		votes, err := s.scope.Votes(ctx, store.VoteList{PageArgs: first})
		if all := all(t, votes, err); len(all) != 1 || all[0].State != needle.VoteOpen || !all[0].Hidden {
			t.Errorf("the votes are %+v", all)
		}
		relieved := &needle.PainPointFilter{Status: &needle.Comparator[needle.PainPointStatus]{In: []needle.PainPointStatus{needle.PainRelieved}}}
		pains, err := s.scope.PainPoints(ctx, store.PainPointList{PageArgs: first, Filter: relieved})
		if err != nil || len(pains.Nodes) != 1 {
			t.Fatal(pains, err)
		}
		checks, err := s.scope.ReliefChecksByPainPoint(ctx, []needle.PainPointID{pains.Nodes[0].ID}, store.ReliefCheckList{PageArgs: first})
		if err != nil || len(checks[0].Nodes) != 1 {
			t.Fatal(checks, err)
		}
		for _, c := range all(t, checks[0], nil) {
			if e := impact.RateRatio(c.Before, c.After, impact.ReliefConfidence); e.Verdict != needle.ReliefFewer {
				t.Errorf("%+v and %+v say %s", c.Before, c.After, e.Verdict)
			}
		}
	})
	t.Run("native work in every status", func(t *testing.T) {
		t.Parallel()
		page, err := s.scope.BacklogItems(ctx, store.BacklogItemList{PageArgs: first})
		got := count(all(t, page, err), func(b *needle.BacklogItem) needle.StatusCategory { return b.Status })
		for _, status := range []needle.StatusCategory{needle.StatusTodo, needle.StatusInProgress, needle.StatusDone, needle.StatusDropped} {
			if got[status] < 2 {
				t.Errorf("%d items are %s", got[status], status)
			}
		}
	})
	t.Run("key results of every direction and kind", func(t *testing.T) {
		t.Parallel()
		got := count(results, func(k *needle.KeyResult) string { return string(k.Kind) + " " + string(k.Direction) })
		for _, kind := range []string{"METRIC INCREASE", "METRIC DECREASE", "METRIC MAINTAIN", "MILESTONE INCREASE"} {
			if got[kind] < 2 {
				t.Errorf("%d key results are %s", got[kind], kind)
			}
		}
	})
	t.Run("healths", func(t *testing.T) {
		t.Parallel()
		pace := s.at(0, 0)
		share := float64(s.now.Sub(pace)) / float64(cycleDays*day)
		got := count(results, func(k *needle.KeyResult) needle.Health { return k.Health(share, s.now) })
		for _, health := range []needle.Health{needle.HealthOnTrack, needle.HealthAtRisk, needle.HealthOffTrack, needle.HealthStale, needle.HealthPending} {
			if got[health] == 0 {
				t.Errorf("no key result is %s: %v", health, got)
			}
		}
	})
	t.Run("bets of people in every role", func(t *testing.T) {
		t.Parallel()
		page, err := s.scope.Contributions(ctx, store.ContributionList{PageArgs: first})
		links := all(t, page, err)
		got := count(links, func(c *needle.Contribution) needle.ContributionRole { return c.Role })
		for _, role := range []needle.ContributionRole{needle.RoleDrives, needle.RoleEnables, needle.RoleGuards, needle.RoleLearns} {
			if got[role] == 0 {
				t.Errorf("no work %s", role)
			}
		}
		if bets := count(links, func(c *needle.Contribution) bool { return c.ExpectedLow != nil })[true]; bets < 10 {
			t.Errorf("%d links say what is expected of them", bets)
		}
	})
}

// bets demands what people say about bets: events that were corrected, a bet that was lowered after work had started, and
// an experiment.
func (s seeded) bets(t *testing.T) {
	t.Helper()
	ctx, first := t.Context(), needle.PageArgs{First: new(needle.MaxPage)}
	page, err := s.scope.Contributions(ctx, store.ContributionList{PageArgs: first})
	links := all(t, page, err)
	var ids []needle.ContributionID
	var items []needle.BacklogItemID
	var results []needle.KeyResultID
	for _, c := range links {
		ids, items, results = append(ids, c.ID), append(items, c.ItemID), append(results, c.KeyResultID)
	}
	versions, err := s.scope.LinkVersionsOf(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	moves, err := s.scope.Transitions(ctx, items)
	if err != nil {
		t.Fatal(err)
	}
	lowered := 0
	for _, c := range links {
		if bet := impact.LockBet(versions[c.ID], moves[c.ItemID], s.now); bet.Locked != nil && len(bet.Later) > 0 && *bet.Locked.ExpectedLow < *bet.Later[0].ExpectedLow {
			lowered++
		}
	}
	experiments, err := s.scope.ExperimentsAsOf(ctx, ids, s.now)
	if err != nil || lowered != 1 || len(experiments) != 1 {
		t.Errorf("%d bets were lowered after the start, %d links have experiments: %v", lowered, len(experiments), err)
	}
	for d, want := range map[int]float64{39: 4, 41: 13} { // Noted and corrected.
		events, err := s.scope.OutsideEventsAsOf(ctx, results, s.at(d, 12))
		if err != nil || len(events) != 4 {
			t.Fatalf("on day %d events are known of %d key results: %v", d, len(events), err)
		}
		for _, known := range events {
			if got := known[0].To.Sub(known[0].From).Hours(); len(known) != 1 || got < want || got > want {
				t.Errorf("on day %d an outage of %v hours is known", d, got)
			}
		}
	}
}

func (s seeded) remembersWhatWasKnownWhen(t *testing.T) {
	t.Helper()
	asOf := func(d int) *needle.Review { return s.review(t, payTeam, thisCycle, s.at(d, 12)) }

	const mobile = "Phones: time until the card form can be used (75th percentile)"
	for d, target := range map[int]float64{35: 2, 37: 2.5} {
		if got := about(t, asOf(d), mobile).Goal.Target; got == nil || *got != target {
			t.Errorf("on day %d the target is %v, want %v", d, got, target)
		}
	}
	const tickets = "Tickets a week that ask where a refund is"
	if wrong := about(t, asOf(36), tickets).Now.Value; wrong != 71 {
		t.Errorf("before the correction the value is %v", wrong)
	}
	if right := about(t, asOf(39), tickets).Now.Value; right < 100 {
		t.Errorf("after the correction the value is %v", right)
	}
	const rating = "Take the rating widget off the payment page"
	if work := titles(about(t, asOf(30), mobile).Work); !slices.Contains(work, rating) {
		t.Errorf("before it was given up, the work does not show: %q", work)
	}
	if work := titles(about(t, asOf(36), mobile).Work); slices.Contains(work, rating) {
		t.Errorf("after it was given up, the work still shows: %q", work)
	}
	if n := len(s.review(t, onbTeam, thisCycle, s.at(30, 12)).KeyResults); n != 4 {
		t.Errorf("before the proposal there are %d key results, want 4", n)
	}
	now := s.review(t, onbTeam, thisCycle, s.now)
	if len(now.KeyResults) != 5 || len(now.StarvedKeyResults) != 1 || len(now.OrphanWork) != 1 {
		t.Errorf("now there are %q", reviewLines(now))
	}
}
