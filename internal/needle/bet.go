package needle

import "time"

// BetVersion is a bet as it stood from an instant on.
type BetVersion struct {
	Bet
	// Version is the link's version that states it.
	Version int
	// ValidFrom is when it began to hold.
	ValidFrom time.Time
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
}

// LockedBet is what was expected of a contribution, and what became of the expectation later.
type LockedBet struct {
	// LockedAt is when work started; nil before, while the bet may still be changed.
	LockedAt *time.Time
	// Locked is the version that counts: the last one that held and was known when work started. Before work starts it is
	// the present one; nil when the first was written after work had started.
	Locked *BetVersion
	// Later are the versions written after it, in order of time; they change no verdict.
	Later []*BetVersion
}

// Counts returns the bet that windows are drawn by: the locked one, and where there is none the first one written after.
func (l *LockedBet) Counts() Bet {
	switch {
	case l.Locked != nil:
		return l.Locked.Bet
	case len(l.Later) > 0:
		return l.Later[0].Bet
	default:
		return Bet{}
	}
}
