package planning_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

// rounds is how often a race is run: both orders of it come up.
const rounds = 12

func TestSignOff_andAChangeAtOnceNeverSignWhatNobodyRead(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range rounds {
		o := w.proposed()
		signer := w.signer(o, needle.FunctionTeam)
		errs := atOnce(2, func(i int) error {
			if i == 0 {
				return w.sign(signer, approval(o))
			}
			_, err := w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: o.ID, Title: ptr("Other")})
			return err
		})
		if errs[1] != nil {
			t.Fatal(errs[1])
		}
		if errs[0] != nil {
			wantProblems(t, errs[0], "CONFLICT input.revision")
		}
		if status := w.signOffStatus(t, o.ID); status.Revision != 2 || status.Needed[0].Approved != 0 {
			t.Errorf("the status is %s", asJSON(t, status))
		}
	}
}

func TestSignOff_ofManyAtOnceAllStand(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	o := w.proposed()
	member := w.somebody(needle.FunctionTeam)
	w.f.Join(must[needle.Team](t)(w.scope.Team(t.Context(), w.team)), member)
	// The member joins by signing, and does so twice.
	people := []*needle.User{w.signer(o, needle.FunctionLeader), w.signer(o, needle.FunctionStakeholder), member, member}
	errs := atOnce(len(people), func(i int) error { return w.sign(people[i], approval(o)) })
	wantOutcomes(t, errs, map[string]int{"": 4})
	if status := w.signOffStatus(t, o.ID); !status.Met {
		t.Errorf("the status is %s", asJSON(t, status))
	}
	if n := len(w.taking(t, o.ID)); n != 3 {
		t.Errorf("%d people take part, want 3", n)
	}
}

func TestMoveObjective_neverAgreesWhatChangesAtThatMoment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, e := range revising() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			w := h.world(t)
			o := must[needle.Objective](t)(w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: w.objective, To: needle.ObjectiveProposed}))
			w.signAll(o)
			errs := atOnce(2, func(i int) error {
				if i == 0 {
					_, err := w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: o.ID, To: needle.ObjectiveAgreed})
					return err
				}
				return e.do(w)
			})
			if errs[1] != nil {
				t.Fatal(errs[1])
			}
			if errs[0] != nil {
				wantProblems(t, errs[0], "CONFLICT input.to")
			}
			got := must[needle.Objective](t)(w.scope.Objective(t.Context(), o.ID))
			if got.State != needle.ObjectiveProposed || got.Revision != o.Revision+1 {
				t.Errorf("the objective is %s", asJSON(t, got))
			}
		})
	}
}

func TestMoveObjective_neverAgreesPastARequestOrANamedPerson(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for i := range rounds {
		o := w.proposed()
		w.signAll(o)
		critic := w.signer(o, needle.FunctionStakeholder)
		errs := atOnce(2, func(j int) error {
			var err error
			switch {
			case j == 0:
				_, err = w.planner.MoveObjective(w.ctx, needle.MoveObjectiveInput{ID: o.ID, To: needle.ObjectiveAgreed})
			case i%2 == 0:
				err = w.sign(critic, objection(o))
			default:
				_, err = w.planner.InviteParticipants(w.ctx, needle.InviteParticipantsInput{
					ObjectiveID: o.ID, Participants: []*needle.ParticipantInput{{UserID: critic.ID, MustSign: ptr(true)}},
				})
			}
			return err
		})
		got := must[needle.Objective](t)(w.scope.Objective(t.Context(), o.ID))
		switch {
		case errs[0] != nil: // What was said came first.
			wantProblems(t, errs[0], "CONFLICT input.to")
			wantProblems(t, errs[1])
		case i%2 == 0: // Too late to ask for changes.
			wantProblems(t, errs[1], "CONFLICT input.objectiveId")
		default: // An agreed objective may still be joined.
			wantProblems(t, errs[1])
		}
		if (got.State == needle.ObjectiveAgreed) != (errs[0] == nil) {
			t.Errorf("the objective is %s", asJSON(t, got))
		}
	}
}

func TestJoining_atOnceKeepsWhatOthersSay(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	member := w.somebody(needle.FunctionTeam)
	w.f.Join(must[needle.Team](t)(w.scope.Team(t.Context(), w.team)), member)
	for range rounds {
		o := w.proposed()
		errs := atOnce(3, func(i int) error {
			var err error
			switch i {
			case 0:
				err = w.sign(member, approval(o))
			case 1:
				_, err = w.planner.CreateKeyResult(w.acting(member), needle.CreateKeyResultInput{ObjectiveID: o.ID, Title: "Days", Goal: goal(0, 1)})
			default:
				_, err = w.planner.InviteParticipants(w.ctx, needle.InviteParticipantsInput{ObjectiveID: o.ID, Participants: []*needle.ParticipantInput{
					{UserID: member.ID, Function: ptr(needle.FunctionStakeholder), MustSign: ptr(true)},
				}})
			}
			return err
		})
		for i, err := range errs {
			if found := problems(err); err != nil && (i != 0 || found[0] != "CONFLICT input.revision") {
				t.Fatal(err)
			}
		}
		w.wantTaking(t, o.ID, map[needle.UserID]string{member.ID: "member"}, "member STAKEHOLDER !")
	}
}

func TestWorkOnOneObjective_atOnceDoesNotDeadlock(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	kinds := []func() error{
		func() error {
			_, err := w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: w.objective, PainPointIDs: []needle.PainPointID{w.pain}, Title: ptr(randomKey())})
			return err
		},
		func() error {
			_, err := w.planner.UpdateKeyResult(w.ctx, needle.UpdateKeyResultInput{ID: w.keyResult, Title: ptr(randomKey())})
			return err
		},
		func() error {
			_, err := w.planner.ChangeGoal(w.ctx, needle.ChangeGoalInput{ID: w.keyResult, Goal: goal(0, 90), Reason: randomKey()})
			return err
		},
		func() error {
			_, err := w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: w.keyResult, Value: 1})
			return err
		},
		func() error {
			_, err := w.planner.InviteParticipants(w.ctx, needle.InviteParticipantsInput{ObjectiveID: w.objective, Participants: []*needle.ParticipantInput{{UserID: w.user}}})
			return err
		},
	}
	errs := atOnce(6*len(kinds), func(i int) error { return kinds[i%len(kinds)]() })
	wantOutcomes(t, errs, map[string]int{"": len(errs)})
}
