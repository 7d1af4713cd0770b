package planning_test

import (
	"math"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestUpdateWorkspace(t *testing.T) {
	t.Parallel()
	useCase[needle.UpdateWorkspaceInput, needle.Workspace]{
		do: (*planning.Planner).UpdateWorkspace, action: needle.ActSetUp, verb: needle.VerbUpdated,
		valid: func(*world) needle.UpdateWorkspaceInput {
			return needle.UpdateWorkspaceInput{Name: ptr("Shop"), Policy: &needle.WorkspacePolicyInput{
				SignOffTeam: ptr(2), SignOffLeader: ptr(0), SignOffStakeholder: ptr(100), SignOffCustomerFacing: ptr(1),
				ReopenOnChange: ptr(false), FreshDays: ptr(3660), EvidenceNeeded: ptr(1),
				StaleTrackerDays: ptr(366), KeepRunningShare: ptr(1.0), RecentDays: ptr(1), MostKeyResults: ptr(100), DeadBetShare: ptr(0.0),
				FewestCycleTimes: ptr(1),
			}}
		},
		refused: []refusal[needle.UpdateWorkspaceInput]{
			{
				name:   "an empty name",
				change: func(_ *world, in *needle.UpdateWorkspaceInput) { in.Name = ptr(" ") },
				want:   []string{"REQUIRED input.name"},
			},
			{
				name: "a name that is too long",
				change: func(_ *world, in *needle.UpdateWorkspaceInput) {
					in.Name = ptr(strings.Repeat("ä", needle.MaxName+1))
				},
				want: []string{"TOO_LONG input.name"},
			},
			{
				name: "a policy out of its ranges",
				change: func(_ *world, in *needle.UpdateWorkspaceInput) {
					in.Policy = &needle.WorkspacePolicyInput{
						SignOffTeam: ptr(-1), SignOffLeader: ptr(101), SignOffStakeholder: ptr(-1), SignOffCustomerFacing: ptr(101),
						FreshDays: ptr(0), EvidenceNeeded: ptr(101), StaleTrackerDays: ptr(0), KeepRunningShare: ptr(1.01), RecentDays: ptr(367),
						MostKeyResults: ptr(0), DeadBetShare: ptr(math.NaN()), FewestCycleTimes: ptr(101),
					}
				},
				want: []string{
					"OUT_OF_RANGE input.policy.signOffTeam", "OUT_OF_RANGE input.policy.signOffLeader",
					"OUT_OF_RANGE input.policy.signOffStakeholder", "OUT_OF_RANGE input.policy.signOffCustomerFacing",
					"OUT_OF_RANGE input.policy.freshDays", "OUT_OF_RANGE input.policy.evidenceNeeded",
					"OUT_OF_RANGE input.policy.staleTrackerDays", "OUT_OF_RANGE input.policy.keepRunningShare",
					"OUT_OF_RANGE input.policy.recentDays", "OUT_OF_RANGE input.policy.mostKeyResults",
					"OUT_OF_RANGE input.policy.deadBetShare", "OUT_OF_RANGE input.policy.fewestCycleTimes",
				},
			},
		},
	}.run(t, newHouse(t))
}

func TestUpdateWorkspace_changesOnlyWhatIsSaidOfThePolicy(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	want := needle.DefaultPolicy()
	want.SignOffCustomerFacing = 2
	got := must[needle.Workspace](t)(w.planner.UpdateWorkspace(w.ctx, needle.UpdateWorkspaceInput{
		Policy: &needle.WorkspacePolicyInput{SignOffCustomerFacing: ptr(2)},
	}))
	if got.Policy != want {
		t.Errorf("the policy is %+v, want %+v", got.Policy, want)
	}
	wantStored(t, w, got)
}

func TestActivities_sayWhatChanged(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	must[needle.Workspace](t)(w.planner.UpdateWorkspace(w.ctx, needle.UpdateWorkspaceInput{Name: ptr("Shop")}))
	recorded := w.activities(t)
	last := recorded[len(recorded)-1]
	if string(last.Before) != `{"Name": "Workspace"}` || string(last.After) != `{"Name": "Shop"}` {
		t.Errorf("the activity goes from %s to %s", last.Before, last.After)
	}
	if last.TokenID != nil || last.SubjectID != w.scope.WorkspaceID().String() {
		t.Errorf("the activity is %s", asJSON(t, last))
	}
}
