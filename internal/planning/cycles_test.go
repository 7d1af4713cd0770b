package planning_test

import (
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func day(month time.Month, d int) needle.Date {
	return needle.NewDate(time.Date(2026, month, d, 0, 0, 0, 0, time.UTC))
}

func TestCreateCycle(t *testing.T) {
	t.Parallel()
	type input = needle.CreateCycleInput
	useCase[input, needle.Cycle]{
		do: (*planning.Planner).CreateCycle, action: needle.ActPlanCycles, verb: needle.VerbCreated,
		valid: func(*world) input { return input{Name: "2026 Q4", StartsOn: day(10, 1), EndsOn: day(12, 31)} },
		refused: []refusal[input]{
			{
				name:   "no name, and an end before the start",
				change: func(_ *world, in *input) { in.Name, in.EndsOn = "", day(9, 30) },
				want:   []string{"REQUIRED input.name", "INVALID input.endsOn"},
			},
			{
				name:    "another cycle's name",
				arrange: func(w *world) { w.f.Cycle(func(c *needle.Cycle) { c.Name = "2026 Q4" }) },
				want:    []string{"DUPLICATE input.name"},
			},
		},
	}.run(t, newHouse(t))
}

func TestUpdateCycle(t *testing.T) {
	t.Parallel()
	type input = needle.UpdateCycleInput
	useCase[input, needle.Cycle]{
		do: (*planning.Planner).UpdateCycle, action: needle.ActPlanCycles, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{ID: w.cycle, Name: ptr("Spring"), StartsOn: ptr(day(2, 1)), EndsOn: ptr(day(4, 30)), State: ptr(needle.CycleActive)}
		},
		refused: []refusal[input]{
			{
				name:   "an empty name",
				change: func(_ *world, in *input) { in.Name = ptr("") },
				want:   []string{"REQUIRED input.name"},
			},
			{
				name:   "a start after the end it has",
				change: func(_ *world, in *input) { in.StartsOn, in.EndsOn = ptr(day(4, 1)), nil },
				want:   []string{"INVALID input.endsOn"},
			},
			{
				name: "a jump over a state",
				change: func(w *world, in *input) {
					in.ID, in.State = w.f.Cycle(func(c *needle.Cycle) { c.State = needle.CyclePlanning }).ID, ptr(needle.CycleClosed)
				},
				want: []string{"CONFLICT input.state"},
			},
			{
				name:    "another cycle's name",
				arrange: func(w *world) { w.f.Cycle(func(c *needle.Cycle) { c.Name = "Spring" }) },
				want:    []string{"DUPLICATE input.name"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.cycle }}},
	}.run(t, newHouse(t))
}

func TestUpdateCycle_movesOneStepAtATime(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for _, to := range []needle.CycleState{needle.CyclePlanning, needle.CycleActive, needle.CycleClosed, needle.CycleActive} {
		got := must[needle.Cycle](t)(w.planner.UpdateCycle(w.ctx, needle.UpdateCycleInput{ID: w.cycle, State: &to}))
		if got.State != to {
			t.Errorf("the cycle is %s, want %s", got.State, to)
		}
	}
}
