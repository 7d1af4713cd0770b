package needle

import "strconv"

// CarryOverObjectiveInput continues a closed objective in a later cycle.
type CarryOverObjectiveInput struct {
	ID      ObjectiveID
	CycleID CycleID
	// Title is the new objective's; nil keeps the old one's.
	Title *string
	// KeyResultIDs are the key results that go on; nil takes all, an empty list none.
	KeyResultIDs     []KeyResultID
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CarryOverObjectiveInput) Validate() error {
	c := check{prefix: "input"}
	if in.Title != nil {
		c.text("title", *in.Title, MaxTitle)
	}
	listed(&c, "keyResultIds", in.KeyResultIDs)
	return c.err()
}

// CarriedGoal returns the numbers with which the key result goes on in a later cycle, and the sentence that is kept as
// their reason. The baseline is the value it ended with, or the old one when nothing was measured. The target stays while
// it is still ahead; one that was reached is left open, because what comes next is for people to say. A band stays.
func (k *KeyResult) CarriedGoal() (Goal, string) {
	g := k.Goal
	from := "carried over from " + k.Key()
	if k.CurrentValue == nil {
		return g, from + ", which was never measured"
	}
	end := *k.CurrentValue
	g.Baseline = &end
	if k.Direction == DirectionMaintain {
		return g, from
	}
	if k.Target == nil {
		return g, from + ", which had no target"
	}
	if *k.TargetReached() {
		g.Target, g.Stretch = nil, nil
		return g, from + ", which reached its target of " + strconv.FormatFloat(*k.Target, 'f', -1, 64) + ": set a new one"
	}
	return g, from
}

// CarriedOn returns the key result that continues this one for an objective of a later cycle, and the reason of its
// numbers. Stamp, ID, Number and CreatedBy are the caller's to set; what was measured and scored stays with the old one.
func (k *KeyResult) CarriedOn(o *Objective) (*KeyResult, string) {
	next := &KeyResult{
		ObjectiveID: o.ID, TeamID: o.TeamID, CycleID: o.CycleID, Title: k.Title, Wording: k.Wording, Kind: k.Kind,
		Direction: k.Direction, Indicator: k.Indicator, Unit: k.Unit, Weight: k.Weight, OwnerID: k.OwnerID,
		CadenceDays: k.CadenceDays, LagMinDays: k.LagMinDays, LagMaxDays: k.LagMaxDays, CarriedFromID: &k.ID,
	}
	var reason string
	next.Goal, reason = k.CarriedGoal()
	if r := k.RelativeChange; r != nil && next.Target != nil && *next.Target == Changed(*next.Baseline, *r) {
		next.RelativeChange = r // Nothing moved, so it still comes to the target.
	}
	return next, reason
}
