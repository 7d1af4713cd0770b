package impact_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func TestMove(t *testing.T) {
	t.Parallel()
	s := impact.NewSeries([]*needle.CheckIn{
		checkIn(1, 10, 1, 1), checkIn(2, 16, 3, 3), checkIn(3, 13, 5, 5),
	}, date(10))
	up, down, none := 3.0, -3.0, 0.0
	for _, tc := range []struct {
		name      string
		direction needle.Direction
		from, to  int
		want      *needle.Movement
	}{
		{"adds its steps up, and up is good", needle.DirectionIncrease, 2, 6, &needle.Movement{
			From: date(2), To: date(6), Change: 3, Towards: &up, CheckIns: 2,
			Parts: []*needle.MovementPart{
				{From: date(2), To: date(3), Change: 6}, {From: date(3), To: date(5), Change: -3},
			},
		}},
		{"down is good for a decrease", needle.DirectionDecrease, 2, 6, &needle.Movement{
			From: date(2), To: date(6), Change: 3, Towards: &down, CheckIns: 2,
			Parts: []*needle.MovementPart{
				{From: date(2), To: date(3), Change: 6}, {From: date(3), To: date(5), Change: -3},
			},
		}},
		{"a guard changes and moves nowhere", needle.DirectionMaintain, 3, 5, &needle.Movement{
			From: date(3), To: date(5), Change: -3, CheckIns: 1,
			Parts: []*needle.MovementPart{{From: date(3), To: date(5), Change: -3}},
		}},
		{"a value carried through the window is no movement", needle.DirectionDecrease, 6, 9, &needle.Movement{
			From: date(6), To: date(9), Towards: &none, Parts: []*needle.MovementPart{},
		}},
		{"no time, no movement", needle.DirectionIncrease, 5, 5, &needle.Movement{
			From: date(5), To: date(5), Towards: &none, Parts: []*needle.MovementPart{},
		}},
		{"unknown before the first value", needle.DirectionIncrease, 0, 6, nil},
		{"unknown backwards", needle.DirectionIncrease, 6, 2, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "movement", tc.want, impact.Move(s, tc.direction, date(tc.from), date(tc.to)))
		})
	}
}

func TestMove_subtractsLikePeopleDoInDecimals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, want float64 }{
		{61, 65.8, 4.8}, {4.18, 2.79, -1.39}, {73.5, 79.8, 6.3}, {0.1, 0.3, 0.2}, {1e300, 1, -1e300}, {9007199254740992, 9007199254740994, 2},
	} {
		s := impact.NewSeries([]*needle.CheckIn{checkIn(1, c.from, 1, 1), checkIn(2, c.to, 2, 2)}, date(9))
		got := impact.Move(s, needle.DirectionIncrease, date(1), date(9))
		if got.Change != c.want {
			t.Errorf("from %v to %v: got %v, want %v", c.from, c.to, got.Change, c.want)
		}
	}
}

func TestMove_noChangeIsNeverMinusZero(t *testing.T) {
	t.Parallel()
	s := impact.NewSeries([]*needle.CheckIn{checkIn(1, 10, 1, 1)}, date(9))
	if m := impact.Move(s, needle.DirectionDecrease, date(2), date(3)); math.Signbit(*m.Towards) {
		t.Error("no change of a decrease is −0, which people would see")
	}
}

func TestMove_isUnknownWhereADifferenceOverflows(t *testing.T) {
	t.Parallel()
	far := math.MaxFloat64
	for name, vs := range map[string][]float64{"between the ends": {-far, far}, "on the way": {-far, far, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var checkIns []*needle.CheckIn
			for i, v := range vs {
				checkIns = append(checkIns, checkIn(i+1, v, i, i))
			}
			s := impact.NewSeries(checkIns, date(9))
			equal(t, "movement", nil, impact.Move(s, needle.DirectionIncrease, date(0), date(5)))
		})
	}
}

// drawSeries draws values of any size and the largest magnitude among them; rounding is measured against it.
func drawSeries(t *rapid.T) (s impact.Series, checkIns []*needle.CheckIn, largest float64) {
	for i := range rapid.IntRange(1, 30).Draw(t, "check-ins") {
		c := &needle.CheckIn{ID: checkInID(i + 1), Value: rapid.Float64Range(-1e12, 1e12).Draw(t, "value")}
		c.MeasuredAt, c.RecordedAt = drawTimes(t)
		checkIns = append(checkIns, c)
		largest = max(largest, math.Abs(c.Value))
	}
	return impact.NewSeries(checkIns, hour(1000)), checkIns, largest
}

func drawDirection(t *rapid.T) needle.Direction {
	return rapid.SampledFrom([]needle.Direction{needle.DirectionIncrease, needle.DirectionDecrease}).Draw(t, "direction")
}

func near(t *rapid.T, what string, want, got, scale float64) {
	t.Helper()
	if math.Abs(want-got) > 1e-9*scale {
		t.Fatalf("%s: want %v, got %v, values up to %v", what, want, got, scale)
	}
}

func TestMove_windowsTelescope(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _, largest := drawSeries(t)
		direction := drawDirection(t)
		a := s.Points()[0].MeasuredAt
		b := a.Add(drawHour(t, 0, 60).Sub(epoch))
		c := b.Add(drawHour(t, 0, 60).Sub(epoch))
		ab, bc, ac := impact.Move(s, direction, a, b), impact.Move(s, direction, b, c), impact.Move(s, direction, a, c)
		near(t, "change", ac.Change, ab.Change+bc.Change, largest)
		near(t, "towards", *ac.Towards, *ab.Towards+*bc.Towards, largest)
		equal(t, "check-ins", ac.CheckIns, ab.CheckIns+bc.CheckIns)
	})
}

func TestMove_partsAddUpToTheChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _, largest := drawSeries(t)
		from := s.Points()[0].MeasuredAt.Add(drawHour(t, 0, 60).Sub(epoch))
		to := from.Add(drawHour(t, 0, 60).Sub(epoch))
		m := impact.Move(s, needle.DirectionIncrease, from, to)
		sum, at := 0.0, from
		for _, p := range m.Parts {
			equal(t, "start of a step at the end of the last", at, p.From)
			sum, at = sum+p.Change, p.To
		}
		near(t, "sum of the parts", m.Change, sum, largest)
		if at.After(to) {
			t.Fatalf("a step ends at %v, after the window", at)
		}
	})
}

func TestMove_extraCheckInsInBetweenChangeNoTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, checkIns, _ := drawSeries(t)
		from := s.Points()[0].MeasuredAt
		to := from.Add(drawHour(t, 2, 60).Sub(epoch))
		end, _ := s.At(to)
		if !end.MeasuredAt.After(from.Add(1)) {
			t.Skip("no room in between")
		}
		extra := checkIn(200, rapid.Float64Range(-1e12, 1e12).Draw(t, "extra"), 0, 0)
		inside := int64(end.MeasuredAt.Sub(from)) - 2
		extra.MeasuredAt = from.Add(1 + rapidDuration(t, inside))
		more := impact.NewSeries(append(checkIns, extra), hour(1000))

		want, got := impact.Move(s, needle.DirectionIncrease, from, to), impact.Move(more, needle.DirectionIncrease, from, to)
		equal(t, "change", want.Change, got.Change)
		equal(t, "check-ins", want.CheckIns+1, got.CheckIns)
	})
}

func rapidDuration(t *rapid.T, most int64) time.Duration {
	return time.Duration(rapid.Int64Range(0, most).Draw(t, "duration"))
}
