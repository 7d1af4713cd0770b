package impact

import (
	"bytes"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// linkHistory is the versions of one contribution that held and were known at an instant, in order of time.
type linkHistory []*needle.ContributionVersion

// historyOf returns the history of one contribution at asOf from all its versions in any order.
func historyOf(versions []*needle.ContributionVersion, asOf time.Time) linkHistory {
	known := make(linkHistory, 0, len(versions))
	for _, v := range versions {
		if !v.RecordedAt.After(asOf) && !v.ValidFrom.After(asOf) {
			known = append(known, v)
		}
	}
	slices.SortFunc(known, compareLinks)
	return known
}

// linkHistories returns the histories of contributions at asOf from their versions in any order.
func linkHistories(versions []*needle.ContributionVersion, asOf time.Time) map[needle.ContributionID]linkHistory {
	histories := make(map[needle.ContributionID]linkHistory, len(versions))
	for _, v := range versions {
		if !v.RecordedAt.After(asOf) && !v.ValidFrom.After(asOf) {
			histories[v.ID] = append(histories[v.ID], v)
		}
	}
	for _, h := range histories {
		if len(h) > 1 {
			slices.SortFunc(h, compareLinks)
		}
	}
	return histories
}

// holding returns the links of histories that hold, by id.
func holding(histories map[needle.ContributionID]linkHistory) []*needle.Contribution {
	links := make([]*needle.Contribution, 0, len(histories))
	for _, h := range histories {
		if link := lastOf(h); link != nil {
			links = append(links, link)
		}
	}
	slices.SortFunc(links, func(a, b *needle.Contribution) int { return bytes.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
	return links
}

// endedLinks returns the links that no longer hold, as their last versions state them, by key result and then by id.
func endedLinks(histories map[needle.ContributionID]linkHistory) map[needle.KeyResultID][]*needle.Contribution {
	ended := map[needle.KeyResultID][]*needle.Contribution{}
	for _, h := range histories {
		if last := h[len(h)-1]; last.Ended {
			link := last.Contribution
			link.ValidFrom, link.ValidTo = h[0].ValidFrom, &last.ValidFrom
			ended[link.KeyResultID] = append(ended[link.KeyResultID], &link)
		}
	}
	for _, links := range ended {
		slices.SortFunc(links, func(a, b *needle.Contribution) int { return bytes.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
	}
	return ended
}

// learntAt returns when a version was both true and known.
func learntAt(v *needle.ContributionVersion) time.Time {
	if v.ValidFrom.After(v.RecordedAt) {
		return v.ValidFrom
	}
	return v.RecordedAt
}

// linkedAt returns when Needle learnt of a link, since it last began to hold without a break.
func (h linkHistory) linkedAt() time.Time {
	var at time.Time
	held := false
	for _, v := range h {
		if !v.Ended && !held {
			at = learntAt(v)
		}
		held = !v.Ended
	}
	return at
}

// endedAt returns when Needle learnt that a link had ended, however far back the end is dated; nil while it holds.
func (h linkHistory) endedAt() *time.Time {
	last := len(h) - 1
	if last < 0 || !h[last].Ended {
		return nil
	}
	for last > 0 && h[last-1].Ended {
		last--
	}
	at := learntAt(h[last])
	return &at
}

// lockBet returns the bet with what became of it; nil without a version.
func (h linkHistory) lockBet(start *time.Time) *needle.LockedBet {
	if len(h) == 0 {
		return nil
	}
	locked := &needle.LockedBet{LockedAt: start}
	for _, v := range h {
		inTime := start == nil || !learntAt(v).After(*start)
		bet := &needle.BetVersion{Bet: v.Bet, Version: v.Version, ValidFrom: v.ValidFrom, RecordedAt: v.RecordedAt}
		switch {
		case v.Ended && inTime && start != nil:
			locked.Locked = nil
		case v.Ended:
		case inTime:
			locked.Locked = bet
		case repeats(locked, bet):
		default:
			locked.Later = append(locked.Later, bet)
		}
	}
	return locked
}

// startAndDeliveries returns when work on an item first started, nil for never, and each time it was delivered, as known
// at asOf. Neither is taken back when the item is reopened: what was out for a while may have moved something.
func startAndDeliveries(transitions []*needle.ItemTransition, asOf time.Time) (started *time.Time, deliveries []time.Time) {
	for _, t := range transitions {
		repeated := t.From != nil && *t.From == t.To // As for WorkAsOf: a second "done" is no second delivery.
		if repeated || t.OccurredAt.After(asOf) || !t.KnownAt(asOf) {
			continue
		}
		begun := t.To == needle.StatusInProgress || t.To == needle.StatusDone
		if begun && (started == nil || t.OccurredAt.Before(*started)) {
			started = &t.OccurredAt
		}
		if t.To == needle.StatusDone {
			deliveries = append(deliveries, t.OccurredAt)
		}
	}
	slices.SortFunc(deliveries, time.Time.Compare)
	return started, deliveries
}
