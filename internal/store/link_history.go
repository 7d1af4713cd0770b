package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// LinkVersionFilter narrows the versions of links; there is nothing to narrow them by.
type LinkVersionFilter struct{}

// LinkVersionOrder is what versions of links are ordered by, which is always the same.
type LinkVersionOrder string

// byRecording is the order of versions of links.
const byRecording LinkVersionOrder = "RECORDED_AT"

// LinkVersionList asks for a list of versions of links.
type LinkVersionList = needle.ListArgs[LinkVersionFilter, LinkVersionOrder]

var linkVersions = listing[needle.LinkVersion, LinkVersionFilter, LinkVersionOrder]{
	orders: map[LinkVersionOrder]orderKey[needle.LinkVersion]{
		byRecording: byTime("recorded_at", func(v *needle.LinkVersion) time.Time { return v.RecordedAt }),
	},
	usual:  order(byRecording, needle.Asc),
	filter: func(*where, *LinkVersionFilter) {},
	id:     func(row *needle.LinkVersion) uuid.UUID { return row.ID },
}

// VersionsByContribution reads one page of the history of each link, oldest first.
func (s Scope) VersionsByContribution(ctx context.Context, parents []needle.ContributionID, q LinkVersionList) ([]*needle.Page[*needle.LinkVersion], error) {
	return below(ctx, s, &linkVersions, relation{column: "t.contribution_id"}, parents, q)
}

// LinkHistories reads all versions of all links of the items.
func (s Scope) LinkHistories(ctx context.Context, items []needle.BacklogItemID) (map[needle.BacklogItemID][]*needle.ContributionVersion, error) {
	all, err := s.linksToReview(ctx, nil, items)
	out := make(map[needle.BacklogItemID][]*needle.ContributionVersion, len(items))
	for _, v := range all {
		out[v.ItemID] = append(out[v.ItemID], v)
	}
	return out, err
}
