package impact

import (
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// LockBet returns what was expected of one contribution when work on it started, as known at asOf, from all its versions
// and the transitions of its item in any order; nil when nothing of the link was known.
//
// Work starts when the item is first in progress, or done without having been. The version that counts is the last one
// that both held and was known to Needle by then: a bet that is written later and dated back locks nothing, and neither does
// one whose link had ended. Versions that only end the link, or take it up again with the same bet, are no versions of the
// bet.
func LockBet(versions []*needle.ContributionVersion, transitions []*needle.ItemTransition, asOf time.Time) *needle.LockedBet {
	started, _ := startAndDeliveries(transitions, asOf)
	return historyOf(versions, asOf).lockBet(started)
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
