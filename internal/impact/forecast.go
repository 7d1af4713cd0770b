package impact

import (
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// ForecastDelivery returns when open work is likely to be delivered: the median of the team's cycle times, from start to
// delivery, after the work started, or after asOf where it has not started. Work that has taken longer already is taken to
// be delivered at asOf, which is the earliest it can be, and so is all work while fewer than policy demands are known. How
// much there is left to do nobody asks here; where a value will stand, Forecast tells.
func ForecastDelivery(startedAt *time.Time, cycleTimeDays []float64, policy needle.AttributionPolicy, asOf time.Time) *needle.DeliveryForecast {
	f := &needle.DeliveryForecast{At: asOf, Points: len(cycleTimeDays)}
	if f.Points == 0 || f.Points < policy.FewestCycleTimes {
		return f
	}
	days := medianOf(slices.Clone(cycleTimeDays))
	f.MedianDays = &days
	from := asOf
	if startedAt != nil {
		from = *startedAt
	}
	if at := from.Add(time.Duration(days * float64(day))); at.After(asOf) {
		f.At = at
	}
	return f
}

// cycleTimes returns the days from start to delivery of the team's work that was delivered within needle.CycleTimeSpan of
// asOf, in no order. Work that nobody was seen to begin tells none.
func (e *Evidence) cycleTimes() []float64 {
	var times []float64
	for id, item := range e.items {
		delivered := e.work[id].DeliveredAt
		if item.TeamID != e.team || delivered == nil || e.asOf.Sub(*delivered) >= needle.CycleTimeSpan {
			continue
		}
		if started, _ := startAndDeliveries(e.transitions[id], e.asOf); started.Before(*delivered) {
			times = append(times, inDays(delivered.Sub(*started)))
		}
	}
	return times
}
