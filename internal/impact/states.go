package impact

import (
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// state is the value and the goal that hold from an instant on.
type state struct {
	at time.Time
	// value is nil before the first one.
	value *float64
	// goal is nil before the first one.
	goal *needle.Goal
	// measured is true where the value is what is new, false where the goal is.
	measured bool
}

// states returns what held from each instant on at which a value was measured or a goal began to hold, by asOf and as
// known then, in order of time. Where both happen at one instant the goal changes first.
func states(checkIns []*needle.CheckIn, goals []*needle.GoalVersion, asOf time.Time) []state {
	points := NewSeries(checkIns, asOf).between(time.Time{}, asOf)
	versions := goalsBy(goals, asOf)
	out := make([]state, 0, len(points)+len(versions))
	var now state
	for len(points)+len(versions) > 0 {
		if len(points) == 0 || (len(versions) > 0 && !versions[0].ValidFrom.After(points[0].MeasuredAt)) {
			now.at, now.goal, now.measured = versions[0].ValidFrom, &versions[0].Goal, false
			versions = versions[1:]
		} else {
			now.at, now.value, now.measured = points[0].MeasuredAt, &points[0].Value, true
			points = points[1:]
		}
		out = append(out, now)
	}
	return out
}

// goalsBy returns the goals that began to hold by asOf and were known then, in the order they began to hold.
func goalsBy(goals []*needle.GoalVersion, asOf time.Time) []*needle.GoalVersion {
	known := slices.DeleteFunc(slices.Clone(goals), func(v *needle.GoalVersion) bool {
		return v.RecordedAt.After(asOf) || v.ValidFrom.After(asOf)
	})
	slices.SortFunc(known, compareGoals)
	return known
}
