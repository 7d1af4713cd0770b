package impact_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// item returns an item of the team under review; parent 0 is none.
func item(n, parent int) *needle.BacklogItem {
	b := &needle.BacklogItem{ID: itemID(n), Number: n, TeamID: teamID(ownTeam)}
	if parent != 0 {
		id := itemID(parent)
		b.ParentID = &id
	}
	return b
}

// serves is a link of an item to a key result from day 1 on.
func serves(id, item, keyResult int) *needle.ContributionVersion {
	v := link(id, 1, 1, 1, "")
	v.ItemID, v.KeyResultID = itemID(item), krID(keyResult)
	return v
}

func keyResult(n int, direction needle.Direction) *needle.KeyResult {
	return &needle.KeyResult{ID: krID(n), Number: n, Direction: direction, Weight: 1, Stamp: needle.Stamp{CreatedAt: date(0)}}
}

// fromForty is a goal to halve 40, valid from day 1.
func fromForty(recordedDay int) *needle.GoalVersion {
	value, target := 40.0, 20.0
	return &needle.GoalVersion{
		KeyResultID: krID(1), Goal: needle.Goal{Baseline: &value, Target: &target},
		ValidFrom: date(1), RecordedAt: date(recordedDay), Version: 1,
	}
}

// TestReview_wholeAnswer walks one team through ten days, from day 10 to day 20.
func TestReview_wholeAnswer(t *testing.T) {
	t.Parallel()
	team, cycle := &needle.Team{ID: teamID(ownTeam)}, &needle.Cycle{Name: "2026 Q4"}
	churn, guard, starved := keyResult(1, needle.DirectionDecrease), keyResult(2, needle.DirectionMaintain), keyResult(3, needle.DirectionIncrease)
	tooNew := keyResult(4, needle.DirectionIncrease)
	tooNew.CreatedAt = date(21)
	guardValue := func(id int, value float64, day int) *needle.CheckIn {
		c := checkIn(id, value, day, day)
		c.KeyResultID = guard.ID
		return c
	}
	foreign := item(9, 0)
	foreign.TeamID = teamID(2)
	shipped, open, reopened, orphan := item(5, 0), item(2, 0), item(3, 0), item(6, 0)
	droppedItem, child, early := item(4, 0), item(7, 2), item(8, 0)
	churnGoal := fromForty(1)
	facts := needle.ReviewFacts{
		Team: team, Cycle: cycle, Since: date(10), AsOf: date(20),
		KeyResults: []*needle.KeyResult{tooNew, starved, guard, churn},
		Goals:      []*needle.GoalVersion{churnGoal},
		CheckIns: []*needle.CheckIn{
			checkIn(1, 40, 8, 8), checkIn(2, 99, 12, 12), correcting(checkIn(3, 37, 12, 13), 2),
			checkIn(4, 34, 18, 18), checkIn(5, 1, 19, 25), guardValue(6, 2, 5), guardValue(7, 3, 15),
		},
		Links: []*needle.ContributionVersion{
			serves(4, 5, 1), serves(3, 2, 1), serves(2, 3, 1), serves(1, 4, 1), serves(5, 9, 2), serves(6, 5, 2),
		},
		Items: []*needle.BacklogItem{shipped, open, reopened, orphan, droppedItem, child, early, foreign},
		Transitions: []*needle.ItemTransition{
			transition(5, todo, done, 14, 14), transition(2, todo, started, 9, 9),
			transition(3, todo, done, 11, 11), transition(3, done, started, 16, 16), transition(4, todo, dropped, 12, 12),
			transition(6, todo, done, 15, 15), transition(7, todo, done, 16, 16), transition(8, todo, done, 10, 10),
			transition(9, todo, done, 13, 13),
		},
	}
	minus, good := -6.0, 6.0
	work := func(version *needle.ContributionVersion, item *needle.BacklogItem, status needle.StatusCategory, deliveredDay int) *needle.ReviewedWork {
		w := &needle.ReviewedWork{Item: item, Status: status}
		if version != nil {
			w.Contribution = &version.Contribution
		}
		if deliveredDay != 0 {
			w.DeliveredAt, w.DeliveredInWindow = on(deliveredDay), true
		}
		return w
	}
	want := &needle.Review{
		Team: team, Cycle: cycle, Since: date(10), AsOf: date(20),
		KeyResults: []*needle.KeyResultReview{
			{
				KeyResult: churn, Goal: &churnGoal.Goal,
				Then: &needle.Measurement{Value: 40, MeasuredAt: date(8), RecordedAt: date(8)},
				Now:  &needle.Measurement{Value: 34, MeasuredAt: date(18), RecordedAt: date(18)},
				Movement: &needle.Movement{
					From: date(10), To: date(20), Change: minus, Towards: &good, CheckIns: 2,
					Parts: []*needle.MovementPart{
						{From: date(10), To: date(12), Change: -3}, {From: date(12), To: date(18), Change: -3},
					},
				},
				MovementNote: "2 check-ins in the window; the latest value was measured 2 days before",
				Work: []*needle.ReviewedWork{
					work(facts.Links[0], shipped, done, 14), work(facts.Links[1], open, started, 0),
					work(facts.Links[2], reopened, started, 0), work(facts.Links[3], droppedItem, dropped, 0),
				},
			},
			{
				KeyResult: guard,
				Then:      &needle.Measurement{Value: 2, MeasuredAt: date(5), RecordedAt: date(5)},
				Now:       &needle.Measurement{Value: 3, MeasuredAt: date(15), RecordedAt: date(15)},
				Movement: &needle.Movement{
					From: date(10), To: date(20), Change: 1, CheckIns: 1,
					Parts: []*needle.MovementPart{{From: date(10), To: date(15), Change: 1}},
				},
				MovementNote: "1 check-in in the window; the latest value was measured 5 days before",
				Work:         []*needle.ReviewedWork{work(facts.Links[4], foreign, done, 13), work(facts.Links[5], shipped, done, 14)},
			},
			{
				KeyResult: starved, MovementNote: "no movement: no check-in by 2026-10-21 and no baseline",
				Work: []*needle.ReviewedWork{},
			},
		},
		OrphanWork:        []*needle.ReviewedWork{work(nil, orphan, done, 15)},
		StarvedKeyResults: []*needle.KeyResult{starved},
	}
	equal(t, "review", want, impact.Review(facts))
}

// TestReview_saysWhatAMovementRestsOn asks about days 10 to 20 of one key result to decrease.
func TestReview_saysWhatAMovementRestsOn(t *testing.T) {
	t.Parallel()
	type answer struct {
		Then, Now, Change string
		Note              string
	}
	for _, tc := range []struct {
		name     string
		goals    []*needle.GoalVersion
		checkIns []*needle.CheckIn
		want     answer
	}{
		{"nothing known", nil, nil, answer{
			"?", "?", "?", "no movement: no check-in by 2026-10-21 and no baseline",
		}},
		{"a baseline and no check-in: the baseline is no value of today", []*needle.GoalVersion{fromForty(1)}, nil, answer{
			"40", "?", "?", "no movement: no check-in by 2026-10-21, only a baseline",
		}},
		{"check-ins in the window only, and no baseline", nil, []*needle.CheckIn{checkIn(1, 38, 12, 12)}, answer{
			"?", "38", "?", "no movement: no check-in by 2026-10-11 and no baseline to measure from",
		}},
		{
			"check-ins in the window only, and a baseline",
			[]*needle.GoalVersion{fromForty(1)},
			[]*needle.CheckIn{checkIn(1, 38, 12, 12), checkIn(2, 37, 20, 20)},
			answer{
				"40", "37", "-3", "measured from the baseline of the goal valid from 2026-10-02, no check-in before 2026-10-11; " +
					"2 check-ins in the window; the latest value was measured less than a day before",
			},
		},
		{
			"a check-in before the window, even a stale one, goes before the baseline",
			[]*needle.GoalVersion{fromForty(1)},
			[]*needle.CheckIn{checkIn(1, 39, 3, 3), checkIn(2, 37, 19, 19)},
			answer{"39", "37", "-2", "1 check-in in the window; the latest value was measured 1 day before"},
		},
		{"only a check-in before the window", nil, []*needle.CheckIn{checkIn(1, 38, 6, 6)}, answer{
			"38", "38", "0", "no check-in in the window, the value is carried forward; the latest value was measured 14 days before",
		}},
		{"a baseline that is recorded later", []*needle.GoalVersion{fromForty(21)}, []*needle.CheckIn{checkIn(1, 38, 12, 12)}, answer{
			"?", "38", "?", "no movement: no check-in by 2026-10-11 and no baseline to measure from",
		}},
		{"values that no number can tell apart", nil, []*needle.CheckIn{checkIn(1, -1.7e308, 9, 9), checkIn(2, 1.7e308, 12, 12)}, answer{
			"-1.7e+308", "1.7e+308", "?", "no movement: the values lie too far apart to subtract",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := impact.Review(needle.ReviewFacts{
				Since: date(10), AsOf: date(20), KeyResults: []*needle.KeyResult{keyResult(1, needle.DirectionDecrease)},
				Goals: tc.goals, CheckIns: tc.checkIns,
			}).KeyResults[0]
			got := answer{"?", "?", "?", r.MovementNote}
			if r.Then != nil {
				got.Then = number(r.Then.Value)
			}
			if r.Now != nil {
				got.Now = number(r.Now.Value)
			}
			if r.Movement != nil {
				got.Change = number(r.Movement.Change)
			}
			equal(t, "answer", tc.want, got)
		})
	}
}

func TestReview_writesTheMinuteOfAWindowThatStartsAtNoon(t *testing.T) {
	t.Parallel()
	r := impact.Review(needle.ReviewFacts{
		Since: hour(36), AsOf: hour(61), KeyResults: []*needle.KeyResult{keyResult(1, needle.DirectionIncrease)},
	})
	equal(t, "note", "no movement: no check-in by 2026-10-03 13:00 UTC and no baseline", r.KeyResults[0].MovementNote)
}

func TestReview_ofAWindowThatEndsBeforeItBegins(t *testing.T) {
	t.Parallel()
	r := impact.Review(needle.ReviewFacts{
		Team: &needle.Team{ID: teamID(ownTeam)}, Since: date(20), AsOf: date(10),
		KeyResults:  []*needle.KeyResult{keyResult(1, needle.DirectionIncrease)},
		CheckIns:    []*needle.CheckIn{checkIn(1, 1, 1, 1)},
		Items:       []*needle.BacklogItem{item(1, 0)},
		Transitions: []*needle.ItemTransition{transition(1, todo, done, 9, 9)},
	})
	equal(t, "movement", nil, r.KeyResults[0].Movement)
	equal(t, "note", "no movement: the window ends before it begins", r.KeyResults[0].MovementNote)
	equal(t, "orphans", []*needle.ReviewedWork{}, r.OrphanWork)
}

func TestReview_orphans(t *testing.T) {
	t.Parallel()
	delivered := func(ns ...int) (ts []*needle.ItemTransition) {
		for _, n := range ns {
			ts = append(ts, transition(n, todo, done, 15, 15))
		}
		return ts
	}
	lateLink := serves(1, 1, 1)
	lateLink.RecordedAt = date(21)
	for _, tc := range []struct {
		name  string
		items []*needle.BacklogItem
		links []*needle.ContributionVersion
		moves []*needle.ItemTransition
		want  []int
	}{
		{"delivered without a link", []*needle.BacklogItem{item(1, 0)}, nil, delivered(1), []int{1}},
		{"delivered with a link", []*needle.BacklogItem{item(1, 0)}, []*needle.ContributionVersion{serves(1, 1, 1)}, delivered(1), nil},
		{
			"delivered with a link to a key result of another team",
			[]*needle.BacklogItem{item(1, 0)},
			[]*needle.ContributionVersion{serves(1, 1, 77)},
			delivered(1), nil,
		},
		{"delivered with a link that has ended", []*needle.BacklogItem{item(1, 0)}, []*needle.ContributionVersion{
			serves(1, 1, 1), ended(1, 2, 16, 16),
		}, delivered(1), []int{1}},
		{"linked after the review", []*needle.BacklogItem{item(1, 0)}, []*needle.ContributionVersion{lateLink}, delivered(1), []int{1}},
		{
			"its grandparent has a link",
			[]*needle.BacklogItem{item(1, 2), item(2, 3), item(3, 0)},
			[]*needle.ContributionVersion{serves(1, 3, 1)},
			delivered(1), nil,
		},
		{
			"its parent is not among the facts, but its link is",
			[]*needle.BacklogItem{item(1, 2)},
			[]*needle.ContributionVersion{serves(1, 2, 1)},
			delivered(1), nil,
		},
		{
			"its child has a link: that does not reach up",
			[]*needle.BacklogItem{item(1, 0), item(2, 1)},
			[]*needle.ContributionVersion{serves(1, 2, 1)},
			delivered(1),
			[]int{1},
		},
		{"parents in a ring end the search", []*needle.BacklogItem{item(1, 2), item(2, 3), item(3, 2)}, nil, delivered(1), []int{1}},
		{"its own parent", []*needle.BacklogItem{item(1, 1)}, nil, delivered(1), []int{1}},
		{
			"several, by delivery and then by key",
			[]*needle.BacklogItem{item(3, 0), item(2, 0), item(1, 0)},
			nil,
			append(delivered(3, 2), transition(1, todo, done, 16, 16)),
			[]int{2, 3, 1},
		},
		{
			"delivered before the window",
			[]*needle.BacklogItem{item(1, 0)},
			nil,
			[]*needle.ItemTransition{transition(1, todo, done, 10, 10)},
			nil,
		},
		{
			"delivered in the window, learnt after it",
			[]*needle.BacklogItem{item(1, 0)},
			nil,
			[]*needle.ItemTransition{transition(1, todo, done, 15, 21)},
			nil,
		},
		{
			"delivered in the window and reopened",
			[]*needle.BacklogItem{item(1, 0)},
			nil,
			append(delivered(1), transition(1, done, todo, 16, 16)), nil,
		},
		{
			"dropped, not delivered",
			[]*needle.BacklogItem{item(1, 0)},
			nil,
			[]*needle.ItemTransition{transition(1, todo, dropped, 15, 15)},
			nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := impact.Review(needle.ReviewFacts{
				Team: &needle.Team{ID: teamID(ownTeam)}, Since: date(10), AsOf: date(20),
				Items: tc.items, Links: tc.links, Transitions: tc.moves,
			})
			var got []int
			for _, w := range r.OrphanWork {
				got = append(got, w.Item.Number)
			}
			equal(t, "orphans", tc.want, got)
		})
	}
}
