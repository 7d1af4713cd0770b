package impact

import (
	"slices"

	"github.com/needle-okr/needle/internal/needle"
)

// Scoring returns what closing an objective gives, from all its key results: the mean of their scores weighted by their
// weights. Of a closed objective these are the scores it was closed with, of any other those that its numbers suggest now.
// Key results without a score are left out and counted: nothing known is not the same as zero.
func Scoring(o *needle.Objective, keyResults []*needle.KeyResult) *needle.Scoring {
	closed := o.State == needle.ObjectiveClosed
	of := (*needle.KeyResult).SuggestedScore
	if closed {
		of = func(k *needle.KeyResult) *float64 { return k.Score }
	}
	mean, counted := weightedMean(keyResults, of)
	s := &needle.Scoring{Score: mean, Scored: counted, Unscored: len(keyResults) - counted}
	if closed {
		s.Score = o.Score
	}
	s.SuggestedOutcome = needle.OutcomeOf(s.Score)
	return s
}

// Score returns the score of an objective whose key results are scored; nil when none of them is.
func Score(keyResults []*needle.KeyResult) *float64 {
	mean, _ := weightedMean(keyResults, func(k *needle.KeyResult) *float64 { return k.Score })
	return mean
}

// meanPlaces is the number of decimal places of means: 0.4875 shall not read 0.48750000000000004.
const meanPlaces = 12

// weightedMean returns the mean of what key results have, weighted by their weights, and how many have it; nil when none
// does. What they have lies between 0 and 1, and so does the mean.
func weightedMean(keyResults []*needle.KeyResult, of func(*needle.KeyResult) *float64) (mean *float64, counted int) {
	ordered := slices.SortedFunc(slices.Values(keyResults), byNumber) // Sums of floats depend on their order.
	var sum, weights float64
	for _, k := range ordered {
		share := of(k)
		if share == nil || !(k.Weight > 0) {
			continue
		}
		counted++
		sum += k.Weight * *share
		weights += k.Weight
	}
	if counted == 0 {
		return nil, 0
	}
	m := min(1, rounded(sum/weights, meanPlaces))
	return &m, counted
}
