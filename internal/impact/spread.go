package impact

import (
	"math"
	"slices"

	"github.com/needle-okr/needle/internal/needle"
)

// sides are the functions in the order in which a spread lists them.
var sides = []needle.Function{
	needle.FunctionTeam, needle.FunctionLeader, needle.FunctionStakeholder, needle.FunctionCustomerFacing,
}

// Spread tells how ballots lie; nil when there are none. Their order changes nothing. The deviation is that of the
// population: a vote asks those whom it asks and is no sample of others. A single ballot deviates from nothing and
// agrees with nobody, so it has neither.
func Spread(ballots []*needle.Ballot) *needle.VoteSpread {
	n := len(ballots)
	if n == 0 {
		return nil
	}
	values := make([]int, n)
	for i, b := range ballots {
		values[i] = b.Value
	}
	slices.Sort(values)
	s := &needle.VoteSpread{
		Ballots: n, Mean: mean(values), Median: mean(values[(n-1)/2 : n/2+1]), Low: values[0], High: values[n-1],
		Histogram: histogram(values), ByFunction: bySide(ballots),
	}
	if n > 1 {
		spread := deviation(values)
		// Nothing deviates more than halves at either end do.
		agreement := max(0, 1-spread/(float64(needle.HighestBallot-needle.LowestBallot)/2))
		s.StandardDeviation, s.Agreement = &spread, &agreement
	}
	return s
}

func mean(values []int) float64 {
	sum := 0
	for _, v := range values {
		sum += v
	}
	return float64(sum) / float64(len(values))
}

// deviation is the standard deviation of the population, from whole sums so that it is exact for equal values.
func deviation(values []int) float64 {
	n, sum, squares := len(values), 0, 0
	for _, v := range values {
		sum += v
		squares += v * v
	}
	return math.Sqrt(float64(n*squares-sum*sum)) / float64(n)
}

func histogram(values []int) []*needle.ValueCount {
	var out []*needle.ValueCount
	for v := needle.LowestBallot; v <= needle.HighestBallot; v++ {
		bar := &needle.ValueCount{Value: v}
		for _, value := range values {
			if value == v {
				bar.Count++
			}
		}
		out = append(out, bar)
	}
	return out
}

func bySide(ballots []*needle.Ballot) []*needle.FunctionMean {
	var out []*needle.FunctionMean
	for _, side := range sides {
		var values []int
		for _, b := range ballots {
			if b.Function == side {
				values = append(values, b.Value)
			}
		}
		if len(values) > 0 {
			out = append(out, &needle.FunctionMean{Function: side, Ballots: len(values), Mean: mean(values)})
		}
	}
	return out
}
