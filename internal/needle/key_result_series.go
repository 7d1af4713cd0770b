package needle

import "time"

// KeyResultSeries is all that a plot of a key result shows.
type KeyResultSeries struct {
	// AsOf is the instant; nothing recorded later is in the answer.
	AsOf time.Time
	// From and To are the window's ends; From is nil when the series begins with the first value.
	From *time.Time
	To   time.Time
	// Chart holds the values in the window, against limits from all that is known.
	Chart
	// TargetLine is the way through the whole cycle, one straight line for each goal that held.
	TargetLine []*TargetSegment
	// Deliveries are those of linked work, those that were taken back and those of work unlinked since included, with when
	// each may show.
	Deliveries []*SeriesDelivery
	// Events are the outside events that were recorded and stood.
	Events []*OutsideEvent
	// LatestAt is when the latest value known was measured; nil when there is none.
	LatestAt *time.Time
}

// TargetSegment is a part of the way that a value had to go: a straight line, or a band for guards.
type TargetSegment struct {
	// From and To are its ends.
	From, To time.Time
	// StartValue and EndValue are where the value had to be at the two, in the key result's unit; nil for guards and while
	// the goal lacks a number.
	StartValue, EndValue *float64
	// BandLow and BandHigh are what a guard had to stay between; nil for an end that is open, and for all but guards.
	BandLow, BandHigh *float64
}

// SeriesDelivery is a delivery of linked work and when it may show.
type SeriesDelivery struct {
	// Contribution is the link.
	Contribution *Contribution
	// Item is the work as it is now.
	Item *BacklogItem
	// DeliveredAt is when it was delivered.
	DeliveredAt time.Time
	// Window is when it may show.
	Window EffectWindow
	// TakenBack is true when the work was reopened after it.
	TakenBack bool
	// Unlinked is true when the link ended after it.
	Unlinked bool
}
