package impact

import (
	"math"
	"strconv"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Parts tells apart how much of a key result's raw progress by asOf, as known then, its value made by moving and how much
// came of its numbers being changed. It returns nil where there is no progress: for guards, while a number is missing, and
// when progress is out of all proportion.
//
// With p(v, g) = (v − baseline)/(target − baseline) and the values and goals in the order of their times, a new value v′
// adds p(v′, g) − p(v, g) to the movement and a new goal g′ adds p(v, g′) − p(v, g) to the changes of the goal. The way
// starts at the baseline of the first goal that has baseline and target, where p is 0; values from before that goal are
// measured by it, and goals that lack a number are passed over. Where both change at one instant the goal goes first.
//
// The steps telescope, so the two parts add up to the progress: exactly, in the decimals that they are rounded to.
func Parts(checkIns []*needle.CheckIn, goals []*needle.GoalVersion, asOf time.Time) *needle.ProgressParts {
	way := states(checkIns, goals, asOf)
	goal := firstComplete(way)
	if goal == nil || !bothEnds(way[len(way)-1].goal) || way[len(way)-1].value == nil {
		return nil
	}
	parts := &needle.ProgressParts{}
	var value *float64
	for _, s := range way {
		if s.measured {
			value = s.value
			continue
		}
		if !bothEnds(s.goal) || (*s.goal.Baseline == *goal.Baseline && *s.goal.Target == *goal.Target) {
			continue
		}
		parts.GoalChanges++
		if value != nil {
			parts.ByGoalChange += wayGone(*value, s.goal) - wayGone(*value, goal)
		}
		goal = s.goal
	}
	parts.Progress = wayGone(*value, goal)
	return inDecimals(parts)
}

// partPlaces is the most decimal places that parts are told in, and partDigits the most digits in all: as many as a
// float64 returns unharmed, so that sums in decimals are exact.
const partPlaces, partDigits = 9, 15

// inDecimals rounds parts so that they add up in decimals; nil when they have more digits before the point than that.
func inDecimals(p *needle.ProgressParts) *needle.ProgressParts {
	largest := math.Abs(p.Progress) + math.Abs(p.ByGoalChange)
	if !finite(largest) {
		return nil
	}
	places := partDigits - 1
	if largest >= 1 {
		places -= int(math.Log10(largest)) + 1
	}
	if places < 0 {
		return nil
	}
	places = min(places, partPlaces)
	p.Progress, p.ByGoalChange = rounded(p.Progress, places), rounded(p.ByGoalChange, places)
	p.ByMovement = difference(p.Progress, p.ByGoalChange)
	return p
}

func rounded(v float64, places int) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', places, 64), 64)
	if err != nil {
		return v
	}
	return r + 0 // Nothing is 0, not minus 0.
}

func firstComplete(way []state) *needle.Goal {
	for _, s := range way {
		if bothEnds(s.goal) {
			return s.goal
		}
	}
	return nil
}

// bothEnds reports whether a goal says from where to where.
func bothEnds(g *needle.Goal) bool {
	return g != nil && g.Baseline != nil && g.Target != nil && *g.Baseline != *g.Target
}

// wayGone returns how far a value has come on the way of a goal with both ends.
func wayGone(value float64, g *needle.Goal) float64 {
	return (value - *g.Baseline) / (*g.Target - *g.Baseline)
}
