package impact

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// TestRangeRank_givesSensInterval takes Sen's worked example (Journal of the American Statistical Association 63,
// 1968): the slopes of seven points and their interval at 93 %, from 26/7 to 35/8.
func TestRangeRank_givesSensInterval(t *testing.T) {
	t.Parallel()
	const z93 = 1.8119106729525984
	x := []float64{1, 2, 3, 4, 10, 12, 18}
	var points []needle.Measurement
	for _, y := range []float64{9, 15, 19, 20, 45, 55, 78} {
		points = append(points, needle.Measurement{Value: y})
	}
	slopes := slopesOf(points, x)
	slices.Sort(slopes)
	m := rangeRank(len(points), z93)
	for what, pair := range map[string][2]float64{
		"low": {26.0 / 7, slopes[m-1]}, "median": {4, medianOf(slices.Clone(slopes))}, "high": {35.0 / 8, slopes[len(slopes)-m]},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-12 {
			t.Errorf("%s: want %v, got %v", what, pair[0], pair[1])
		}
	}
}

// TestRangeRank_holdsNineTimesInTen compares the rank, which comes from a normal approximation, with the exact
// distribution of Kendall's statistic: without ties, the number of discordant pairs of n points has the counts of
// inversions among all orders of n things.
func TestRangeRank_holdsNineTimesInTen(t *testing.T) {
	t.Parallel()
	for n := MinTrendPoints; n <= 60; n++ {
		below := atMostInversions(n)
		level := func(rank int) float64 { return 1 - 2*below[rank-1] }
		m := rangeRank(n, z90)
		if level(m) < 0.9 {
			t.Errorf("%d points: the range from rank %d holds with %.4f only", n, m, level(m))
		}
		if level(m+2) >= 0.9 {
			t.Errorf("%d points: the range from rank %d is needlessly wide", n, m)
		}
	}
	if level := 1 - 2*atMostInversions(MinTrendPoints - 1)[0]; level >= 0.9 {
		t.Errorf("one point less would do: its widest range holds with %.4f", level)
	}
}

// atMostInversions returns, for k from 0, the share of the orders of n things that have at most k inversions.
func atMostInversions(n int) []float64 {
	shares := []float64{1}
	for m := 2; m <= n; m++ { // The m-th thing adds 0 to m−1 inversions, each as likely.
		next := make([]float64, len(shares)+m-1)
		for k, s := range shares {
			for added := range m {
				next[k+added] += s / float64(m)
			}
		}
		shares = next
	}
	for k := 1; k < len(shares); k++ {
		shares[k] += shares[k-1]
	}
	return shares
}

func TestDaily_keepsTheLastValueOfEachDay(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	east := time.FixedZone("east", 9*3600) // 03:00 on the next day there is still the first day in UTC.
	s := Series{points: []needle.Measurement{
		{Value: 1, MeasuredAt: noon},
		{Value: 2, MeasuredAt: noon.Add(6 * time.Hour).In(east)},
		{Value: 3, MeasuredAt: noon.Add(12 * time.Hour)},
		{Value: 4, MeasuredAt: noon.Add(35 * time.Hour)},
		{Value: 5, MeasuredAt: noon.Add(36 * time.Hour)},
	}}
	var got []float64
	for _, p := range s.daily() {
		got = append(got, p.Value)
	}
	if want := []float64{2, 4, 5}; len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("want %v, got %v", want, got)
	}
	if len(Series{}.daily()) != 0 {
		t.Error("the empty series has a day")
	}
}
