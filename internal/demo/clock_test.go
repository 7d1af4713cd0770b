package demo

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCalendar_laysTheStoryOutWheneverItIsTold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "now"), 0)
		c := newCalendar(now)
		if c.start.Weekday() != time.Monday || !c.start.Equal(c.start.Truncate(day)) {
			t.Errorf("the cycle starts on %s", c.start)
		}
		if d := c.today(); d < 7*weeksIn || d >= 7*(weeksIn+1) {
			t.Errorf("now is day %d", d)
		}
		previous, present := c.cycleNames()
		for _, name := range []string{previous, present} {
			year, n, ok := strings.Cut(name, " Q")
			if len(year) != 4 || !ok || len(n) != 1 || n < "1" || n > "4" {
				t.Errorf("a cycle is called %q", name)
			}
		}
		if previous >= present {
			t.Errorf("%s comes before %s", previous, present)
		}
	})
}

func TestSeries_runsThroughItsKnots(t *testing.T) {
	t.Parallel()
	s := series{knots: []knot{{0, 10}, {10, 20}, {10, 30}, {20, 30}}}
	for d, want := range map[int]float64{-5: 10, 0: 10, 5: 15, 9: 19, 10: 30, 15: 30, 20: 30, 99: 30} {
		if got := s.value(d); got != want {
			t.Errorf("on day %d the value is %v, want %v", d, got, want)
		}
	}
}
