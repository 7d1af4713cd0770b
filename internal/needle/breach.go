package needle

import "time"

// Breach is a span in which a key result to maintain lay outside its band.
type Breach struct {
	// From is when it was first measured outside, or when the band was drawn so that the value lies outside.
	From time.Time
	// To is when it was measured inside again, or the band was drawn so that it lies inside; nil while it lasts.
	To *time.Time
	// Worst is the value of the span that lay farthest outside the band of its time.
	Worst float64
	// CheckIns is the number of values measured in the span; 0 when a value was carried into it and only the band changed.
	CheckIns int
}

// Outside returns how far a value lies outside the goal's band; 0 when it lies inside.
func (g Goal) Outside(value float64) float64 {
	switch {
	case g.BandLow != nil && value < *g.BandLow:
		return *g.BandLow - value
	case g.BandHigh != nil && value > *g.BandHigh:
		return value - *g.BandHigh
	default:
		return 0
	}
}

// ProgressParts says how much of a key result's progress its value made, and how much came of its numbers being changed.
type ProgressParts struct {
	// Progress is the raw progress that the parts add up to; below 0 it went the wrong way, above 1 past the target.
	Progress float64
	// ByMovement is the share that the value made by moving.
	ByMovement float64
	// ByGoalChange is the share that changes of baseline and target made while the value stood still.
	ByGoalChange float64
	// GoalChanges is how often baseline or target changed since they were first known.
	GoalChanges int
}
