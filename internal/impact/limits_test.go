package impact

import (
	"math"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// TestLimits_arePublishedOnes takes the worked example of the NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2
// (Individuals Control Charts, flow rate of ten batches), which prints a centre of 50.81, a mean moving range of 1.8778
// and limits of 45.8159 and 55.8041 with 3/1.128; Wheeler's rounded 2.66 differs in the third decimal place.
func TestLimits_arePublishedOnes(t *testing.T) {
	t.Parallel()
	centre, meanRange := centreAndRange([]float64{49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1})
	for what, pair := range map[string][2]float64{
		"centre": {50.81, centre}, "mean moving range": {1.8778, meanRange},
		"lower limit": {45.8159, centre - naturalReach*meanRange}, "upper limit": {55.8041, centre + naturalReach*meanRange},
	} {
		if math.Abs(pair[0]-pair[1]) > 0.001 {
			t.Errorf("%s: want %v, got %v", what, pair[0], pair[1])
		}
	}
}

// TestLimits_followAClearDrift takes values on a line with a zigzag of ±1 about it, whose moving ranges about the line
// are 2.
func TestLimits_followAClearDrift(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	s := Series{}
	for i := range 20 {
		v := 10 + 3*float64(i) + float64(1-2*(i%2))
		s.points = append(s.points, needle.Measurement{Value: v, MeasuredAt: noon.Add(time.Duration(i) * day)})
	}
	l := baselineBefore(s, noon.Add(100*day)).limits()
	if math.Abs(l.PerDay-3) > 0.02 || math.Abs(l.MeanMovingRange-2) > 0.02 || math.Abs(l.CentreAt(noon.Add(10*day))-40) > 0.2 {
		t.Errorf("%+v", l)
	}
}

// TestWidening_isThatOfAPrediction works the factor of a prediction from a line out for days 0 to 4 at day 10:
// √((1 + 1/5 + (10 − 2)²/10)/(1 + 1/5)) = √(7.6/1.2).
func TestWidening_isThatOfAPrediction(t *testing.T) {
	t.Parallel()
	l := line{n: 5, middleDays: 2, spreadSq: 10}
	if got, want := l.widening(10), math.Sqrt(7.6/1.2); math.Abs(got-want) > 1e-12 {
		t.Errorf("want %v, got %v", want, got)
	}
}

// TestClopperPearson_givesRsInterval takes what R's binom.test(8, 10) prints: 0.4439045 to 0.9747893; and its
// binom.test(0, 10) and binom.test(10, 10), whose other limit is 1 − 0.025^(1/10).
func TestClopperPearson_givesRsInterval(t *testing.T) {
	t.Parallel()
	edge := 1 - math.Pow(0.025, 0.1)
	for k, want := range map[int][2]float64{8: {0.4439045, 0.9747893}, 0: {0, edge}, 10: {1 - edge, 1}} {
		low, high := clopperPearson(k, 10, 0.95)
		if math.Abs(low-want[0]) > 1e-7 || math.Abs(high-want[1]) > 1e-7 {
			t.Errorf("%d of 10: want %v, got %v to %v", k, want, low, high)
		}
	}
}

func TestNth_isTheOneOfTheSortedNumbers(t *testing.T) {
	t.Parallel()
	values := []float64{5, 1, 4, 1, 3, 5, 9, 2, 6, 5}
	for k, want := range []float64{1, 1, 2, 3, 4, 5, 5, 5, 6, 9} {
		if got := nth(append([]float64(nil), values...), k); math.Abs(got-want) > 0 {
			t.Errorf("%d: want %v, got %v", k, want, got)
		}
	}
	if got := medianOf([]float64{4, 1, 3, 2}); math.Abs(got-2.5) > 1e-15 {
		t.Errorf("median %v", got)
	}
}
