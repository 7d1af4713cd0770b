package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// LinkVersionList asks for a list of versions of links.
type LinkVersionList = needle.ListArgs[needle.LinkVersionFilter, needle.LinkVersionOrderField]

var linkVersions = listing[needle.LinkVersion, needle.LinkVersionFilter, needle.LinkVersionOrderField]{
	orders: map[needle.LinkVersionOrderField]orderKey[needle.LinkVersion]{
		needle.LinkVersionByRecordedAt: byTime("recorded_at", func(v *needle.LinkVersion) time.Time { return v.RecordedAt }),
	},
	usual:  order(needle.LinkVersionByRecordedAt, needle.Asc),
	filter: linkVersionFilter,
	id:     func(row *needle.LinkVersion) uuid.UUID { return row.ID },
}

func linkVersionFilter(w *where, f *needle.LinkVersionFilter) {
	compare(w, "origin", f.Origin)
	w.flag("ended", f.Ended)
	nest(w, f.And, f.Or, f.Not, linkVersionFilter)
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
