package impact

import (
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Breaches returns the spans, oldest first, in which a guard lay outside its band by asOf, as known then. A value holds
// until the next is measured and a band until the next is drawn, so a span also begins or ends when only the band changes.
// Before the first value and before the first band nothing is breached.
func Breaches(checkIns []*needle.CheckIn, goals []*needle.GoalVersion, asOf time.Time) []*needle.Breach {
	breaches := []*needle.Breach{}
	var open *needle.Breach
	var worst float64
	for _, s := range settled(states(checkIns, goals, asOf)) {
		outside := 0.0
		if s.value != nil && s.goal != nil {
			outside = s.goal.Outside(*s.value)
		}
		if outside == 0 {
			if open != nil {
				end := s.at
				open.To, open = &end, nil
			}
			continue
		}
		if open == nil {
			open, worst = &needle.Breach{From: s.at}, 0
			breaches = append(breaches, open)
		}
		if outside > worst {
			open.Worst, worst = *s.value, outside
		}
		if s.measured {
			open.CheckIns++
		}
	}
	return breaches
}

// settled keeps the last state of every instant.
func settled(all []state) []state {
	out := make([]state, 0, len(all))
	for _, s := range all {
		if n := len(out); n > 0 && out[n-1].at.Equal(s.at) {
			s.measured = s.measured || out[n-1].measured
			out = out[:n-1]
		}
		out = append(out, s)
	}
	return out
}
