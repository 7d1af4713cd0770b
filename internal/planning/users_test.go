package planning_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestCreateUser(t *testing.T) {
	t.Parallel()
	type input = needle.CreateUserInput
	useCase[input, needle.User]{
		do: (*planning.Planner).CreateUser, action: needle.ActManagePeople, verb: needle.VerbCreated,
		valid: func(*world) input {
			return input{Email: "ada@example.com", Name: "Ada", Role: needle.RoleAdmin, Function: needle.FunctionLeader}
		},
		refused: []refusal[input]{
			{
				name:   "nothing said",
				change: func(_ *world, in *input) { in.Name, in.Email = "", "" },
				want:   []string{"REQUIRED input.name", "INVALID input.email"},
			},
			{
				name:   "an address with a name",
				change: func(_ *world, in *input) { in.Email = "Ada <ada@example.com>" },
				want:   []string{"INVALID input.email"},
			},
			{
				name:    "an address somebody has, in other letters",
				arrange: func(w *world) { w.f.User(func(u *needle.User) { u.Email = "ADA@example.com" }) },
				want:    []string{"DUPLICATE input.email"},
			},
		},
	}.run(t, newHouse(t))
}

func TestCreateUser_givesNoRoleAboveTheViewers(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	in := needle.CreateUserInput{Email: "ada@example.com", Name: "Ada", Role: needle.RoleOwner, Function: needle.FunctionTeam}
	before := fingerprint(t, w)
	ctx := w.as(needle.RoleAdmin, needle.ScopeAdmin)
	_, err := w.planner.CreateUser(ctx, in)
	wantProblems(t, err, "FORBIDDEN input.role")
	if after := fingerprint(t, w); before["activities"] != after["activities"] {
		t.Error("a refused person left an activity")
	}
	must[needle.User](t)(w.planner.CreateUser(w.ctx, in))
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	type input = needle.UpdateUserInput
	useCase[input, needle.User]{
		do: (*planning.Planner).UpdateUser, action: needle.ActManagePeople, verb: needle.VerbUpdated,
		valid: func(w *world) input {
			return input{ID: w.user, Name: ptr("Ada"), Role: ptr(needle.RoleAdmin), Function: ptr(needle.FunctionLeader)}
		},
		refused: []refusal[input]{
			{
				name:   "an empty name",
				change: func(_ *world, in *input) { in.Name = ptr("") },
				want:   []string{"REQUIRED input.name"},
			},
			{
				name:   "the last owner's role",
				change: func(w *world, in *input) { in.ID = w.owner },
				want:   []string{"CONFLICT input.role"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.user }}},
	}.run(t, newHouse(t))
}

func TestUpdateUser_respectsRanks(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	admin := w.as(needle.RoleAdmin, needle.ScopeAdmin)
	_, err := w.planner.UpdateUser(admin, needle.UpdateUserInput{ID: w.user, Role: ptr(needle.RoleOwner)})
	wantProblems(t, err, "FORBIDDEN input.role")
	_, err = w.planner.UpdateUser(admin, needle.UpdateUserInput{ID: w.owner, Role: ptr(needle.RoleMember)})
	wantProblems(t, err, "FORBIDDEN input.role")
	must[needle.User](t)(w.planner.UpdateUser(admin, needle.UpdateUserInput{ID: w.owner, Role: ptr(needle.RoleOwner), Name: ptr("Olive")}))
	must[needle.User](t)(w.planner.UpdateUser(w.ctx, needle.UpdateUserInput{ID: w.user, Role: ptr(needle.RoleOwner)}))
	must[needle.User](t)(w.planner.UpdateUser(w.ctx, needle.UpdateUserInput{ID: w.owner, Role: ptr(needle.RoleMember)}))
}
