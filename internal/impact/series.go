package impact

import (
	"slices"
	"sort"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Series is the values of one key result as they were known at an instant, in order of time. The zero Series is empty.
type Series struct {
	points []needle.Measurement
}

// NewSeries returns what was known at asOf from the check-ins of one key result, given in any order.
//
// Left out is what was recorded after asOf and what a correction known at asOf supersedes, so of a chain of corrections
// the last known one stands. A correction of something unknown stands alone. Values measured at the same instant are
// all kept, in the order they were recorded; the last one is the value that holds.
func NewSeries(checkIns []*needle.CheckIn, asOf time.Time) Series {
	known := standing(checkIns, asOf)
	s := Series{points: make([]needle.Measurement, len(known))}
	for i, c := range known {
		s.points[i] = needle.Measurement{Value: c.Value, MeasuredAt: c.MeasuredAt, RecordedAt: c.RecordedAt}
	}
	return s
}

// standing returns the check-ins that were known at asOf and not superseded then, in order of time.
func standing(checkIns []*needle.CheckIn, asOf time.Time) []*needle.CheckIn {
	known := make([]*needle.CheckIn, 0, len(checkIns))
	superseded := map[needle.CheckInID]bool{}
	for _, c := range checkIns {
		if c.RecordedAt.After(asOf) {
			continue
		}
		known = append(known, c)
		if c.SupersedesID != nil {
			superseded[*c.SupersedesID] = true
		}
	}
	known = slices.DeleteFunc(known, func(c *needle.CheckIn) bool { return superseded[c.ID] })
	slices.SortFunc(known, (*needle.CheckIn).Compare)
	return known
}

// Len returns the number of values.
func (s Series) Len() int { return len(s.points) }

// Points returns the values in order of time; the caller owns the slice.
func (s Series) Points() []needle.Measurement { return slices.Clone(s.points) }

// At returns the value that held at t: the last one measured at or before t. It reports false when there was none.
func (s Series) At(t time.Time) (needle.Measurement, bool) {
	n := s.measuredBy(t)
	if n == 0 {
		return needle.Measurement{}, false
	}
	return s.points[n-1], true
}

// Between returns the values measured after from and up to to. Windows that share an end share no value.
func (s Series) Between(from, to time.Time) []needle.Measurement {
	return slices.Clone(s.between(from, to))
}

func (s Series) between(from, to time.Time) []needle.Measurement {
	first, end := s.measuredBy(from), s.measuredBy(to)
	return s.points[first:max(first, end)]
}

// measuredBy returns the number of values measured at or before t.
func (s Series) measuredBy(t time.Time) int {
	return sort.Search(len(s.points), func(i int) bool { return s.points[i].MeasuredAt.After(t) })
}
