package planning_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

func TestProposeKeyResult(t *testing.T) {
	t.Parallel()
	type input = needle.ProposeKeyResultInput
	useCase[input, needle.Proposal]{
		do: (*planning.Planner).ProposeKeyResult, action: needle.ActPropose, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{
				ObjectiveID: w.objective, Title: "Days to a refund", Wording: ptr("halve them"), Unit: ptr("days"),
				Kind: ptr(needle.KindMetric), Direction: ptr(needle.DirectionDecrease), Indicator: ptr(needle.IndicatorLeading),
				Goal: goal(20, 10), Rationale: ptr("Said in every call"),
			}
		},
		refused: []refusal[input]{
			{
				name:   "no title and a target that lies the wrong way",
				change: func(_ *world, in *input) { in.Title, in.Direction = "", nil },
				want:   []string{"REQUIRED input.title", "INVALID input.goal.target"},
			},
			{
				name:   "a guard without a band",
				change: func(_ *world, in *input) { in.Direction, in.Goal = ptr(needle.DirectionMaintain), needle.GoalInput{} },
				want:   []string{"REQUIRED input.goal.bandLow"},
			},
			{name: "for a closed objective", arrange: closeObjective, want: []string{"CONFLICT input.objectiveId"}},
		},
		refers: []reference[input]{{"input.objectiveId", func(in *input, of ids) { in.ObjectiveID = of.objective }}},
	}.run(t, newHouse(t))
}

func TestAcceptProposal(t *testing.T) {
	t.Parallel()
	type input = needle.AcceptProposalInput
	useCase[input, needle.Proposal]{
		do: (*planning.Planner).AcceptProposal, action: needle.ActDecide, verb: needle.VerbMoved,
		valid: func(w *world) input {
			return input{ID: w.proposal, OwnerID: &w.user, Weight: ptr(2.0), CadenceDays: ptr(14)}
		},
		refused: []refusal[input]{
			{
				name:   "numbers off their scales",
				change: func(_ *world, in *input) { in.Weight, in.CadenceDays = ptr(-1.0), ptr(0) },
				want:   []string{"OUT_OF_RANGE input.weight", "OUT_OF_RANGE input.cadenceDays"},
			},
			{
				name:    "one that was accepted",
				arrange: func(w *world) { must[needle.Proposal](w.t)(w.planner.AcceptProposal(w.ctx, input{ID: w.proposal})) },
				want:    []string{"CONFLICT input.id"},
			},
			{name: "one for a closed objective", arrange: closeObjective, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{
			{"input.id", func(in *input, of ids) { in.ID = of.proposal }},
			{"input.ownerId", func(in *input, of ids) { in.OwnerID = &of.user }},
		},
	}.run(t, newHouse(t))
}

func TestAcceptProposal_writesTheKeyResultThatWasProposed(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	before, err := w.scope.Objective(t.Context(), w.objective)
	if err != nil {
		t.Fatal(err)
	}
	offered := must[needle.Proposal](t)(w.planner.ProposeKeyResult(w.person(needle.RoleViewer, needle.FunctionStakeholder, needle.ScopeWriteOKR), needle.ProposeKeyResultInput{
		ObjectiveID: w.objective, Title: "The policy is one page", Kind: ptr(needle.KindMilestone), Wording: ptr("one page"),
	}))
	author := offered.CreatedBy
	offered = must[needle.Proposal](t)(w.planner.AcceptProposal(w.ctx, needle.AcceptProposalInput{ID: offered.ID, OwnerID: &w.user, CadenceDays: ptr(30)}))
	k, err := w.scope.KeyResult(t.Context(), *offered.KeyResultID)
	if err != nil {
		t.Fatal(err)
	}
	want := &needle.KeyResult{
		Stamp: k.Stamp, ID: k.ID, Number: 3, ObjectiveID: w.objective, TeamID: w.team, CycleID: w.cycle,
		Title: "The policy is one page", Wording: "one page", Kind: needle.KindMilestone, Direction: needle.DirectionIncrease,
		Indicator: needle.IndicatorLagging, Goal: needle.Goal{Baseline: ptr(0.0), Target: ptr(1.0)}, Weight: 1, OwnerID: &w.user,
		CadenceDays: 30, LagMinDays: 0, LagMaxDays: 28, CreatedBy: w.owner,
	}
	if diff := cmp.Diff(want, k); diff != "" {
		t.Errorf("the key result is another:\n%s", diff)
	}
	wantGoals(t, w, k.ID, &needle.GoalVersion{Goal: want.Goal, Reason: "first written", ValidFrom: k.CreatedAt})
	if offered.CreatedBy != author || *offered.DecidedBy != w.owner {
		t.Errorf("the proposal is %s", asJSON(t, offered))
	}
	found, err := w.scope.ProposalsByKeyResult(t.Context(), []needle.KeyResultID{k.ID, w.keyResult})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[needle.KeyResultID]*needle.Proposal{k.ID: offered}, found); diff != "" {
		t.Errorf("the key results were other proposals:\n%s", diff)
	}
	after, err := w.scope.Objective(t.Context(), w.objective)
	if err != nil {
		t.Fatal(err)
	}
	if after.Revision != before.Revision+1 {
		t.Errorf("the objective went from revision %d to %d", before.Revision, after.Revision)
	}
}

func TestDeclineProposal(t *testing.T) {
	t.Parallel()
	type input = needle.DeclineProposalInput
	useCase[input, needle.Proposal]{
		do: (*planning.Planner).DeclineProposal, action: needle.ActDecide, verb: needle.VerbMoved,
		valid: func(w *world) input { return input{ID: w.proposal, Reason: "It counts our work"} },
		refused: []refusal[input]{
			{
				name:   "no reason",
				change: func(_ *world, in *input) { in.Reason = "" },
				want:   []string{"REQUIRED input.reason"},
			},
			{name: "one that was withdrawn", arrange: withdrawProposal, want: []string{"CONFLICT input.id"}},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.proposal }}},
	}.run(t, newHouse(t))
}

func withdrawProposal(w *world) {
	w.t.Helper()
	must[needle.Proposal](w.t)(w.planner.WithdrawProposal(w.ctx, needle.WithdrawProposalInput{ID: w.proposal}))
}

func TestWithdrawProposal(t *testing.T) {
	t.Parallel()
	type input = needle.WithdrawProposalInput
	useCase[input, needle.Proposal]{
		do: (*planning.Planner).WithdrawProposal, action: needle.ActPropose, verb: needle.VerbMoved, ready: authored[input]("proposals"),
		valid: func(w *world) input { return input{ID: w.proposal} },
		refused: []refusal[input]{
			{name: "one that was withdrawn", arrange: withdrawProposal, want: []string{"CONFLICT input.id"}},
			{
				name:    "somebody else's",
				arrange: func(w *world) { authored[input]("proposals")(w, needle.Viewer{UserID: w.user}, input{}) },
				want:    []string{"FORBIDDEN input.id"},
			},
		},
		refers: []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.proposal }}},
	}.run(t, newHouse(t))
}
