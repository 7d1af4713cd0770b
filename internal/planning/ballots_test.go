package planning_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

// ballots lists who voted how in a vote that shows it, as "value function reason".
func (w *world) ballots(id needle.VoteID) string {
	w.t.Helper()
	found, err := w.scope.ShownBallots(w.t.Context(), []needle.VoteID{id})
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for _, b := range found[id] {
		lines = append(lines, strings.TrimSpace(string('0'+rune(b.Value))+" "+string(b.Function)+" "+b.Reason))
	}
	return strings.Join(lines, ", ")
}

func TestCastBallot(t *testing.T) {
	t.Parallel()
	type input = needle.CastBallotInput
	useCase[input, needle.Vote]{
		do: (*planning.Planner).CastBallot, action: needle.ActVote, verb: needle.VerbVoted,
		valid: func(w *world) input {
			return input{VoteID: w.vote, Value: 4, Reason: ptr("It is what people call about")}
		},
		refused: []refusal[input]{
			{
				name:   "below the scale, with a reason as long as a book",
				change: func(_ *world, in *input) { in.Value, in.Reason = 0, ptr(strings.Repeat("x", needle.MaxText+1)) },
				want:   []string{"OUT_OF_RANGE input.value", "TOO_LONG input.reason"},
			},
			{
				name:   "above the scale",
				change: func(_ *world, in *input) { in.Value = 6 },
				want:   []string{"OUT_OF_RANGE input.value"},
			},
			{name: "a closed vote", arrange: closeVote, want: []string{"CONFLICT input.voteId"}},
		},
		refers: []reference[input]{{"input.voteId", func(in *input, of ids) { in.VoteID = of.vote }}},
	}.run(t, newHouse(t))
}

func TestCastBallot_speaksForTheSideTakenInTheObjective(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	cast := func(ctx context.Context, id needle.VoteID) {
		t.Helper()
		must[needle.Vote](t)(w.planner.CastBallot(ctx, needle.CastBallotInput{VoteID: id, Value: 3}))
	}
	objective, err := w.scope.Objective(t.Context(), w.objective)
	if err != nil {
		t.Fatal(err)
	}
	guest := w.f.User(func(u *needle.User) { u.Function = needle.FunctionTeam })
	gone := w.f.User(func(u *needle.User) { u.Function = needle.FunctionTeam })
	w.f.Invite(objective, &needle.User{ID: guest.ID, Function: needle.FunctionStakeholder}, &needle.User{ID: gone.ID, Function: needle.FunctionLeader})
	if _, err := w.house.store.DB().DB.ExecContext(t.Context(), `UPDATE participants SET left_at = now() WHERE user_id = $1`, gone.ID.Raw()); err != nil {
		t.Fatal(err)
	}
	ofPain := w.voteOn(w.idea.String())
	for _, id := range []needle.VoteID{w.vote, ofPain.ID} {
		cast(needle.WithViewer(t.Context(), w.f.Viewer(guest)), id)
		cast(needle.WithViewer(t.Context(), w.f.Viewer(gone)), id)
		cast(w.person(needle.RoleViewer, needle.FunctionLeader, needle.ScopeWriteOKR), id)
		must[needle.Vote](t)(w.planner.CloseVote(w.ctx, needle.CloseVoteInput{ID: id}))
	}
	if got := w.ballots(w.vote); got != "3 STAKEHOLDER, 3 TEAM, 3 LEADER" {
		t.Errorf("about the objective they spoke as %s", got)
	}
	if got := w.ballots(ofPain.ID); got != "3 TEAM, 3 TEAM, 3 LEADER" {
		t.Errorf("about the idea they spoke as %s", got)
	}
}

// What is secret does not show in what is public: neither in the vote's own row nor in activities, whose number and
// words are the same whether a ballot changed its mind or not.
func TestBallots_leaveNoTraceOfHowSomebodyVoted(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	open := must[needle.Vote](t)(w.planner.OpenVote(w.ctx, needle.OpenVoteInput{SubjectID: w.keyResult.String(), Hidden: ptr(false)}))
	const reason = "because of the bank"
	for _, id := range []needle.VoteID{w.vote, open.ID} {
		before, err := w.scope.Vote(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		known := len(w.activities(t))
		for _, value := range []int{5, 5, 2} {
			got := must[needle.Vote](t)(w.planner.CastBallot(w.ctx, needle.CastBallotInput{VoteID: id, Value: value, Reason: ptr(reason)}))
			if diff := cmp.Diff(before, got); diff != "" {
				t.Errorf("the vote changed:\n%s", diff)
			}
		}
		must[needle.Vote](t)(w.planner.WithdrawBallot(w.ctx, needle.WithdrawBallotInput{VoteID: id}))
		var told []string
		for _, a := range w.activities(t)[known:] {
			told = append(told, string(a.Verb)+" "+string(a.Before)+" "+string(a.After))
		}
		want := []string{`VOTED {"Turnout": 0} {"Turnout": 1}`, "VOTED null null", "VOTED null null", `VOTED {"Turnout": 1} {"Turnout": 0}`}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("the activities tell otherwise:\n%s", diff)
		}
	}
	for _, a := range w.activities(t) {
		if strings.Contains(asJSON(t, a), reason) {
			t.Errorf("an activity tells a reason: %s", asJSON(t, a))
		}
	}
}

func TestCastBallot_replacesTheEarlierOne(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	must[needle.Vote](t)(w.planner.CastBallot(w.ctx, needle.CastBallotInput{VoteID: w.vote, Value: 2, Reason: ptr("Too vague")}))
	must[needle.Vote](t)(w.planner.CastBallot(w.ctx, needle.CastBallotInput{VoteID: w.vote, Value: 4}))
	closeVote(w)
	if got := w.ballots(w.vote); got != "4 TEAM" {
		t.Errorf("the ballots are %q", got)
	}
}

func TestWithdrawBallot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	type input = needle.WithdrawBallotInput
	useCase[input, needle.Vote]{
		// Everybody who may vote comes with a ballot; the owner's was there before.
		do: func(p *planning.Planner, ctx context.Context, in input) (*needle.Vote, error) {
			if v, _ := needle.ViewerFrom(ctx); v.May(needle.ActVote) && v.Role != needle.RoleOwner {
				scope := h.store.In(v.WorkspaceID)
				must[needle.Ballot](t)(nil, scope.InsertBallot(ctx, &needle.Ballot{
					Stamp: scope.Stamp(), ID: needle.NewBallotID(), VoteID: in.VoteID, UserID: v.UserID, Function: v.Function, Value: 1,
				}))
			}
			return p.WithdrawBallot(ctx, in)
		},
		action: needle.ActVote, verb: needle.VerbVoted,
		valid: func(w *world) input {
			must[needle.Vote](w.t)(w.planner.CastBallot(w.ctx, needle.CastBallotInput{VoteID: w.vote, Value: 4}))
			return input{VoteID: w.vote}
		},
		refused: []refusal[input]{
			{name: "a closed vote", arrange: closeVote, want: []string{"CONFLICT input.voteId"}},
			{
				name:   "no ballot",
				change: func(w *world, in *input) { in.VoteID = w.voteOn(w.keyResult.String()).ID },
				want:   []string{"CONFLICT input.voteId"},
			},
		},
		refers: []reference[input]{{"input.voteId", func(in *input, of ids) { in.VoteID = of.vote }}},
	}.run(t, h)
}
