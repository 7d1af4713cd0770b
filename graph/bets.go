package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// Bets and how far work is, each worked out for a whole level at once.

// lockedBets is what counts of each contribution's bet, as known at an instant; nil where nothing was known by then.
func (r *Resolver) lockedBets(ctx context.Context, objs []*needle.Contribution, asOf *time.Time) ([]*needle.LockedBet, error) {
	at, err := needle.KnownAt(asOf, r.Now())
	if err != nil {
		return nil, err
	}
	versions, err := r.scope(ctx).LinkVersionsOf(ctx, keys(objs, contributionID))
	if err != nil {
		return nil, err
	}
	transitions, err := r.scope(ctx).TransitionHistories(ctx, keys(objs, func(c *needle.Contribution) needle.BacklogItemID { return c.ItemID }))
	if err != nil {
		return nil, err
	}
	out := make([]*needle.LockedBet, len(objs))
	for i, c := range objs {
		out[i] = impact.LockBet(versions[c.ID], transitions[c.ItemID], at)
	}
	return out, nil
}

// effectWindows is when each contribution's effect may show; null until its work is delivered.
func (r *Resolver) effectWindows(ctx context.Context, objs []*needle.Contribution) ([]*needle.EffectWindow, error) {
	s := r.scope(ctx)
	items, err := s.BacklogItemsByID(ctx, keys(objs, func(c *needle.Contribution) needle.BacklogItemID { return c.ItemID }))
	if err != nil {
		return nil, err
	}
	keyResults, err := s.KeyResultsByID(ctx, keys(objs, func(c *needle.Contribution) needle.KeyResultID { return c.KeyResultID }))
	if err != nil {
		return nil, err
	}
	bets, err := r.lockedBets(ctx, objs, nil)
	if err != nil {
		return nil, err
	}
	out := make([]*needle.EffectWindow, len(objs))
	for i := range objs {
		if items[i] == nil || items[i].DeliveredAt == nil || keyResults[i] == nil || bets[i] == nil {
			continue
		}
		w := impact.EffectWindow(*items[i].DeliveredAt, bets[i].Counts(), keyResults[i])
		out[i] = &needle.EffectWindow{From: w.From, To: w.To}
	}
	return out, nil
}

// stages is how far each item is by now.
func (r *Resolver) stages(ctx context.Context, objs []*needle.BacklogItem) ([]needle.Stage, error) {
	id := func(b *needle.BacklogItem) needle.BacklogItemID { return b.ID }
	found, err := r.scope(ctx).Stages(ctx, keys(objs, id), r.Now())
	return spread(objs, id, found, err)
}
