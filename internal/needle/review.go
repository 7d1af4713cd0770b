package needle

import "time"

// Measurement is a value of a key result and both times of it.
type Measurement struct {
	// Value is in the key result's unit.
	Value float64
	// MeasuredAt is when it was true.
	MeasuredAt time.Time
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
}

// Movement is how far a key result's value went over a window, raw and signed so that positive is good.
type Movement struct {
	// From and To are the window's ends.
	From, To time.Time
	// Change is the later value less the earlier one, in the key result's unit.
	Change float64
	// Towards is Change signed by the key result's direction: positive is good. For MAINTAIN it is nil: a guard does
	// not move.
	Towards *float64
	// CheckIns is the number of values measured inside the window.
	CheckIns int
	// Parts are the steps from value to value; they add up to Change.
	Parts []*MovementPart
}

// MovementPart is the change from one check-in to the next inside a window.
type MovementPart struct {
	// From and To are when the two values were measured; From is the window's start for the value carried into it.
	From, To time.Time
	// Change is in the key result's unit.
	Change float64
}

// ReviewedWork is a piece of work linked to a key result, as it stood at the review's instant.
type ReviewedWork struct {
	// Contribution is the link.
	Contribution *Contribution
	// Item is the work as it is now; Status and DeliveredAt here are as of the review.
	Item *BacklogItem
	// Status is where the work stood.
	Status StatusCategory
	// DeliveredAt is when it was last delivered; nil when it was not.
	DeliveredAt *time.Time
	// DeliveredInWindow is true when that was between since and asOf.
	DeliveredInWindow bool
}

// KeyResultReview is what a review says about one key result.
type KeyResultReview struct {
	// KeyResult is the key result as it is now.
	KeyResult *KeyResult
	// Goal is its numbers as they were known at asOf.
	Goal *Goal
	// Then is the value that held at since, or the baseline where no check-in is that old, as MovementNote then says; nil
	// when there is neither.
	Then *Measurement
	// Now is the value that held at asOf; nil when none was known.
	Now *Measurement
	// Movement is the way between the two; nil when either is missing.
	Movement *Movement
	// MovementNote says why there is no movement, or how old the data is; never empty when Movement is nil.
	MovementNote string
	// Work is everything linked to it at asOf.
	Work []*ReviewedWork
}

// Review answers which work was meant for which result of a team and how far the results moved. It claims no cause.
type Review struct {
	// Team and Cycle are what it is about.
	Team  *Team
	Cycle *Cycle
	// Since and AsOf are the window. Nothing recorded after AsOf is in the answer.
	Since, AsOf time.Time
	// KeyResults are all of the team's in the cycle, by key.
	KeyResults []*KeyResultReview
	// OrphanWork was delivered in the window and serves no key result.
	OrphanWork []*ReviewedWork
	// StarvedKeyResults have no work linked at all.
	StarvedKeyResults []*KeyResult
}

// ReviewFacts is everything a review of one team in one cycle is computed from. Slices may be in any order and may hold facts
// from after AsOf, which change nothing; so the store may load whole histories.
type ReviewFacts struct {
	// Team and Cycle are what the review is about.
	Team  *Team
	Cycle *Cycle
	// Since and AsOf are the window: after Since, up to AsOf.
	Since, AsOf time.Time
	// KeyResults are the team's in the cycle. Those that Needle learnt of after AsOf are left out of the answer.
	KeyResults []*KeyResult
	// Goals are all versions of the goals of KeyResults.
	Goals []*GoalVersion
	// CheckIns are all check-ins of KeyResults, superseded ones included: a correction may be younger than AsOf.
	CheckIns []*CheckIn
	// Links are all versions of every contribution that serves one of KeyResults or belongs to one of Items, whatever
	// key result it serves: work for another team's result is no orphan.
	Links []*ContributionVersion
	// Items are the items of all Links to KeyResults, of any team; every item of the team with a transition into DONE
	// after Since; and the parents of all these, up to the top. A link whose item is missing counts as a link but is
	// not shown.
	Items []*BacklogItem
	// Transitions are all transitions of Items; those of items that are here as parents only may be absent.
	Transitions []*ItemTransition
}

// Of returns the facts for one of the teams they were read for.
func (f ReviewFacts) Of(team *Team) ReviewFacts {
	all := f.KeyResults
	f.Team, f.KeyResults = team, nil
	for _, k := range all {
		if k.TeamID == team.ID {
			f.KeyResults = append(f.KeyResults, k)
		}
	}
	return f
}

// ReviewWindow is the span that a review looks at, and what is told of gaps and line-ups.
type ReviewWindow struct {
	// Since is where it begins; nil takes the start of the cycle.
	Since *time.Time
	// AsOf is where it ends and what was known then is all that counts; nil takes now.
	AsOf *time.Time
}

// Validate returns Errors for windows that end before they begin, or in the future, of which nothing is known.
func (w ReviewWindow) Validate(now time.Time) error {
	c := check{}
	if w.Since != nil {
		c.instant("since", *w.Since)
	}
	c.past("asOf", w.AsOf, now, "nobody knows the future")
	if w.Since != nil && w.Since.After(*or(w.AsOf, &now)) {
		c.add("since", CodeOutOfRange, "the window begins after it ends")
	}
	return c.err()
}

// Ends returns the window's ends for a cycle.
func (w ReviewWindow) Ends(cycle *Cycle, now time.Time) (since, asOf time.Time) {
	start := cycle.Start()
	return *or(w.Since, &start), *or(w.AsOf, &now)
}

func or[T any](p, otherwise *T) *T {
	if p == nil {
		return otherwise
	}
	return p
}
