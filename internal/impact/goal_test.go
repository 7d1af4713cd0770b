package impact_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func goal(target float64, validDay, recordedDay, version int) *needle.GoalVersion {
	return &needle.GoalVersion{
		KeyResultID: krID(1), Goal: needle.Goal{Target: &target},
		ValidFrom: date(validDay), RecordedAt: date(recordedDay), Version: version,
	}
}

func TestGoalAsOf(t *testing.T) {
	t.Parallel()
	first, moved, late := goal(20, 1, 1, 1), goal(15, 5, 5, 2), goal(18, 3, 8, 3)
	history := []*needle.GoalVersion{moved, late, first}
	for _, tc := range []struct {
		name string
		all  []*needle.GoalVersion
		day  int
		want *needle.GoalVersion
	}{
		{"none of none", nil, 9, nil},
		{"none before the first", history, 0, nil},
		{"the first from its own instant", history, 1, first},
		{"the first while a change for then is not yet recorded", history, 4, first},
		{"the one that began to hold last", history, 5, moved},
		{"one recorded late for earlier days does not undo a later one", history, 9, moved},
		{"one recorded late holds where nothing later does", []*needle.GoalVersion{first, late}, 8, late},
		{"one recorded late was unknown the day before", []*needle.GoalVersion{first, late}, 7, first},
		{"one that holds from a day to come does not hold yet", []*needle.GoalVersion{first, goal(9, 8, 2, 2)}, 7, first},
		{"the one recorded last of two from one instant", []*needle.GoalVersion{goal(9, 1, 2, 2), first}, 7, goal(9, 1, 2, 2)},
		{"the higher version of two recorded together", []*needle.GoalVersion{goal(9, 1, 1, 2), first}, 7, goal(9, 1, 1, 2)},
		{"the higher version wherever it comes", []*needle.GoalVersion{first, goal(9, 1, 1, 2)}, 7, goal(9, 1, 1, 2)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "goal", tc.want, impact.GoalAsOf(tc.all, date(tc.day)))
		})
	}
}

func TestGoalAsOf_whatIsRecordedLaterChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all, asOf := drawGoals(t, 1), drawHour(t, 0, 100)
		then := keep(all, func(g *needle.GoalVersion) bool { return !g.RecordedAt.After(asOf) })
		equal(t, "goal", impact.GoalAsOf(then, asOf), impact.GoalAsOf(all, asOf))
	})
}
