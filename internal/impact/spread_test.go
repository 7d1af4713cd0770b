package impact_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// cast returns ballots of one side with these values.
func cast(side needle.Function, values ...int) []*needle.Ballot {
	out := make([]*needle.Ballot, len(values))
	for i, v := range values {
		out[i] = &needle.Ballot{Function: side, Value: v}
	}
	return out
}

// bars is a histogram of these counts, for the values from 1.
func bars(counts ...int) []*needle.ValueCount {
	out := make([]*needle.ValueCount, len(counts))
	for i, n := range counts {
		out[i] = &needle.ValueCount{Value: i + 1, Count: n}
	}
	return out
}

func TestSpread(t *testing.T) {
	t.Parallel()
	team := func(ballots int, mean float64) []*needle.FunctionMean {
		return []*needle.FunctionMean{{Function: needle.FunctionTeam, Ballots: ballots, Mean: mean}}
	}
	number := func(f float64) *float64 { return &f }
	for _, tc := range []struct {
		name    string
		ballots []*needle.Ballot
		want    *needle.VoteSpread
	}{
		{"none tell nothing", nil, nil},
		{"one deviates from nothing and agrees with nobody", cast(needle.FunctionTeam, 4), &needle.VoteSpread{
			Ballots: 1, Mean: 4, Median: 4, Low: 4, High: 4, Histogram: bars(0, 0, 0, 1, 0), ByFunction: team(1, 4),
		}},
		{"equal ones agree", cast(needle.FunctionTeam, 2, 2, 2), &needle.VoteSpread{
			Ballots: 3, Mean: 2, Median: 2, Low: 2, High: 2, StandardDeviation: number(0), Agreement: number(1),
			Histogram: bars(0, 3, 0, 0, 0), ByFunction: team(3, 2),
		}},
		{"halves at either end do not agree at all", cast(needle.FunctionTeam, 5, 1, 1, 5), &needle.VoteSpread{
			Ballots: 4, Mean: 3, Median: 3, Low: 1, High: 5, StandardDeviation: number(2), Agreement: number(0),
			Histogram: bars(2, 0, 0, 0, 2), ByFunction: team(4, 3),
		}},
		// The textbook's example of a population: the variance of 1, 2, 3, 4, 5 is 2, where a sample's is 2.5.
		{"the deviation is the population's", cast(needle.FunctionTeam, 1, 2, 3, 4, 5), &needle.VoteSpread{
			Ballots: 5, Mean: 3, Median: 3, Low: 1, High: 5, StandardDeviation: number(math.Sqrt2), Agreement: number(0.2928932188134524),
			Histogram: bars(1, 1, 1, 1, 1), ByFunction: team(5, 3),
		}},
		{"sides stand in their own order, without those that did not vote", append(
			cast(needle.FunctionCustomerFacing, 5), append(cast(needle.FunctionLeader, 2, 3), cast(needle.FunctionTeam, 4)...)...,
		), &needle.VoteSpread{
			Ballots: 4, Mean: 3.5, Median: 3.5, Low: 2, High: 5, StandardDeviation: number(math.Sqrt(1.25)), Agreement: number(1 - math.Sqrt(1.25)/2),
			Histogram: bars(0, 1, 1, 1, 1), ByFunction: []*needle.FunctionMean{
				{Function: needle.FunctionTeam, Ballots: 1, Mean: 4},
				{Function: needle.FunctionLeader, Ballots: 2, Mean: 2.5},
				{Function: needle.FunctionCustomerFacing, Ballots: 1, Mean: 5},
			},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "spread", tc.want, impact.Spread(tc.ballots))
		})
	}
}

func TestSpread_staysWithinItsBallotsInWhateverOrder(t *testing.T) {
	t.Parallel()
	sides := []needle.Function{needle.FunctionTeam, needle.FunctionLeader, needle.FunctionStakeholder, needle.FunctionCustomerFacing}
	rapid.Check(t, func(t *rapid.T) {
		ballots := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *needle.Ballot {
			return &needle.Ballot{Function: rapid.SampledFrom(sides).Draw(t, "side"), Value: rapid.IntRange(1, 5).Draw(t, "value")}
		}), 1, 30).Draw(t, "ballots")
		s := impact.Spread(ballots)
		if diff := cmp.Diff(s, impact.Spread(rapid.Permutation(ballots).Draw(t, "other order"))); diff != "" {
			t.Fatalf("the order of ballots matters:\n%s", diff)
		}
		low, high := float64(s.Low), float64(s.High)
		if s.Low < 1 || s.High > 5 || s.Mean < low || s.Mean > high || s.Median < low || s.Median > high {
			t.Fatalf("out of bounds: %+v", s)
		}
		if single := len(ballots) == 1; single != (s.StandardDeviation == nil) || single != (s.Agreement == nil) {
			t.Fatalf("%d ballots have the deviation %v and the agreement %v", len(ballots), s.StandardDeviation, s.Agreement)
		}
		if s.Agreement != nil {
			if d := *s.StandardDeviation; d < 0 || d > (high-low)/2+1e-12 || (d == 0) != (s.Low == s.High) {
				t.Fatalf("the deviation is %v of %+v", d, s)
			}
			if a := *s.Agreement; a < 0 || a > 1 || (a == 1) != (s.Low == s.High) {
				t.Fatalf("the agreement is %v of %+v", a, s)
			}
		}
		counted, spoke, sum := 0, 0, 0.0
		for _, bar := range s.Histogram {
			counted += bar.Count
		}
		for _, side := range s.ByFunction {
			spoke += side.Ballots
			sum += side.Mean * float64(side.Ballots)
		}
		if len(s.Histogram) != 5 || counted != s.Ballots || spoke != s.Ballots || s.Ballots != len(ballots) {
			t.Fatalf("the parts do not make the whole: %+v", s)
		}
		if math.Abs(sum/float64(spoke)-s.Mean) > 1e-9 {
			t.Fatalf("the sides' means make %v, not %v", sum/float64(spoke), s.Mean)
		}
	})
}
