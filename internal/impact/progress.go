package impact

import (
	"cmp"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Pace returns the share of the way expected at an instant, from 0 to 1: linear over the cycle.
func Pace(cycle *needle.Cycle, at time.Time) float64 { return cycle.Elapsed(at) }

// ObjectiveProgress is how far the key results of an objective have come together.
type ObjectiveProgress struct {
	// Mean is the mean of their clamped progress, weighted by their weights, from 0 to 1.
	Mean float64
	// Counted is the number of key results it rests on.
	Counted int
	// LeftOut is the number of those without a progress: guards, and those that lack a baseline, a target or a check-in.
	LeftOut int
}

// Progress returns the weighted mean progress of an objective's key results; nil when none of them has one. Key results
// without a progress are left out and counted: no number is not the same as zero.
func Progress(keyResults []*needle.KeyResult) *ObjectiveProgress {
	mean, counted := weightedMean(keyResults, (*needle.KeyResult).Progress)
	if mean == nil {
		return nil
	}
	return &ObjectiveProgress{Mean: *mean, Counted: counted, LeftOut: len(keyResults) - counted}
}

func byNumber(a, b *needle.KeyResult) int { return cmp.Compare(a.Number, b.Number) }
