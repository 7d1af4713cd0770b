package impact_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// band is a guard's goal from a floor to 20 that began to hold, and was recorded, on a day.
func band(low float64, day int) *needle.GoalVersion {
	high := 20.0
	return &needle.GoalVersion{Goal: needle.Goal{BandLow: &low, BandHigh: &high}, ValidFrom: date(day), RecordedAt: date(day), Version: day}
}

func TestBreaches(t *testing.T) {
	t.Parallel()
	span := func(from, to int, worst float64, checkIns int) *needle.Breach {
		b := &needle.Breach{From: date(from), Worst: worst, CheckIns: checkIns}
		if to > 0 {
			end := date(to)
			b.To = &end
		}
		return b
	}
	steady := []*needle.GoalVersion{band(10, 1)}
	for _, tc := range []struct {
		name     string
		checkIns []*needle.CheckIn
		goals    []*needle.GoalVersion
		want     []*needle.Breach
	}{
		{"nothing measured", nil, steady, []*needle.Breach{}},
		{"the edges belong to the band", []*needle.CheckIn{checkIn(1, 10, 2, 2), checkIn(2, 20, 3, 3)}, steady, []*needle.Breach{}},
		{"one that lasts", []*needle.CheckIn{checkIn(1, 9, 2, 2), checkIn(2, 7, 3, 3), checkIn(3, 8, 4, 4)}, steady, []*needle.Breach{span(2, 0, 7, 3)}},
		{
			"two, on either side",
			[]*needle.CheckIn{checkIn(1, 9, 2, 2), checkIn(2, 15, 3, 3), checkIn(3, 22, 5, 5), checkIn(4, 20, 7, 7)},
			steady,
			[]*needle.Breach{span(2, 3, 9, 1), span(5, 7, 22, 1)},
		},
		{"from one side to the other without a stop", []*needle.CheckIn{checkIn(1, 8, 2, 2), checkIn(2, 23, 3, 3)}, steady, []*needle.Breach{span(2, 0, 23, 2)}},
		{"a value that was corrected breached nothing", []*needle.CheckIn{checkIn(1, 9, 2, 2), correcting(checkIn(2, 12, 2, 3), 1)}, steady, []*needle.Breach{}},
		{"a value of before there was a band", []*needle.CheckIn{checkIn(1, 9, 2, 2)}, []*needle.GoalVersion{band(10, 4)}, []*needle.Breach{span(4, 0, 9, 0)}},
		{
			"a band that was drawn anew, twice",
			[]*needle.CheckIn{checkIn(1, 12, 2, 2)},
			[]*needle.GoalVersion{band(10, 1), band(13, 4), band(11, 6)},
			[]*needle.Breach{span(4, 6, 12, 0)},
		},
		{"a person's word of the same instant stands", []*needle.CheckIn{byPerson(checkIn(1, 12, 2, 2)), checkIn(2, 9, 2, 3)}, steady, []*needle.Breach{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "breaches", tc.want, impact.Breaches(tc.checkIns, tc.goals, date(10)))
		})
	}
}

func TestBreaches_areApartAndHoldWhatTheyClaim(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkIns, asOf := ofKeyResult1(drawCheckIns(t)), drawHour(t, 0, 110)
		low := drawValue(t)
		goals := []*needle.GoalVersion{{Goal: needle.Goal{BandLow: &low}, ValidFrom: hour(-30), RecordedAt: hour(-30)}}
		breaches, series := impact.Breaches(checkIns, goals, asOf), impact.NewSeries(checkIns, asOf)
		for i, b := range breaches {
			if b.To != nil && !b.To.After(b.From) || b.To == nil && i+1 < len(breaches) {
				t.Fatalf("breach %d is %+v", i, b)
			}
			if b.To != nil && i+1 < len(breaches) && !breaches[i+1].From.After(*b.To) {
				t.Fatalf("breaches %d and the next touch", i)
			}
		}
		at := drawHour(t, -10, 110)
		if at.After(asOf) {
			return
		}
		value, held := series.At(at)
		if want := held && value.Value < low; inside(breaches, at) != want {
			t.Fatalf("at %s the value is %v (held %v) of at least %v", at, value.Value, held, low)
		}
	})
}

func inside(breaches []*needle.Breach, at time.Time) bool {
	for _, b := range breaches {
		if !at.Before(b.From) && (b.To == nil || at.Before(*b.To)) {
			return true
		}
	}
	return false
}
