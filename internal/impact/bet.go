package impact

import (
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// LockBet returns what was expected of one contribution when work on it started, as known at asOf, from all its versions
// and the transitions of its item in any order; nil when nothing of the link was known.
//
// Work starts when the item is first in progress, or done without having been. The version that counts is the last one
// that both held and was known to Needle by then: a bet that is written later and dated back locks nothing. Versions that
// only end the link, or take it up again with the same bet, are no versions of the bet.
func LockBet(versions []*needle.ContributionVersion, transitions []*needle.ItemTransition, asOf time.Time) *needle.LockedBet {
	started, _ := firstTimes(transitions, asOf)
	return lockBet(linkHistory(versions, asOf), started)
}

// linkHistory returns the versions of one contribution that held and were known at asOf, in order of time.
func linkHistory(versions []*needle.ContributionVersion, asOf time.Time) []*needle.ContributionVersion {
	known := make([]*needle.ContributionVersion, 0, len(versions))
	for _, v := range versions {
		if !v.RecordedAt.After(asOf) && !v.ValidFrom.After(asOf) {
			known = append(known, v)
		}
	}
	slices.SortFunc(known, compareLinks)
	return known
}

func lockBet(history []*needle.ContributionVersion, start *time.Time) *needle.LockedBet {
	if len(history) == 0 {
		return nil
	}
	locked := &needle.LockedBet{LockedAt: start}
	for _, v := range history {
		if v.Ended {
			continue
		}
		bet := &needle.BetVersion{Bet: v.Bet, Version: v.Version, ValidFrom: v.ValidFrom, RecordedAt: v.RecordedAt}
		switch {
		case start == nil || (!v.ValidFrom.After(*start) && !v.RecordedAt.After(*start)):
			locked.Locked = bet
		case repeats(locked, bet):
		default:
			locked.Later = append(locked.Later, bet)
		}
	}
	return locked
}

// repeats reports whether a version says nothing that the one before it does not.
func repeats(l *needle.LockedBet, next *needle.BetVersion) bool {
	last := l.Locked
	if n := len(l.Later); n > 0 {
		last = l.Later[n-1]
	}
	return last != nil && sameBet(last.Bet, next.Bet)
}

func sameBet(a, b needle.Bet) bool {
	return a.Role == b.Role && a.Note == b.Note && same(a.LagMinDays, b.LagMinDays) && same(a.LagMaxDays, b.LagMaxDays) &&
		sameNumber(a.ExpectedLow, b.ExpectedLow) && sameNumber(a.ExpectedHigh, b.ExpectedHigh)
}

func same(a, b *int) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

// sameNumber reports whether two numbers that people wrote down were written alike.
func sameNumber(a, b *float64) bool {
	return (a == nil) == (b == nil) && (a == nil || !(*a < *b || *a > *b))
}

// firstTimes returns when work on an item first started and when it was first done, as known at asOf; nil for never.
// Neither is taken back when the item is reopened: what was out for a while may have moved something.
func firstTimes(transitions []*needle.ItemTransition, asOf time.Time) (started, done *time.Time) {
	for _, t := range transitions {
		if t.OccurredAt.After(asOf) || t.RecordedAt.After(asOf) {
			continue
		}
		begun := t.To == needle.StatusInProgress || t.To == needle.StatusDone
		if begun && (started == nil || t.OccurredAt.Before(*started)) {
			started = &t.OccurredAt
		}
		if t.To == needle.StatusDone && (done == nil || t.OccurredAt.Before(*done)) {
			done = &t.OccurredAt
		}
	}
	return started, done
}
