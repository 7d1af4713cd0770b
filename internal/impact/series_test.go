package impact_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func values(ms []needle.Measurement) []float64 {
	vs := make([]float64, len(ms))
	for i, m := range ms {
		vs[i] = m.Value
	}
	return vs
}

func byPerson(c *needle.CheckIn) *needle.CheckIn {
	c.AuthorID = &needle.UserID{}
	return c
}

func TestNewSeries_keepsWhatWasKnown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		checkIns []*needle.CheckIn
		asOfDay  int
		want     []float64
	}{
		{"nothing of nothing", nil, 10, []float64{}},
		{"sorts by the time of measurement", []*needle.CheckIn{
			checkIn(1, 30, 3, 3), checkIn(2, 10, 1, 4), checkIn(3, 20, 2, 2),
		}, 10, []float64{10, 20, 30}},
		{"leaves out what was recorded later", []*needle.CheckIn{
			checkIn(1, 10, 1, 1), checkIn(2, 20, 2, 6),
		}, 5, []float64{10}},
		{"knows what was recorded at that very instant", []*needle.CheckIn{checkIn(1, 10, 1, 5)}, 5, []float64{10}},
		{"orders two values of one instant by when they were recorded", []*needle.CheckIn{
			checkIn(1, 12, 1, 3), checkIn(2, 11, 1, 2),
		}, 5, []float64{11, 12}},
		{"orders two values recorded together by id", []*needle.CheckIn{
			checkIn(2, 12, 1, 2), checkIn(1, 11, 1, 2),
		}, 5, []float64{11, 12}},
		{"puts a person's value after a source's of the same instant", []*needle.CheckIn{
			byPerson(checkIn(1, 12, 1, 1)), checkIn(2, 11, 1, 3),
		}, 5, []float64{11, 12}},
		{"drops what a correction supersedes", []*needle.CheckIn{
			checkIn(1, 10, 1, 1), correcting(checkIn(2, 9, 1, 2), 1),
		}, 5, []float64{9}},
		{"ignores a correction that is recorded later", []*needle.CheckIn{
			checkIn(1, 10, 1, 1), correcting(checkIn(2, 9, 1, 6), 1),
		}, 5, []float64{10}},
		{"keeps the end of a chain of corrections", []*needle.CheckIn{
			correcting(checkIn(3, 8, 1, 3), 2), checkIn(1, 10, 1, 1), correcting(checkIn(2, 9, 1, 2), 1),
		}, 5, []float64{8}},
		{"keeps the last known link of a chain", []*needle.CheckIn{
			checkIn(1, 10, 1, 1), correcting(checkIn(2, 9, 1, 2), 1), correcting(checkIn(3, 8, 1, 6), 2),
		}, 5, []float64{9}},
		{"moves a value that was corrected in time", []*needle.CheckIn{
			checkIn(1, 10, 1, 1), checkIn(2, 20, 2, 2), correcting(checkIn(3, 10, 3, 3), 1),
		}, 5, []float64{20, 10}},
		{"lets a correction of something unknown stand alone", []*needle.CheckIn{
			correcting(checkIn(2, 9, 1, 2), 77),
		}, 5, []float64{9}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := impact.NewSeries(tc.checkIns, date(tc.asOfDay))
			equal(t, "values", tc.want, values(got.Points()))
			equal(t, "length", len(tc.want), got.Len())
		})
	}
}

func TestSeries_At_carriesForward(t *testing.T) {
	t.Parallel()
	s := impact.NewSeries([]*needle.CheckIn{
		checkIn(1, 10, 2, 2), checkIn(2, 20, 4, 4), checkIn(3, 21, 4, 5),
	}, date(10))
	for _, tc := range []struct {
		name string
		at   time.Time
		want float64
		held bool
	}{
		{"nothing before the first", date(2).Add(-1), 0, false},
		{"the first at its own instant", date(2), 10, true},
		{"the first until the next, without a step between", date(4).Add(-1), 10, true},
		{"the one recorded last of two at one instant", date(4), 21, true},
		{"the last for ever", date(4000), 21, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, held := s.At(tc.at)
			equal(t, "value", tc.want, got.Value)
			equal(t, "held", tc.held, held)
		})
	}
	if _, held := (impact.Series{}).At(date(1)); held {
		t.Error("the empty series holds a value")
	}
}

func TestSeries_Between_takesTheEndAndLeavesTheStart(t *testing.T) {
	t.Parallel()
	s := impact.NewSeries([]*needle.CheckIn{
		checkIn(1, 10, 1, 1), checkIn(2, 20, 2, 2), checkIn(3, 30, 3, 3), checkIn(4, 40, 4, 4),
	}, date(10))
	equal(t, "inside", []float64{20, 30}, values(s.Between(date(1), date(3))))
	equal(t, "no time at all", []float64{}, values(s.Between(date(2), date(2))))
	equal(t, "backwards", []float64{}, values(s.Between(date(3), date(1))))

	got := s.Between(date(1), date(3))
	got[0].Value = -1
	equal(t, "the series after a caller wrote to its copy", []float64{10, 20, 30, 40}, values(s.Points()))
}

func TestSeries_lateValueChangesTodayAndNeverYesterday(t *testing.T) {
	t.Parallel()
	late := []*needle.CheckIn{checkIn(1, 10, 1, 1), checkIn(2, 15, 3, 8)} // The second one is measured on day 3, entered on day 8.

	yesterday, _ := impact.NewSeries(late, date(7)).At(date(5))
	today, _ := impact.NewSeries(late, date(8)).At(date(5))
	equal(t, "yesterday's answer about day 5", 10.0, yesterday.Value)
	equal(t, "today's answer about day 5", 15.0, today.Value)
}

func TestNewSeries_orderOfCheckInsChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkIns, asOf := drawCheckIns(t), drawHour(t, 0, 100)
		again := shuffle(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2)), checkIns)
		equal(t, "points", impact.NewSeries(checkIns, asOf).Points(), impact.NewSeries(again, asOf).Points())
	})
}
