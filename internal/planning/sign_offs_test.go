package planning_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

// proposed makes a proposed objective of the world's team.
func (w *world) proposed() *needle.Objective {
	w.t.Helper()
	return w.f.Objective(func(o *needle.Objective) { o.State = needle.ObjectiveProposed })
}

// signer makes a participant of an objective.
func (w *world) signer(o *needle.Objective, function needle.Function) *needle.User {
	w.t.Helper()
	u := w.somebody(function)
	w.f.Invite(o, u)
	return u
}

// acting returns a context in which a person of the workspace acts.
func (w *world) acting(u *needle.User) context.Context {
	return needle.WithViewer(w.t.Context(), w.f.Viewer(u))
}

// sign lets a person say what they think of an objective.
func (w *world) sign(u *needle.User, in needle.SignOffInput) error {
	_, err := w.planner.SignOff(w.acting(u), in)
	return err
}

// objection requests changes of an objective as it was read.
func objection(o *needle.Objective) needle.SignOffInput {
	return needle.SignOffInput{ObjectiveID: o.ID, Revision: o.Revision, Verdict: needle.SignOffRequestChanges, Reason: ptr("Nobody asked support")}
}

// signAll lets everybody the usual policy asks for approve an objective as it is.
func (w *world) signAll(o *needle.Objective) {
	w.t.Helper()
	for _, function := range []needle.Function{needle.FunctionTeam, needle.FunctionLeader, needle.FunctionStakeholder} {
		if err := w.sign(w.signer(o, function), approval(o)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// approval approves an objective as it was read.
func approval(o *needle.Objective) needle.SignOffInput {
	return needle.SignOffInput{ObjectiveID: o.ID, Revision: o.Revision, Verdict: needle.SignOffApprove}
}

// signOffStatus is how far an objective's signatures have come.
func (w *world) signOffStatus(t *testing.T, id needle.ObjectiveID) *needle.SignOffStatus {
	t.Helper()
	o := must[needle.Objective](t)(w.scope.Objective(t.Context(), id))
	participants, err := w.scope.ParticipantsOfAll(t.Context(), []needle.ObjectiveID{id})
	if err != nil {
		t.Fatal(err)
	}
	signOffs, err := w.scope.SignOffsOfAll(t.Context(), []needle.ObjectiveID{id})
	if err != nil {
		t.Fatal(err)
	}
	return needle.SignOffStatusOf(needle.DefaultPolicy(), participants[id], signOffs[id], o.Revision)
}

func TestSignOff(t *testing.T) {
	t.Parallel()
	type input = needle.SignOffInput
	useCase[input, needle.SignOff]{
		do: (*planning.Planner).SignOff, action: needle.ActSignOff, verb: needle.VerbCreated,
		valid: func(w *world) input {
			o := w.proposed()
			w.f.Invite(o, w.f.Owner)
			return input{ObjectiveID: o.ID, Revision: 1, Verdict: needle.SignOffRequestChanges, Reason: ptr("The target is a wish")}
		},
		ready: func(w *world, who needle.Viewer, in input) {
			must[needle.Objective](w.t)(w.planner.InviteParticipants(w.ctx, needle.InviteParticipantsInput{
				ObjectiveID: in.ObjectiveID, Participants: []*needle.ParticipantInput{{UserID: who.UserID}},
			}))
		},
		refused: []refusal[input]{
			{
				name:   "changes without a reason, of no revision",
				change: func(_ *world, in *input) { in.Reason, in.Revision = ptr(" "), 0 },
				want:   []string{"OUT_OF_RANGE input.revision", "REQUIRED input.reason"},
			},
			{
				name:   "another revision than the present one",
				change: func(_ *world, in *input) { in.Revision = 2 },
				want:   []string{"CONFLICT input.revision"},
			},
			{
				name:   "an objective that is agreed",
				change: func(w *world, in *input) { in.ObjectiveID = w.objective },
				want:   []string{"CONFLICT input.objectiveId"},
			},
			{
				name:   "an objective one has no part in",
				change: func(w *world, in *input) { in.ObjectiveID = w.proposed().ID },
				want:   []string{"FORBIDDEN input.objectiveId"},
			},
			{
				name: "an objective one has left",
				change: func(w *world, in *input) {
					must[needle.Objective](w.t)(w.planner.LeaveObjective(w.ctx, needle.LeaveObjectiveInput{ObjectiveID: in.ObjectiveID}))
				},
				want: []string{"FORBIDDEN input.objectiveId"},
			},
		},
		refers: []reference[input]{{"input.objectiveId", func(in *input, of ids) { in.ObjectiveID = of.objective }}},
	}.run(t, newHouse(t))
}

func TestSignOff_isForMembersOfTheTeamWithoutAnInvitation(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	member := w.somebody(needle.FunctionTeam)
	inTeam := *member
	inTeam.Function = needle.FunctionCustomerFacing
	team := must[needle.Team](t)(w.scope.Team(t.Context(), w.team))
	w.f.Join(team, &inTeam)
	o := w.proposed()
	s := must[needle.SignOff](t)(w.planner.SignOff(w.acting(member), approval(o)))
	if s.Function != needle.FunctionCustomerFacing || s.UserID != member.ID {
		t.Errorf("signed: %s", asJSON(t, s))
	}
	w.wantTaking(t, o.ID, map[needle.UserID]string{member.ID: "member"}, "member CUSTOMER_FACING")
}

func TestMoveObjective_agreesOnlyWhatIsSigned(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	o := w.proposed()
	agree := func() error {
		_, err := w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: o.ID, To: needle.ObjectiveAgreed})
		return err
	}
	wantRefusal := func(want string) {
		t.Helper()
		err := agree()
		wantProblems(t, err, "CONFLICT input.to")
		if found := needle.UserErrors(err); len(found) == 1 {
			if diff := cmp.Diff(want, found[0].Message); diff != "" {
				t.Errorf("the refusal (-want +got):\n%s", diff)
			}
		}
	}
	wantRefusal("1 approval of the team is missing; 1 approval of a leader is missing; 1 approval of a stakeholder is missing")
	w.signAll(o)
	critic, named := w.signer(o, needle.FunctionCustomerFacing), w.signer(o, needle.FunctionTeam)
	wantProblems(t, w.sign(critic, objection(o)))
	wantRefusal(critic.Name + " requested changes")
	must[needle.Objective](t)(w.planner.InviteParticipants(w.ctx, needle.InviteParticipantsInput{
		ObjectiveID: o.ID, Participants: []*needle.ParticipantInput{{UserID: named.ID, MustSign: ptr(true)}},
	}))
	wantRefusal(critic.Name + " requested changes; " + named.Name + " has to approve")
	wantProblems(t, w.sign(critic, approval(o)))
	wantProblems(t, w.sign(named, approval(o)))
	if got := must[needle.Objective](t)(w.scope.Objective(t.Context(), o.ID)); got.State != needle.ObjectiveProposed {
		t.Errorf("the last signature made it %s; a person agrees it", got.State)
	}
	if err := agree(); err != nil {
		t.Fatal(err)
	}
}

func TestMoveObjective_reopensWhatWasAgreedAsItWas(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	move := func(o *needle.Objective, to needle.ObjectiveState) error {
		in := needle.MoveObjectiveInput{ID: o.ID, To: to}
		if to == needle.ObjectiveClosed {
			in.Outcome = ptr(needle.OutcomeDropped)
		}
		_, err := w.planner.MoveObjective(w.ctx, in)
		return err
	}
	for state, want := range map[needle.ObjectiveState][]string{
		needle.ObjectiveAgreed: nil, needle.ObjectiveProposed: {"CONFLICT input.to"}, needle.ObjectiveDraft: {"CONFLICT input.to"},
	} {
		o := w.f.Objective(func(o *needle.Objective) { o.State = state })
		if err := move(o, needle.ObjectiveClosed); err != nil {
			t.Fatal(err)
		}
		wantProblems(t, move(o, needle.ObjectiveAgreed), want...)
		if want != nil {
			wantProblems(t, move(o, needle.ObjectiveProposed))
			w.signAll(o)
			wantProblems(t, move(o, needle.ObjectiveAgreed))
		}
	}
	signed := w.proposed() // What was signed and never agreed is agreed from CLOSED too.
	w.signAll(signed)
	wantProblems(t, move(signed, needle.ObjectiveClosed))
	wantProblems(t, move(signed, needle.ObjectiveAgreed))
}
