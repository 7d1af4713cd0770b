package demo

import (
	"context"
	"math"

	"github.com/needle-okr/needle/internal/needle"
)

// series is how the value of a key result went: straight lines between knots, and noise around them.
type series struct {
	from, to       int // the first and the last day it was measured on; the days count from the present cycle's start
	knots          []knot
	noise          float64    // standard deviation, in the key result's unit
	decimals       int        // of the values as they are written down
	confidence     [2]float64 // at the first and at the last check-in; both 0 when nobody said
	automatic      bool       // measured at night, by a machine that tells nothing else
	notes          map[int]string
	mistake        *mistake
	neverBelowZero bool
}

// knot is the value on one day.
type knot struct {
	day   int
	value float64
}

// mistake is a value that was written down wrong on one day and corrected some days later.
type mistake struct {
	day         int
	value       float64
	note        string
	correctedOn int
}

// value returns where the lines between the knots are on a day; before the first knot and after the last they are flat.
func (s series) value(d int) float64 {
	last := s.knots[0]
	for _, k := range s.knots {
		if d < k.day {
			if k.day == last.day || d < last.day {
				return last.value
			}
			share := float64(d-last.day) / float64(k.day-last.day)
			return last.value + share*(k.value-last.value)
		}
		last = k
	}
	return last.value
}

// writeCheckIns plans the check-ins of a key result. What was measured before the key result was written is recorded
// once it is: its people brought the history along.
func (s *story) writeCheckIns(r result, written int) {
	if len(r.series.knots) == 0 {
		return
	}
	random := chance(s.seed, "series/"+r.key)
	every := max(1, r.cadence)
	if r.cadence == 0 {
		every = 7
	}
	hour := 9.0
	if r.series.automatic {
		hour = 6
	}
	for d := r.series.from; d <= r.series.to; d += every {
		value := round(r.series.value(d)+random.NormFloat64()*r.series.noise, r.series.decimals)
		if r.series.neverBelowZero {
			value = max(0, value)
		}
		s.checkIn(r, d, hour, value, written)
	}
}

// checkIn plans one check-in, and its correction when the day's value was a mistake.
func (s *story) checkIn(r result, d int, hour, value float64, written int) {
	measured := s.at(d, hour)
	recordedOn, recordedAt := d, hour+0.5
	if d <= written {
		recordedOn, recordedAt = written, 15+float64(d-r.series.from)/1000
	}
	in := needle.RecordCheckInInput{Value: value, Confidence: r.series.confident(d), MeasuredAt: &measured, Note: optional(r.series.notes[d])}
	wrong := r.series.mistake
	if wrong == nil || wrong.day != d {
		s.record(r, recordedOn, recordedAt, "", in)
		return
	}
	bad := in
	bad.Value, bad.Note = wrong.value, nil
	s.record(r, recordedOn, recordedAt, wrong.note, bad)
	in.Note, in.MeasuredAt = &wrong.note, nil
	s.plan(wrong.correctedOn, 11, r.owner, func(ctx context.Context) error {
		in.KeyResultID, in.SupersedesID = s.keyResults[r.key].ID, &s.checkIns[wrong.note].ID
		_, err := s.planner.RecordCheckIn(ctx, in)
		return err
	})
}

// record plans one check-in; it can be spoken of by the name, when there is one.
func (s *story) record(r result, d int, hour float64, name string, in needle.RecordCheckInInput) {
	s.plan(d, hour, r.owner, func(ctx context.Context) error {
		in.KeyResultID = s.keyResults[r.key].ID
		c, err := s.planner.RecordCheckIn(ctx, in)
		if name == "" {
			return err
		}
		return keep(s.checkIns, name)(c, err)
	})
}

// confident returns how sure the owner is on a day that the target will be met; nil when nobody says.
func (s series) confident(d int) *float64 {
	if s.confidence == [2]float64{} || s.automatic || s.to == s.from {
		return nil
	}
	share := float64(d-s.from) / float64(s.to-s.from)
	return new(round(s.confidence[0]+share*(s.confidence[1]-s.confidence[0]), 2))
}

func round(v float64, decimals int) float64 {
	scale := math.Pow(10, float64(decimals))
	return math.Round(v*scale) / scale
}

// measuredBy is the last day that a series of the present cycle may reach: the story stops at now anyway.
const measuredBy = cycleDays - 1
