package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// known is what of the facts was known at asOf, sorted into the places a review looks for it.
type known struct {
	since, asOf time.Time
	team        needle.TeamID
	keyResults  []*needle.KeyResult
	goals       map[needle.KeyResultID]*needle.GoalVersion
	series      map[needle.KeyResultID]Series
	histories   map[needle.ContributionID]linkHistory
	links       map[needle.KeyResultID][]*needle.Contribution
	linked      map[needle.BacklogItemID]bool
	items       map[needle.BacklogItemID]*needle.BacklogItem
	transitions map[needle.BacklogItemID][]*needle.ItemTransition
	work        map[needle.BacklogItemID]WorkState
}

func know(f needle.ReviewFacts) *known {
	k := &known{
		since: f.Since, asOf: f.AsOf,
		goals:  map[needle.KeyResultID]*needle.GoalVersion{},
		series: map[needle.KeyResultID]Series{},
		links:  map[needle.KeyResultID][]*needle.Contribution{},
		linked: make(map[needle.BacklogItemID]bool, len(f.Links)),
		items:  make(map[needle.BacklogItemID]*needle.BacklogItem, len(f.Items)),
		work:   make(map[needle.BacklogItemID]WorkState, len(f.Items)),
	}
	if f.Team != nil {
		k.team = f.Team.ID
	}
	goals := groupBy(f.Goals, func(g *needle.GoalVersion) needle.KeyResultID { return g.KeyResultID })
	checkIns := groupBy(f.CheckIns, func(c *needle.CheckIn) needle.KeyResultID { return c.KeyResultID })
	for _, kr := range f.KeyResults {
		if kr.CreatedAt.After(f.AsOf) {
			continue
		}
		k.keyResults = append(k.keyResults, kr)
		k.goals[kr.ID] = GoalAsOf(goals[kr.ID], f.AsOf)
		k.series[kr.ID] = NewSeries(checkIns[kr.ID], f.AsOf)
	}
	slices.SortFunc(k.keyResults, byNumber)
	k.histories = linkHistories(f.Links, f.AsOf)
	for _, link := range holding(k.histories) {
		k.links[link.KeyResultID] = append(k.links[link.KeyResultID], link)
		k.linked[link.ItemID] = true
	}
	k.transitions = groupBy(f.Transitions, func(t *needle.ItemTransition) needle.BacklogItemID { return t.ItemID })
	for _, item := range f.Items {
		k.items[item.ID] = item
		k.work[item.ID] = WorkAsOf(k.transitions[item.ID], f.AsOf)
	}
	return k
}

// serves reports whether an item is linked to any key result, itself or through an item above it. Parents that form a
// ring, which no write allows but an import might bring, end the search.
func (k *known) serves(item *needle.BacklogItem) bool {
	if k.linked[item.ID] {
		return true
	}
	seen := map[needle.BacklogItemID]bool{}
	for item != nil && !seen[item.ID] {
		if k.linked[item.ID] {
			return true
		}
		seen[item.ID] = true
		if item.ParentID == nil {
			return false
		}
		if k.linked[*item.ParentID] {
			return true
		}
		item = k.items[*item.ParentID]
	}
	return false
}

// reviewed returns an item as it stood at asOf; link is nil for work that is shown for want of one.
func (k *known) reviewed(item *needle.BacklogItem, link *needle.Contribution) *needle.ReviewedWork {
	state := k.work[item.ID]
	return &needle.ReviewedWork{
		Contribution: link, Item: item, Status: state.Status, DeliveredAt: state.DeliveredAt,
		DeliveredInWindow: state.DeliveredBetween(k.since, k.asOf),
	}
}

// byDelivery orders work by when it was delivered, what was not at the end, then by key.
func byDelivery(a, b *needle.ReviewedWork) int {
	switch {
	case a.DeliveredAt == nil && b.DeliveredAt != nil:
		return 1
	case a.DeliveredAt != nil && b.DeliveredAt == nil:
		return -1
	case a.DeliveredAt != nil:
		return cmp.Or(a.DeliveredAt.Compare(*b.DeliveredAt), cmp.Compare(a.Item.Number, b.Item.Number))
	default:
		return cmp.Compare(a.Item.Number, b.Item.Number)
	}
}

// factsInAGroup is how many facts a group is taken to have before they are counted: few, as of moves of an item.
const factsInAGroup = 4

// groupBy sorts facts into groups. Those that come together share the memory of the facts, so callers change nothing in them.
func groupBy[K comparable, V any](facts []V, key func(V) K) map[K][]V {
	groups := make(map[K][]V, len(facts)/factsInAGroup)
	for len(facts) > 0 {
		k, n := key(facts[0]), 1
		for n < len(facts) && key(facts[n]) == k {
			n++
		}
		if group, there := groups[k]; there {
			groups[k] = append(group, facts[:n]...)
		} else {
			groups[k] = facts[:n:n]
		}
		facts = facts[n:]
	}
	return groups
}
