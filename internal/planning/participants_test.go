package planning_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

// taking lists who takes part in an objective, in the order of their invitations.
func (w *world) taking(t *testing.T, o needle.ObjectiveID) []*needle.Participant {
	t.Helper()
	all, err := w.scope.ParticipantsOfAll(t.Context(), []needle.ObjectiveID{o})
	if err != nil {
		t.Fatal(err)
	}
	var present []*needle.Participant
	for _, p := range all[o] {
		if p.TakesPart() {
			present = append(present, p)
		}
	}
	return present
}

// wantTaking compares who takes part, as "person function", with "!" for those who must sign.
func (w *world) wantTaking(t *testing.T, o needle.ObjectiveID, names map[needle.UserID]string, want ...string) {
	t.Helper()
	var got []string
	for _, p := range w.taking(t, o) {
		line := names[p.UserID] + " " + string(p.Function)
		if p.MustSign {
			line += " !"
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got, cmpopts.SortSlices(func(a, b string) bool { return a < b }), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("who takes part (-want +got):\n%s", diff)
	}
}

// somebody returns a person of a function, who is a MEMBER.
func (w *world) somebody(function needle.Function) *needle.User {
	w.t.Helper()
	return w.f.User(func(u *needle.User) { u.Function = function })
}

func TestInviteParticipants(t *testing.T) {
	t.Parallel()
	type input = needle.InviteParticipantsInput
	useCase[input, needle.Objective]{
		do: (*planning.Planner).InviteParticipants, action: needle.ActInvite, verb: needle.VerbLinked,
		valid: func(w *world) input {
			return input{ObjectiveID: w.objective, Participants: []*needle.ParticipantInput{
				{UserID: w.user}, {UserID: w.owner, Function: ptr(needle.FunctionLeader), MustSign: ptr(true)},
			}}
		},
		refused: []refusal[input]{
			{
				name:   "nobody",
				change: func(_ *world, in *input) { in.Participants = nil },
				want:   []string{"OUT_OF_RANGE input.participants"},
			},
			{
				name: "too many",
				change: func(_ *world, in *input) {
					in.Participants = make([]*needle.ParticipantInput, needle.MaxInvited+1)
				},
				want: []string{"OUT_OF_RANGE input.participants"},
			},
			{
				name:   "somebody twice",
				change: func(_ *world, in *input) { in.Participants[0].UserID = in.Participants[1].UserID },
				want:   []string{"DUPLICATE input.participants.1.userId"},
			},
			{
				name: "a signature of somebody who may not sign",
				change: func(w *world, in *input) {
					in.Participants[0] = &needle.ParticipantInput{MustSign: ptr(true), UserID: w.f.User(func(u *needle.User) { u.Role = needle.RoleViewer }).ID}
				},
				want: []string{"CONFLICT input.participants.0.mustSign"},
			},
			{name: "a closed objective", arrange: closeObjective, want: []string{"CONFLICT input.objectiveId"}},
		},
		refers: []reference[input]{
			{"input.objectiveId", func(in *input, of ids) { in.ObjectiveID = of.objective }},
			{"input.participants.0.userId", func(in *input, of ids) { in.Participants[0].UserID = of.user }},
		},
	}.run(t, newHouse(t))
}

func TestLeaveObjective(t *testing.T) {
	t.Parallel()
	type input = needle.LeaveObjectiveInput
	useCase[input, needle.Objective]{
		do: (*planning.Planner).LeaveObjective, action: needle.ActLeave, verb: needle.VerbUnlinked,
		valid: func(w *world) input {
			o := w.f.Objective()
			w.f.Invite(o, w.f.Owner)
			return input{ObjectiveID: o.ID}
		},
		ready: func(w *world, who needle.Viewer, in input) {
			must[needle.Objective](w.t)(w.planner.InviteParticipants(w.ctx, needle.InviteParticipantsInput{
				ObjectiveID: in.ObjectiveID, Participants: []*needle.ParticipantInput{{UserID: who.UserID}},
			}))
		},
		refused: []refusal[input]{
			{
				name:   "somebody who does not take part",
				change: func(w *world, in *input) { in.UserID = &w.user },
				want:   []string{"CONFLICT input.userId"},
			},
			{
				name: "somebody who has left already",
				change: func(w *world, in *input) {
					must[needle.Objective](w.t)(w.planner.LeaveObjective(w.ctx, *in))
				},
				want: []string{"CONFLICT input.userId"},
			},
			{
				name: "a closed objective", arrange: closeObjective,
				change: func(w *world, in *input) { in.ObjectiveID = w.objective },
				want:   []string{"CONFLICT input.objectiveId"},
			},
		},
		refers: []reference[input]{
			{"input.objectiveId", func(in *input, of ids) { in.ObjectiveID = of.objective }},
			{"input.userId", func(in *input, of ids) { in.UserID = &of.user }},
		},
	}.run(t, newHouse(t))
}

func TestLeaveObjective_ofOthersIsForThoseWhoMayInvite(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	o := must[needle.Objective](t)(w.scope.Objective(t.Context(), w.objective))
	other := w.somebody(needle.FunctionTeam)
	w.f.Invite(o, other)
	leave := needle.LeaveObjectiveInput{ObjectiveID: o.ID, UserID: &other.ID}
	_, err := w.planner.LeaveObjective(w.person(needle.RoleViewer, needle.FunctionStakeholder, needle.AllScopes()...), leave)
	wantProblems(t, err, "FORBIDDEN input.userId")
	must[needle.Objective](t)(w.planner.LeaveObjective(w.as(needle.RoleMember, needle.AllScopes()...), leave))
	w.wantTaking(t, o.ID, nil)
}

func TestParticipants_takeTheirPlaces(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	lead, seller, outsider := w.somebody(needle.FunctionTeam), w.somebody(needle.FunctionTeam), w.somebody(needle.FunctionStakeholder)
	team := w.f.Team(func(t *needle.Team) { t.LeadID = &lead.ID })
	asSeller := *seller
	asSeller.Function = needle.FunctionCustomerFacing
	w.f.Join(team, lead, &asSeller)
	names := map[needle.UserID]string{w.owner: "owner", lead.ID: "lead", seller.ID: "seller", outsider.ID: "outsider"}
	o := must[needle.Objective](t)(w.planner.CreateObjective(w.ctx, needle.CreateObjectiveInput{TeamID: team.ID, CycleID: w.cycle, Title: "Fast"}))
	w.wantTaking(t, o.ID, names, "owner TEAM", "lead LEADER")

	invite := func(people ...*needle.ParticipantInput) {
		t.Helper()
		must[needle.Objective](t)(w.planner.InviteParticipants(w.ctx, needle.InviteParticipantsInput{ObjectiveID: o.ID, Participants: people}))
	}
	invite(&needle.ParticipantInput{UserID: seller.ID, MustSign: ptr(true)}, &needle.ParticipantInput{UserID: outsider.ID})
	w.wantTaking(t, o.ID, names, "owner TEAM", "lead LEADER", "seller CUSTOMER_FACING !", "outsider STAKEHOLDER")
	invite(&needle.ParticipantInput{UserID: seller.ID, Function: ptr(needle.FunctionTeam)}, &needle.ParticipantInput{UserID: outsider.ID, MustSign: ptr(true)})
	w.wantTaking(t, o.ID, names, "owner TEAM", "lead LEADER", "seller TEAM !", "outsider STAKEHOLDER !")

	before := w.taking(t, o.ID)
	for _, id := range []needle.UserID{seller.ID, outsider.ID} {
		must[needle.Objective](t)(w.planner.LeaveObjective(w.ctx, needle.LeaveObjectiveInput{ObjectiveID: o.ID, UserID: &id}))
	}
	w.wantTaking(t, o.ID, names, "owner TEAM", "lead LEADER")
	for _, u := range []*needle.User{seller, outsider} { // Who belongs to the team is back by writing; others are invited.
		must[needle.Objective](t)(w.planner.UpdateObjective(w.acting(u), needle.UpdateObjectiveInput{ID: o.ID, Title: &u.Name}))
	}
	w.wantTaking(t, o.ID, names, "owner TEAM", "lead LEADER", "seller TEAM !")
	invite(&needle.ParticipantInput{UserID: outsider.ID})
	w.wantTaking(t, o.ID, names, "owner TEAM", "lead LEADER", "seller TEAM !", "outsider STAKEHOLDER !")
	for _, p := range w.taking(t, o.ID) {
		if p.UserID == seller.ID && (p.InvitedBy != seller.ID || !p.InvitedAt.After(before[len(before)-1].InvitedAt)) {
			t.Errorf("who came back by themselves was invited by %v at %v", p.InvitedBy, p.InvitedAt)
		}
	}
}
