package impact

import (
	"math"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// flowrate is the data of the NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2 (Individuals Control Charts).
var flowrate = []float64{49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1}

// tires is the data of Example 9.4 of the SAS/QC User's Guide (EWMACHART Statement, Displaying Individual Measurements).
var tires = []float64{
	24.05, 23.99, 23.95, 23.93, 23.97, 24.02, 24.06, 24.10, 23.98, 24.03, 23.91, 24.06, 24.06, 23.96, 23.98,
	24.06, 24.01, 24.00, 23.93, 23.92, 24.09, 24.11, 24.05, 23.98, 23.98, 24.06, 24.02, 24.06, 23.97, 23.96,
}

// TestLimits_arePublishedOnes takes two worked examples with the answers printed beside them: the handbook's, as the test
// suites of several packages for control charts quote it, and that of SAS, whose Output 9.4.1 lists them. Both divide by
// d₂ = 1.128 where Wheeler rounds 3/d₂ to 2.66, which differs in the last place but one.
func TestLimits_arePublishedOnes(t *testing.T) {
	t.Parallel()
	for _, published := range []struct {
		values                       []float64
		centre, meanRange, low, high float64
		within                       float64
	}{
		{flowrate, 50.81, 1.8778, 45.8159, 55.8041, 0.001},
		{tires, 24.0083, 0.056897, 23.8571, 24.1596, 0.00015},
	} {
		centre, meanRange := centreAndRange(published.values)
		for what, pair := range map[string][2]float64{
			"centre": {published.centre, centre}, "mean moving range": {published.meanRange, meanRange},
			"lower limit": {published.low, centre - naturalReach*meanRange}, "upper limit": {published.high, centre + naturalReach*meanRange},
		} {
			if math.Abs(pair[0]-pair[1]) > published.within {
				t.Errorf("%s: want %v, got %v", what, pair[0], pair[1])
			}
		}
	}
}

// TestConstants_areWhatTheyAreSaidToBe works them out from the normal distribution: d₂ of two draws is 2/√π.
func TestConstants_areWhatTheyAreSaidToBe(t *testing.T) {
	t.Parallel()
	beyond := func(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }
	p := beyond(1.5)
	for what, pair := range map[string][2]float64{
		"2.66":          {3 / (2 / math.Sqrt(math.Pi)), naturalReach},
		"beyond limits": {200 * beyond(3), falseAlarms[needle.RuleBeyondLimits]},
		"three of four": {200 * (4*p*p*p*(1-p) + p*p*p*p), falseAlarms[needle.RuleThreeOfFour]},
		"run of eight":  {200 * math.Pow(2, -8), falseAlarms[needle.RuleRunOfEight]},
		"z of 90 %":     {0.05, beyond(z90)},
	} {
		if math.Abs(pair[0]-pair[1]) > 0.005 {
			t.Errorf("%s: want %v, got %v", what, pair[0], pair[1])
		}
	}
}

// TestFit_agreesWithSciPy compares slopes and their ranges with scipy.stats.theilslopes(y, x, 0.90) of SciPy 1.10.1.
func TestFit_agreesWithSciPy(t *testing.T) {
	t.Parallel()
	for _, scipy := range []struct{ values, slope []float64 }{
		{flowrate, []float64{0.5, 0.22499999999999964, 0.8571428571428571}},
		{tires, []float64{0, -0.0019999999999999575, 0.0025000000000000356}},
	} {
		points := make([]needle.Measurement, len(scipy.values))
		for i, v := range scipy.values {
			points[i] = needle.Measurement{Value: v, MeasuredAt: time.Unix(0, 0).Add(time.Duration(i) * day)}
		}
		trend, _ := fit(points)
		for i, got := range []float64{trend.PerDay, trend.PerDayLow, trend.PerDayHigh} {
			if math.Abs(got-scipy.slope[i]) > 1e-12 {
				t.Errorf("want %v, got %+v", scipy.slope, trend)
			}
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

// TestClopperPearson_givesPublishedIntervals takes what R's binom.test(8, 10) prints, as many courses show it: 0.4439045 to
// 0.9747893; the limits for none and all of 10, one of which is 1 − 0.025^(1/10); and what
// scipy.stats.binomtest(k, n).proportion_ci(0.95, "exact") of SciPy 1.10.1 gives for others.
func TestClopperPearson_givesPublishedIntervals(t *testing.T) {
	t.Parallel()
	edge := 1 - math.Pow(0.025, 0.1)
	for of, want := range map[[2]int][2]float64{
		{8, 10}: {0.4439045, 0.9747893}, {0, 10}: {0, edge}, {10, 10}: {1 - edge, 1},
		{3, 4}: {0.19412044968, 0.99369053679}, {43, 1000}: {0.03129117046, 0.05748625796},
	} {
		low, high := clopperPearson(of[0], of[1], 0.95)
		if math.Abs(low-want[0]) > 1e-7 || math.Abs(high-want[1]) > 1e-7 {
			t.Errorf("%d of %d: want %v, got %v to %v", of[0], of[1], want, low, high)
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
