package impact_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func TestScoring(t *testing.T) {
	t.Parallel()
	held := at(3, 2, 50)
	low := 40.0
	held.Direction, held.Goal = needle.DirectionMaintain, needle.Goal{BandLow: &low}
	breached := *held
	value := 39.0
	breached.CurrentValue = &value
	silent := at(9, 1, 0)
	silent.CurrentValue = nil
	scored := func(n int, weight, score float64) *needle.KeyResult {
		k := at(n, weight, 0)
		k.Score = &score
		return k
	}
	open := &needle.Objective{State: needle.ObjectiveAgreed}
	score := func(v float64) *float64 { return &v }
	outcome := func(o needle.ObjectiveOutcome) *needle.ObjectiveOutcome { return &o }
	for _, tc := range []struct {
		name string
		o    *needle.Objective
		of   []*needle.KeyResult
		want *needle.Scoring
	}{
		{"nothing to score", open, nil, &needle.Scoring{}},
		{"nothing measured", open, []*needle.KeyResult{silent}, &needle.Scoring{Unscored: 1}},
		{"progress, and a guard that holds", open, []*needle.KeyResult{at(1, 1, 40), held, silent}, &needle.Scoring{
			Score: score(0.8), Scored: 2, Unscored: 1, SuggestedOutcome: outcome(needle.OutcomeAchieved),
		}},
		{"a guard that was breached", open, []*needle.KeyResult{at(1, 1, 90), &breached}, &needle.Scoring{
			Score: score(0.3), Scored: 2, SuggestedOutcome: outcome(needle.OutcomePartly),
		}},
		{"hardly begun", open, []*needle.KeyResult{at(1, 1, 29)}, &needle.Scoring{
			Score: score(0.29), Scored: 1, SuggestedOutcome: outcome(needle.OutcomeMissed),
		}},
		{"seven tenths are enough", open, []*needle.KeyResult{at(1, 1, 70)}, &needle.Scoring{
			Score: score(0.7), Scored: 1, SuggestedOutcome: outcome(needle.OutcomeAchieved),
		}},
		{
			"what it was closed with", &needle.Objective{State: needle.ObjectiveClosed, Score: score(0.25)},
			[]*needle.KeyResult{scored(1, 3, 0), scored(2, 1, 1), at(4, 1, 100)},
			&needle.Scoring{Score: score(0.25), Scored: 2, Unscored: 1, SuggestedOutcome: outcome(needle.OutcomeMissed)},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "scoring", tc.want, impact.Scoring(tc.o, tc.of))
		})
	}
	equal(t, "the mean of what people scored", score(0.25), impact.Score([]*needle.KeyResult{scored(1, 3, 0), scored(2, 1, 1), silent}))
	equal(t, "no score", nil, impact.Score([]*needle.KeyResult{silent}))
}

func TestRollUp(t *testing.T) {
	t.Parallel()
	cycle := &needle.Cycle{StartsOn: needle.NewDate(date(0)), EndsOn: needle.NewDate(date(9))} // Ten days.
	objective := func(n int, state needle.ObjectiveState) *needle.Objective {
		o := &needle.Objective{Number: n, State: state, StateChangedAt: date(1)}
		o.ID.UUID[15] = byte(n)
		return o
	}
	measured := func(k *needle.KeyResult, day int) *needle.KeyResult {
		on := date(day)
		k.CurrentAt, k.CadenceDays, k.CreatedAt = &on, 3, date(0)
		return k
	}
	silent := at(3, 1, 0)
	silent.CurrentValue = nil
	top, below, closed, empty := objective(1, needle.ObjectiveAgreed), objective(2, needle.ObjectiveDraft), objective(3, needle.ObjectiveClosed), objective(4, needle.ObjectiveDraft)
	keyResults := map[needle.ObjectiveID][]*needle.KeyResult{
		top.ID:   {measured(at(1, 1, 50), 4), measured(at(2, 99, 50), 1), silent}, // The second is not measured in time.
		below.ID: {measured(at(4, 1, 30), 5)},
		// Closed on the first day, when a tenth was expected and nothing was late.
		closed.ID: {measured(at(5, 1, 10), 0)},
	}
	got := impact.RollUp([]*needle.Objective{closed, top, empty, below}, keyResults, map[needle.CycleID]*needle.Cycle{cycle.ID: cycle}, date(5))
	progress := 0.3
	equal(t, "roll-up", &needle.RollUp{
		Objectives: 4, KeyResults: 5, Measured: 4, Progress: &progress, Counted: 3,
		ByHealth: []*needle.HealthCount{
			{Health: needle.HealthOnTrack, Count: 2},
			{Health: needle.HealthAtRisk, Count: 1},
			{Health: needle.HealthOffTrack},
			{Health: needle.HealthStale, Count: 1},
			{Health: needle.HealthPending, Count: 1},
		},
		ByState: []*needle.ObjectiveStateCount{
			{State: needle.ObjectiveDraft, Count: 2},
			{State: needle.ObjectiveProposed},
			{State: needle.ObjectiveAgreed, Count: 1},
			{State: needle.ObjectiveClosed, Count: 1},
		},
	}, got)
}
