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
	known := map[needle.ContributionID][]*needle.ContributionVersion{}
	for _, v := range versions {
		if !v.RecordedAt.After(asOf) && !v.ValidFrom.After(asOf) {
			known[v.ID] = append(known[v.ID], v)
		}
	}
	links := make([]*needle.Contribution, 0, len(known))
	for _, history := range known {
		slices.SortFunc(history, compareLinks)
		if link := lastOf(history); link != nil {
			links = append(links, link)
		}
	}
	slices.SortFunc(links, func(a, b *needle.Contribution) int { return bytes.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
	return links
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
