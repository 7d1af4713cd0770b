package planning_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestCreateTeam(t *testing.T) {
	t.Parallel()
	type input = needle.CreateTeamInput
	useCase[input, needle.Team]{
		do: (*planning.Planner).CreateTeam, action: needle.ActManagePeople, verb: needle.VerbCreated,
		valid: func(w *world) input { return input{Key: "PAY", Name: "Payments", LeadID: &w.user, ParentID: &w.parent} },
		refused: []refusal[input]{
			{
				name:   "a key in small letters, and no name",
				change: func(_ *world, in *input) { in.Key, in.Name = "pay", "" },
				want:   []string{"INVALID input.key", "REQUIRED input.name"},
			},
			{
				name:    "another team's key",
				arrange: func(w *world) { w.f.Team(func(t *needle.Team) { t.Key = "PAY" }) },
				want:    []string{"DUPLICATE input.key"},
			},
		},
		refers: []reference[input]{
			{"input.leadId", func(in *input, of ids) { in.LeadID = &of.user }},
			{"input.parentId", func(in *input, of ids) { in.ParentID = &of.parent }},
		},
	}.run(t, newHouse(t))
}

func TestUpdateTeam(t *testing.T) {
	t.Parallel()
	type input = needle.UpdateTeamInput
	useCase[input, needle.Team]{
		do: (*planning.Planner).UpdateTeam, action: needle.ActManagePeople, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{ID: w.team, Name: ptr("Payments"), LeadID: needle.Given(&w.user), ParentID: needle.Given(&w.parent)}
		},
		refused: []refusal[input]{
			{
				name:   "an empty name",
				change: func(_ *world, in *input) { in.Name = ptr("\t") },
				want:   []string{"REQUIRED input.name"},
			},
			{
				name:   "itself as its parent",
				change: func(w *world, in *input) { in.ParentID = needle.Given(&w.team) },
				want:   []string{"INVALID input.parentId"},
			},
			{
				name: "a parent that belongs to it",
				change: func(w *world, in *input) {
					below := w.f.Team(func(t *needle.Team) { t.ParentID = &w.team })
					in.ParentID = needle.Given(&w.f.Team(func(t *needle.Team) { t.ParentID = &below.ID }).ID)
				},
				want: []string{"INVALID input.parentId"},
			},
		},
		refers: []reference[input]{
			{"input.id", func(in *input, of ids) { in.ID = of.team }},
			{"input.leadId", func(in *input, of ids) { in.LeadID = needle.Given(&of.user) }},
			{"input.parentId", func(in *input, of ids) { in.ParentID = needle.Given(&of.parent) }},
		},
	}.run(t, newHouse(t))
}

func TestUpdateTeam_clearsWhatIsNull(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	team := w.f.Team(func(t *needle.Team) { t.LeadID, t.ParentID = &w.user, &w.parent })
	got := must[needle.Team](t)(w.planner.UpdateTeam(w.ctx, needle.UpdateTeamInput{
		ID: team.ID, LeadID: needle.Given[needle.UserID](nil), ParentID: needle.Given[needle.TeamID](nil),
	}))
	if got.LeadID != nil || got.ParentID != nil {
		t.Errorf("the team is %s", asJSON(t, got))
	}
}

func TestSetTeamMembers(t *testing.T) {
	t.Parallel()
	type input = needle.SetTeamMembersInput
	useCase[input, needle.Team]{
		do: (*planning.Planner).SetTeamMembers, action: needle.ActManagePeople, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{TeamID: w.team, Members: []*needle.TeamMember{
				{UserID: w.owner, Function: needle.FunctionLeader}, {UserID: w.user, Function: needle.FunctionTeam},
			}}
		},
		refused: []refusal[input]{
			{
				name:   "somebody twice",
				change: func(w *world, in *input) { in.Members[0].UserID = w.user },
				want:   []string{"DUPLICATE input.members.1.userId"},
			},
			{
				name: "a crowd",
				change: func(_ *world, in *input) {
					for range 200 {
						in.Members = append(in.Members, &needle.TeamMember{UserID: needle.NewUserID(), Function: needle.FunctionTeam})
					}
				},
				want: []string{"OUT_OF_RANGE input.members"},
			},
			{
				name: "two strangers",
				change: func(_ *world, in *input) {
					in.Members[0].UserID, in.Members[1].UserID = needle.NewUserID(), needle.NewUserID()
				},
				want: []string{"NOT_FOUND input.members.0.userId", "NOT_FOUND input.members.1.userId"},
			},
		},
		refers: []reference[input]{
			{"input.teamId", func(in *input, of ids) { in.TeamID = of.team }},
			{"input.members.1.userId", func(in *input, of ids) { in.Members[1].UserID = of.user }},
		},
	}.run(t, newHouse(t))
}

func TestSetTeamMembers_replacesThemAll(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	set := func(members ...*needle.TeamMember) {
		t.Helper()
		must[needle.Team](t)(w.planner.SetTeamMembers(w.ctx, needle.SetTeamMembersInput{TeamID: w.team, Members: members}))
		got, err := w.scope.TeamMembers(t.Context(), []needle.TeamID{w.team})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(members, got[w.team]); diff != "" {
			t.Errorf("the members are others:\n%s", diff)
		}
	}
	set(&needle.TeamMember{UserID: w.owner, Function: needle.FunctionLeader}, &needle.TeamMember{UserID: w.user, Function: needle.FunctionTeam})
	set(&needle.TeamMember{UserID: w.user, Function: needle.FunctionStakeholder})
	set()
}
