package impact

import (
	"cmp"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// GoalAsOf returns the goal that held at asOf, as known then, from all versions of one key result in any order; nil when
// none did. It is the one that began to hold last; among those that began together, the one recorded last. A change that
// is recorded late changes no answer for an instant before it was recorded.
func GoalAsOf(versions []*needle.GoalVersion, asOf time.Time) *needle.GoalVersion {
	var holds *needle.GoalVersion
	for _, v := range versions {
		if v.RecordedAt.After(asOf) || v.ValidFrom.After(asOf) {
			continue
		}
		if holds == nil || compareGoals(v, holds) > 0 {
			holds = v
		}
	}
	return holds
}

// compareGoals orders versions by when they began to hold, and those that began together by when they were recorded.
func compareGoals(v, other *needle.GoalVersion) int {
	return cmp.Or(
		v.ValidFrom.Compare(other.ValidFrom),
		v.RecordedAt.Compare(other.RecordedAt),
		cmp.Compare(v.Version, other.Version),
	)
}

// start returns the baseline as a value to measure from, dated by the goal that states it; nil while it is unknown.
func start(v *needle.GoalVersion) *needle.Measurement {
	if v == nil || v.Baseline == nil {
		return nil
	}
	return &needle.Measurement{Value: *v.Baseline, MeasuredAt: v.ValidFrom, RecordedAt: v.RecordedAt}
}
