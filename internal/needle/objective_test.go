package needle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
)

func TestObjectives(t *testing.T) {
	t.Parallel()
	id, other, k := needle.NewObjectiveID(), needle.NewObjectiveID(), needle.NewKeyResultID()
	closed, achieved := needle.ObjectiveClosed, needle.OutcomeAchieved
	checkRules(t, []rule{
		{"no title", needle.CreateObjectiveInput{}.Validate(), "REQUIRED input.title"},
		{"two parents", needle.CreateObjectiveInput{Title: "Fast", ParentObjectiveID: &other, ParentKeyResultID: &k}.Validate(), "INVALID input.parentKeyResultId"},
		{"too many pains", needle.CreateObjectiveInput{Title: "Fast", PainPointIDs: make([]needle.PainPointID, 101)}.Validate(), "OUT_OF_RANGE input.painPointIds"},
		{"itself", needle.UpdateObjectiveInput{ID: id, ParentObjectiveID: needle.Given(&id)}.Validate(), "INVALID input.parentObjectiveId"},
		{"one parent instead of another", needle.UpdateObjectiveInput{
			ID: id, ParentObjectiveID: needle.Given[needle.ObjectiveID](nil), ParentKeyResultID: needle.Given(&k),
		}.Validate(), ""},
		{"closed", needle.MoveObjectiveInput{To: closed, Outcome: &achieved, Retrospective: ptr("Ask first")}.Validate(), ""},
		{"closed with nothing learnt", needle.MoveObjectiveInput{To: closed, Outcome: &achieved}.Validate(), "REQUIRED input.retrospective"},
		{"dropped with nothing learnt", needle.MoveObjectiveInput{To: closed, Outcome: ptr(needle.OutcomeDropped)}.Validate(), ""},
		{"closed without an outcome", needle.MoveObjectiveInput{To: closed}.Validate(), "REQUIRED input.outcome"},
		{"an outcome too early", needle.MoveObjectiveInput{To: needle.ObjectiveAgreed, Outcome: &achieved}.Validate(), "INVALID input.outcome"},
	})
}

func TestObjectives_moveAlongTheirWays(t *testing.T) {
	t.Parallel()
	objectives := []needle.ObjectiveState{needle.ObjectiveDraft, needle.ObjectiveProposed, needle.ObjectiveAgreed, needle.ObjectiveClosed}
	ways := map[needle.ObjectiveState][]needle.ObjectiveState{}
	for _, from := range objectives {
		for _, to := range objectives {
			if (&needle.Objective{State: from}).CanMove(to) {
				ways[from] = append(ways[from], to)
			}
		}
	}
	want := map[needle.ObjectiveState][]needle.ObjectiveState{
		needle.ObjectiveDraft:    {needle.ObjectiveProposed, needle.ObjectiveClosed},
		needle.ObjectiveProposed: {needle.ObjectiveDraft, needle.ObjectiveAgreed, needle.ObjectiveClosed},
		needle.ObjectiveAgreed:   {needle.ObjectiveProposed, needle.ObjectiveClosed},
		needle.ObjectiveClosed:   {needle.ObjectiveProposed, needle.ObjectiveAgreed},
	}
	if diff := cmp.Diff(want, ways); diff != "" {
		t.Errorf("objectives move otherwise:\n%s", diff)
	}
}
