package planning_test

import (
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestUpdateWorkspace(t *testing.T) {
	t.Parallel()
	useCase[needle.UpdateWorkspaceInput, needle.Workspace]{
		do: (*planning.Planner).UpdateWorkspace, action: needle.ActSetUp, verb: needle.VerbUpdated,
		valid: func(*world) needle.UpdateWorkspaceInput { return needle.UpdateWorkspaceInput{Name: ptr("Shop")} },
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
		},
	}.run(t, newHouse(t))
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
