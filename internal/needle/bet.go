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

// OutsideEventKind is what sort of event moved, or may have moved, a value from outside.
type OutsideEventKind string

// The kinds of outside events.
const (
	EventPriceChange OutsideEventKind = "PRICE_CHANGE"
	EventCampaign    OutsideEventKind = "CAMPAIGN"
	EventOutage      OutsideEventKind = "OUTAGE"
	EventOther       OutsideEventKind = "OTHER"
)

// OutsideEvent is something that is no work of the team and may have moved a key result.
type OutsideEvent struct {
	// KeyResultID is what it may have moved.
	KeyResultID KeyResultID
	// Kind is what sort of event it was.
	Kind OutsideEventKind
	// Title says what happened.
	Title string
	// From and To are when it happened; the same instant for a moment.
	From, To time.Time
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
	// RemovedAt is when it was taken back; nil while it stands.
	RemovedAt *time.Time
}

// Experiment is a test with a control that was made of a contribution elsewhere.
type Experiment struct {
	// ContributionID is the link that was tested.
	ContributionID ContributionID
	// Source says where it is written down.
	Source string
	// Estimate is the effect it found, in the key result's unit.
	Estimate float64
	// Low and High are the ends of its interval.
	Low, High float64
	// Confidence is how often such intervals hold the truth, 0 to 1; nil when the source does not say.
	Confidence *float64
	// RecordedAt is when it was attached.
	RecordedAt time.Time
	// RemovedAt is when it was taken back; nil while it stands.
	RemovedAt *time.Time
}
