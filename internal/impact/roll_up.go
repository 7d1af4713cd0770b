package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// RollUp sums up objectives, each of them once, with their key results and cycles at now. An objective weighs the same
// whatever it is measured by, and one without a progress weighs nothing: its progress is unknown, not zero.
func RollUp(objectives []*needle.Objective, keyResults map[needle.ObjectiveID][]*needle.KeyResult,
	cycles map[needle.CycleID]*needle.Cycle, now time.Time,
) *needle.RollUp {
	up := &needle.RollUp{Objectives: len(objectives)}
	byHealth, byState := map[needle.Health]int{}, map[needle.ObjectiveState]int{}
	var sum float64
	for _, o := range slices.SortedFunc(slices.Values(objectives), byObjectiveNumber) {
		byState[o.State]++
		own := keyResults[o.ID]
		up.KeyResults += len(own)
		at := o.Clock(now)
		pace := Pace(cycles[o.CycleID], at)
		for _, k := range own {
			byHealth[k.Health(pace, at)]++
			if k.CurrentValue != nil {
				up.Measured++
			}
		}
		if p := Progress(own); p != nil {
			up.Counted++
			sum += p.Mean
		}
	}
	if up.Counted > 0 {
		mean := min(1, rounded(sum/float64(up.Counted), meanPlaces))
		up.Progress = &mean
	}
	for _, h := range needle.Healths() {
		up.ByHealth = append(up.ByHealth, &needle.HealthCount{Health: h, Count: byHealth[h]})
	}
	for _, s := range needle.ObjectiveStates() {
		up.ByState = append(up.ByState, &needle.ObjectiveStateCount{State: s, Count: byState[s]})
	}
	return up
}

// Sums of floats depend on their order.
func byObjectiveNumber(a, b *needle.Objective) int { return cmp.Compare(a.Number, b.Number) }
