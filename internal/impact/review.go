package impact

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Review answers, from the facts known at AsOf, how far each key result of a team moved since Since, which work was
// meant for it, which work delivered in the window serves no key result, and which key results no work serves. Key
// results come by key, work by delivery and then by key. The answer depends on the facts only, never on their order.
//
// What has no history is as it is now: titles, weights, which team an item belongs to and which item is its parent.
func Review(f needle.ReviewFacts) *needle.Review {
	k := know(f)
	review := &needle.Review{
		Team: f.Team, Cycle: f.Cycle, Since: f.Since, AsOf: f.AsOf,
		KeyResults:        make([]*needle.KeyResultReview, 0, len(k.keyResults)),
		OrphanWork:        k.orphans(),
		StarvedKeyResults: []*needle.KeyResult{},
	}
	for _, kr := range k.keyResults {
		review.KeyResults = append(review.KeyResults, k.keyResult(kr))
		if len(k.links[kr.ID]) == 0 {
			review.StarvedKeyResults = append(review.StarvedKeyResults, kr)
		}
	}
	return review
}

func (k *known) keyResult(kr *needle.KeyResult) *needle.KeyResultReview {
	r := &needle.KeyResultReview{KeyResult: kr, Work: k.workFor(kr.ID)}
	goal := k.goals[kr.ID]
	if goal != nil {
		r.Goal = &goal.Goal
	}
	k.measure(r, goal)
	return r
}

// measure fills in the values at both ends of the window, the way between them and what is to be said of it. Only where
// no check-in tells the value at the start may the baseline stand in for it, and then the note says so: the baseline is
// the value before the work, but nobody measured it at that instant. It never stands in for the value at the end.
func (k *known) measure(r *needle.KeyResultReview, goal *needle.GoalVersion) {
	series := k.series[r.KeyResult.ID]
	if now, held := series.At(k.asOf); held {
		r.Now = &now
	}
	fromBaseline := false
	if then, held := series.At(k.since); held {
		r.Then = &then
	} else if r.Then = start(goal); r.Then != nil {
		fromBaseline = true
	}
	switch {
	case k.asOf.Before(k.since):
		r.MovementNote = "no movement: the window ends before it begins"
	case r.Now == nil && r.Then == nil:
		r.MovementNote = "no movement: no check-in by " + instant(k.asOf) + " and no baseline"
	case r.Now == nil:
		r.MovementNote = "no movement: no check-in by " + instant(k.asOf) + ", only a baseline"
	case r.Then == nil:
		r.MovementNote = "no movement: no check-in by " + instant(k.since) + " and no baseline to measure from"
	default:
		r.Movement = moveFrom(r.Then.Value, series, r.KeyResult.Direction, k.since, k.asOf)
		r.MovementNote = k.note(r, fromBaseline)
	}
}

// note says what a movement rests on: where it starts, how many check-ins it holds and how old the latest one is.
func (k *known) note(r *needle.KeyResultReview, fromBaseline bool) string {
	if r.Movement == nil {
		return "no movement: the values lie too far apart to subtract"
	}
	var parts []string
	if fromBaseline {
		parts = append(parts, fmt.Sprintf("measured from the baseline of the goal valid from %s, no check-in before %s",
			instant(r.Then.MeasuredAt), instant(k.since)))
	}
	switch n := r.Movement.CheckIns; n {
	case 0:
		parts = append(parts, "no check-in in the window, the value is carried forward")
	case 1:
		parts = append(parts, "1 check-in in the window")
	default:
		parts = append(parts, fmt.Sprintf("%d check-ins in the window", n))
	}
	parts = append(parts, "the latest value was measured "+age(k.asOf.Sub(r.Now.MeasuredAt)))
	return strings.Join(parts, "; ")
}

// workFor returns the work linked to a key result, in whatever state it was. An epic right below which other work is linked
// to it is not among it: that other work is.
func (k *known) workFor(id needle.KeyResultID) []*needle.ReviewedWork {
	work := []*needle.ReviewedWork{}
	for _, link := range Counted(k.links[id], k.parent) {
		if item := k.items[link.ItemID]; item != nil {
			work = append(work, k.reviewed(item, link))
		}
	}
	slices.SortStableFunc(work, byDelivery) // Links come by id, which settles two links of one item.
	return work
}

// parent returns the item right above another one; nil when there is none.
func (k *known) parent(id needle.BacklogItemID) *needle.BacklogItemID {
	if item := k.items[id]; item != nil {
		return item.ParentID
	}
	return nil
}

// orphans returns the team's work that was delivered in the window and serves no key result.
func (k *known) orphans() []*needle.ReviewedWork {
	orphans := []*needle.ReviewedWork{}
	for id, item := range k.items {
		if item.TeamID == k.team && k.work[id].DeliveredBetween(k.since, k.asOf) && !k.serves(item) {
			orphans = append(orphans, k.reviewed(item, nil))
		}
	}
	slices.SortFunc(orphans, byDelivery)
	return orphans
}

// instant writes a time as short as it can be without losing the minute.
func instant(t time.Time) string {
	t = t.UTC()
	if t.Equal(t.Truncate(day)) {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02 15:04 UTC")
}

// age writes how long before the review something was, in whole days.
func age(d time.Duration) string {
	switch days := int(d / day); days {
	case 0:
		return "less than a day before"
	case 1:
		return "1 day before"
	default:
		return fmt.Sprintf("%d days before", days)
	}
}
