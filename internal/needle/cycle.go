package needle

import (
	"slices"
	"time"
)

// CycleState is where a cycle stands.
type CycleState string

// The states of a cycle, in order.
const (
	CyclePlanning CycleState = "PLANNING"
	CycleActive   CycleState = "ACTIVE"
	CycleClosed   CycleState = "CLOSED"
)

// Cycle is a time box that objectives live in, e.g. "2026 Q4".
type Cycle struct {
	Stamp
	ID CycleID `bun:"id,pk"`
	// Name is unique in the workspace.
	Name string
	// StartsOn is its first day.
	StartsOn Date
	// EndsOn is its last day, inclusive.
	EndsOn Date
	// State is moved by people, not by the calendar.
	State CycleState
}

// IsNode marks Cycle as a Node.
func (*Cycle) IsNode() {}

// Start returns the instant the cycle begins, in UTC.
func (c *Cycle) Start() time.Time { return c.StartsOn.Time }

// End returns the instant after the last day, in UTC.
func (c *Cycle) End() time.Time { return c.EndsOn.AddDate(0, 0, 1) }

// Elapsed returns the share of the cycle that has passed at t, from 0 to 1.
func (c *Cycle) Elapsed(t time.Time) float64 {
	whole := c.End().Sub(c.Start())
	if whole <= 0 {
		return 1
	}
	return min(1, max(0, float64(t.Sub(c.Start()))/float64(whole)))
}

// cycleSteps are the states in their order.
var cycleSteps = []CycleState{CyclePlanning, CycleActive, CycleClosed}

// CanMove reports whether the cycle may go to the state from where it is: one step forwards or back.
func (c *Cycle) CanMove(to CycleState) bool {
	is, next := slices.Index(cycleSteps, c.State), slices.Index(cycleSteps, to)
	return is >= 0 && next >= 0 && (next-is == 1 || is-next == 1)
}

// CreateCycleInput plans a cycle.
type CreateCycleInput struct {
	Name             string
	StartsOn         Date
	EndsOn           Date
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CreateCycleInput) Validate() error {
	c := check{prefix: "input"}
	c.text("name", in.Name, MaxName)
	c.span(in.StartsOn, in.EndsOn)
	return c.err()
}

// UpdateCycleInput changes a cycle; absent fields stay.
type UpdateCycleInput struct {
	ID               CycleID
	Name             *string
	StartsOn         *Date
	EndsOn           *Date
	State            *CycleState
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateCycleInput) Validate() error {
	c := check{prefix: "input"}
	if in.Name != nil {
		c.text("name", *in.Name, MaxName)
	}
	return c.err()
}

// Validate returns Errors when the dates contradict each other; an update is checked against what it leads to.
func (c *Cycle) Validate() error {
	k := check{prefix: "input"}
	k.span(c.StartsOn, c.EndsOn)
	return k.err()
}

func (c *check) span(from, to Date) {
	c.instant("startsOn", from.Time)
	c.instant("endsOn", to.Time)
	if to.Before(from.Time) {
		c.add("endsOn", CodeInvalid, "a cycle ends on or after the day it starts")
	} else if to.Sub(from.Time) > 732*24*time.Hour {
		c.add("endsOn", CodeOutOfRange, "a cycle lasts at most two years")
	}
}

// CycleFilter narrows a list of cycles; all given parts must hold.
type CycleFilter struct {
	And   []*CycleFilter
	Or    []*CycleFilter
	Not   *CycleFilter
	ID    *Comparator[CycleID]
	Name  *StringComparator
	State *Comparator[CycleState]
}

// CycleOrderField is what cycles can be ordered by.
type CycleOrderField string

// The order fields of cycles.
const (
	CycleByStartsOn  CycleOrderField = "STARTS_ON"
	CycleByName      CycleOrderField = "NAME"
	CycleByCreatedAt CycleOrderField = "CREATED_AT"
)
