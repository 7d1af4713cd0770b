package impact

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

func compareLinks(v, other *needle.ContributionVersion) int {
	return cmp.Or(
		v.ValidFrom.Compare(other.ValidFrom),
		v.RecordedAt.Compare(other.RecordedAt),
		cmp.Compare(v.Version, other.Version),
	)
}

// LinksAsOf returns the links that held at asOf, as known then, by id, from versions of any contributions in any order.
// Of each contribution the version that began to hold last counts; ended ones drop out. ValidFrom of what is returned
// is when the link began to hold without a break, whatever versions of its bet came since, and ValidTo is nil.
func LinksAsOf(versions []*needle.ContributionVersion, asOf time.Time) []*needle.Contribution {
	return holding(linkHistories(versions, asOf))
}

// lastOf returns the link that the last version of an ordered history states; nil when it ended.
func lastOf(history []*needle.ContributionVersion) *needle.Contribution {
	last := len(history) - 1
	if history[last].Ended {
		return nil
	}
	first := last
	for first > 0 && !history[first-1].Ended {
		first--
	}
	link := history[last].Contribution
	link.ValidFrom, link.ValidTo = history[first].ValidFrom, nil
	return &link
}

// Counted returns the links that counts and shares rest on, in their order: an item right below which others are linked to
// the same key result is their container, and they are counted in its place, so that no work is counted twice. Package
// store knows the same of links that hold now. parent tells what lies above an item; nil when nothing does. Items that lie
// below each other in a ring contain nothing of it: else none of them would be counted.
func Counted(links []*needle.Contribution, parent func(needle.BacklogItemID) *needle.BacklogItemID) []*needle.Contribution {
	type place struct {
		item      needle.BacklogItemID
		keyResult needle.KeyResultID
	}
	contains := map[place]bool{}
	for _, link := range links {
		if above := parent(link.ItemID); above != nil && !isAbove(link.ItemID, *above, parent) {
			contains[place{*above, link.KeyResultID}] = true
		}
	}
	counted := make([]*needle.Contribution, 0, len(links))
	for _, link := range links {
		if !contains[place{link.ItemID, link.KeyResultID}] {
			counted = append(counted, link)
		}
	}
	return counted
}

// isAbove reports whether an item is another one or lies above it, at any height.
func isAbove(item, other needle.BacklogItemID, parent func(needle.BacklogItemID) *needle.BacklogItemID) bool {
	met := map[needle.BacklogItemID]bool{}
	for at := &other; at != nil && !met[*at]; at = parent(*at) {
		if *at == item {
			return true
		}
		met[*at] = true
	}
	return false
}

// LinksKnown returns the links that were known at an instant, in the order in which they began to hold; ended ones only
// when asked for, with when they ended. Each is as its last version then said.
func LinksKnown(versions []*needle.ContributionVersion, h needle.LinkHistory) []*needle.Contribution {
	known := map[needle.ContributionID][]*needle.ContributionVersion{}
	for _, v := range versions {
		if !v.RecordedAt.After(h.AsOf) && !v.ValidFrom.After(h.AsOf) && (h.KeyResultID == nil || *h.KeyResultID == v.KeyResultID) {
			known[v.ID] = append(known[v.ID], v)
		}
	}
	links := make([]*needle.Contribution, 0, len(known))
	for _, history := range known {
		slices.SortFunc(history, compareLinks)
		last := len(history) - 1
		link := lastOf(history)
		if link == nil && h.Ended {
			ended := history[last].Contribution
			ended.ValidFrom, ended.ValidTo = history[0].ValidFrom, &history[last].ValidFrom
			link = &ended
		}
		if link != nil {
			link.CreatedAt = history[0].RecordedAt
			links = append(links, link)
		}
	}
	slices.SortFunc(links, func(a, b *needle.Contribution) int {
		return cmp.Or(a.ValidFrom.Compare(b.ValidFrom), bytes.Compare(a.ID.UUID[:], b.ID.UUID[:]))
	})
	return links
}
