package planning_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
)

// closeVote closes the world's vote.
func closeVote(w *world) {
	w.t.Helper()
	must[needle.Vote](w.t)(w.planner.CloseVote(w.ctx, needle.CloseVoteInput{ID: w.vote}))
}

// voteOn opens a vote about something.
func (w *world) voteOn(subject string) *needle.Vote {
	w.t.Helper()
	return must[needle.Vote](w.t)(w.planner.OpenVote(w.ctx, needle.OpenVoteInput{SubjectID: subject}))
}

func TestOpenVote(t *testing.T) {
	t.Parallel()
	type input = needle.OpenVoteInput
	useCase[input, needle.Vote]{
		do: (*planning.Planner).OpenVote, action: needle.ActHoldVote, verb: needle.VerbCreated,
		valid: func(w *world) input {
			return input{SubjectID: w.keyResult.String(), Question: ptr("Is this the right number?"), Hidden: ptr(false)}
		},
		refused: []refusal[input]{
			{
				name:   "something nobody votes on, and no question",
				change: func(w *world, in *input) { in.SubjectID, in.Question = w.pain.String(), ptr(" ") },
				want:   []string{"INVALID_ID input.subjectId", "REQUIRED input.question"},
			},
			{
				name:   "an id that is none",
				change: func(_ *world, in *input) { in.SubjectID = "kr_" + strings.Repeat("u", 26) },
				want:   []string{"INVALID_ID input.subjectId"},
			},
			{
				name:   "a vote about it is open",
				change: func(w *world, in *input) { in.SubjectID = w.objective.String() },
				want:   []string{"CONFLICT input.subjectId"},
			},
			{name: "a key result of a closed objective", arrange: closeObjective, want: []string{"CONFLICT input.subjectId"}},
			{
				name: "a closed objective", arrange: closeObjective,
				change: func(w *world, in *input) { in.SubjectID = w.objective.String() },
				want:   []string{"CONFLICT input.subjectId"},
			},
			{
				name:    "an idea that is decided",
				arrange: func(w *world) { w.park(w.idea) },
				change:  func(w *world, in *input) { in.SubjectID = w.idea.String() },
				want:    []string{"CONFLICT input.subjectId"},
			},
			{
				name: "an idea for a key result of a closed objective", arrange: closeObjective,
				change: func(w *world, in *input) {
					in.SubjectID = w.f.Idea(func(i *needle.Idea) { i.KeyResultID = &w.keyResult }).ID.String()
				},
				want: []string{"CONFLICT input.subjectId"},
			},
		},
	}.run(t, newHouse(t))
}

func TestOpenVote_doesNotKnowAnotherWorkspacesSubjects(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.world(t)
	open := func(subject string) error {
		_, err := w.planner.OpenVote(w.ctx, needle.OpenVoteInput{SubjectID: subject})
		return err
	}
	before := fingerprint(t, w, h.abroad)
	for theirs, missing := range map[string]string{
		h.abroad.objective.String(): nowhere().objective.String(),
		h.abroad.keyResult.String(): nowhere().keyResult.String(),
		h.abroad.idea.String():      nowhere().idea.String(),
	} {
		wantProblems(t, open(theirs), "NOT_FOUND input.subjectId")
		if diff := cmp.Diff(open(missing), open(theirs)); diff != "" {
			t.Errorf("%s does not answer like one that is missing:\n%s", theirs, diff)
		}
	}
	if diff := cmp.Diff(before, fingerprint(t, w, h.abroad)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

func TestOpenVote_fillsInWhatIsNotSaid(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	ofResult := w.f.Idea(func(i *needle.Idea) { i.KeyResultID = &w.keyResult }).ID
	for subject, objective := range map[string]*needle.ObjectiveID{
		w.keyResult.String(): &w.objective, w.idea.String(): nil, ofResult.String(): &w.objective,
	} {
		got := w.voteOn(subject)
		want := &needle.Vote{
			Stamp: got.Stamp, ID: got.ID, SubjectID: subject, ObjectiveID: objective, Question: needle.DefaultQuestion,
			Hidden: true, State: needle.VoteOpen, CreatedBy: w.owner,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the vote is another:\n%s", diff)
		}
	}
}

func TestOpenVote_mayFollowOneThatIsClosed(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	closeVote(w)
	again := w.voteOn(w.objective.String())
	first, err := w.scope.FirstVotes(t.Context(), []string{w.objective.String()})
	if err != nil {
		t.Fatal(err)
	}
	if got := first[w.objective.String()].ID; got != w.vote || got == again.ID {
		t.Errorf("the first vote is %s", got)
	}
}

func TestCloseVote(t *testing.T) {
	t.Parallel()
	type input = needle.CloseVoteInput
	useCase[input, needle.Vote]{
		do: (*planning.Planner).CloseVote, action: needle.ActHoldVote, verb: needle.VerbMoved,
		valid:   func(w *world) input { return input{ID: w.vote, ExpectedVersion: ptr(1)} },
		refused: []refusal[input]{{name: "a closed one", arrange: closeVote, change: func(_ *world, in *input) { in.ExpectedVersion = nil }, want: []string{"CONFLICT input.id"}}},
		refers:  []reference[input]{{"input.id", func(in *input, of ids) { in.ID = of.vote }}},
	}.run(t, newHouse(t))
}

func TestCloseVote_isNotKeptFromByAnObjectiveThatClosed(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	closeObjective(w)
	closeVote(w)
}

func TestVotes_waitForParticipantsUntilTheyVoted(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	objective, err := w.scope.Objective(t.Context(), w.objective)
	if err != nil {
		t.Fatal(err)
	}
	guest := w.f.User()
	w.f.Invite(objective, guest)
	waits := func(want ...string) {
		t.Helper()
		wantRows(t, w, `SELECT subject::text FROM inbox_items WHERE kind = 'VOTE' AND user_id = $1 ORDER BY since`, guest.ID.UUID.String(), want...)
	}
	onResult := w.voteOn(w.keyResult.String())
	waits(w.vote.UUID.String(), onResult.ID.UUID.String())
	must[needle.Vote](t)(w.planner.CastBallot(needle.WithViewer(t.Context(), w.f.Viewer(guest)), needle.CastBallotInput{VoteID: w.vote, Value: 1}))
	waits(onResult.ID.UUID.String())
	closeObjective(w)
	waits()
}
