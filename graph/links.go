package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// Links and the rules that make them, each worked out for a whole level at once.

func linkRuleID(l *needle.LinkRule) needle.LinkRuleID { return l.ID }

func contributionID(c *needle.Contribution) needle.ContributionID { return c.ID }

// linkHistories tells the links of each item as they were known at an instant.
func (r *Resolver) linkHistories(ctx context.Context, objs []*needle.BacklogItem, keyResult *string, asOf *time.Time, ended bool, last int) ([][]*needle.Contribution, error) {
	at, err := needle.KnownAt(asOf, r.Now())
	if err != nil {
		return nil, err
	}
	h := needle.LinkHistory{AsOf: at, Ended: ended}
	if keyResult != nil {
		id, err := needle.ParseKeyResultID(*keyResult)
		if err != nil {
			return nil, about("keyResultId", err)
		}
		h.KeyResultID = &id
	}
	id := func(b *needle.BacklogItem) needle.BacklogItemID { return b.ID }
	versions, err := r.scope(ctx).LinkHistories(ctx, keys(objs, id))
	known := make(map[needle.BacklogItemID][]*needle.Contribution, len(versions))
	for item, all := range versions {
		known[item] = impact.LinksKnown(all, h)
	}
	return latest(objs, id, known, last, err)
}
