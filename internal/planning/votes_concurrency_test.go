package planning_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func TestBallots_ofOnePersonAtOnceAreOne(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	errs := atOnce(8, func(i int) error {
		_, err := w.planner.CastBallot(w.ctx, needle.CastBallotInput{VoteID: w.vote, Value: 1 + i%5})
		return err
	})
	wantOutcomes(t, errs, map[string]int{"": 8})
	wantRows(t, w, `SELECT version::text FROM ballots WHERE vote_id = $1`, w.vote.UUID.String(), "8")
}

// A ballot that arrives while the vote is closed is counted or refused, never lost and never counted afterwards.
func TestCloseVote_countsEveryBallotThatWasNotRefused(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 4 {
		id := w.voteOn(w.f.Objective().ID.String()).ID
		people := make([]needle.Viewer, 12)
		for i := range people {
			people[i] = w.f.Viewer(w.f.User())
		}
		var spread *needle.VoteSpread
		errs := atOnce(len(people)+1, func(i int) error {
			if i < len(people) {
				_, err := w.planner.CastBallot(needle.WithViewer(t.Context(), people[i]), needle.CastBallotInput{VoteID: id, Value: 1 + i%5})
				return err
			}
			if _, err := w.planner.CloseVote(w.ctx, needle.CloseVoteInput{ID: id, ExpectedVersion: ptr(1)}); err != nil {
				return err
			}
			shown, err := w.scope.ShownBallots(t.Context(), []needle.VoteID{id})
			spread = impact.Spread(shown[id])
			return err
		})
		counted := 0
		if spread != nil {
			counted = spread.Ballots
		}
		want := map[string]int{"": counted + 1}
		if refused := len(people) - counted; refused > 0 {
			want["CONFLICT input.voteId"] = refused
		}
		wantOutcomes(t, errs, want)
		turnouts, err := w.scope.Turnouts(t.Context(), []needle.VoteID{id})
		if err != nil || turnouts[id] != counted {
			t.Errorf("%d ballots are there and %d were counted: %v", turnouts[id], counted, err)
		}
	}
}

func TestVotes_openAndCloseOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	subject := w.f.KeyResult().ID.String()
	wantOutcomes(t, atOnce(5, func(int) error {
		_, err := w.planner.OpenVote(w.ctx, needle.OpenVoteInput{SubjectID: subject})
		return err
	}), map[string]int{"": 1, "CONFLICT input.subjectId": 4})
	before := len(w.activities(t))
	wantOutcomes(t, atOnce(5, func(int) error {
		_, err := w.planner.CloseVote(w.ctx, needle.CloseVoteInput{ID: w.vote})
		return err
	}), map[string]int{"": 1, "CONFLICT input.id": 4})
	if told := len(w.activities(t)) - before; told != 1 {
		t.Errorf("closing was recorded %d times", told)
	}
}

func TestPromoteIdea_atOnceMakesOneItem(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	id := w.ideaForResult()
	items := func() (n int) {
		t.Helper()
		if err := w.house.store.DB().DB.QueryRowContext(t.Context(), `SELECT count(*) FROM backlog_items WHERE workspace_id = $1`,
			w.scope.WorkspaceID().Raw()).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := items()
	wantOutcomes(t, atOnce(5, func(int) error {
		_, err := w.planner.PromoteIdea(w.ctx, needle.PromoteIdeaInput{ID: id, TeamID: w.team})
		return err
	}), map[string]int{"": 1, "CONFLICT input.id": 4})
	if made := items() - before; made != 1 {
		t.Errorf("%d items were made", made)
	}
}

func TestIdeas_ofOneVersionHaveOneWinner(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	titles := []string{"One", "Two", "Three", "Four"}
	errs := atOnce(len(titles), func(i int) error {
		_, err := w.planner.UpdateIdea(w.ctx, needle.UpdateIdeaInput{ID: w.idea, Title: &titles[i], ExpectedVersion: ptr(1)})
		return err
	})
	wantOutcomes(t, errs, map[string]int{"": 1, "CONFLICT input.expectedVersion": len(titles) - 1})
	got, err := w.scope.Idea(t.Context(), w.idea)
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range errs {
		if diff := cmp.Diff(titles[i], got.Title); err == nil && diff != "" {
			t.Errorf("the winner's title is lost:\n%s", diff)
		}
	}
}

// Votes, ideas, links and key results lock rows of each other's nouns: they queue and do not deadlock.
func TestVotesAndIdeas_atOnceDoNotDeadlock(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	ideas := make([]needle.IdeaID, 4)
	for i := range ideas {
		ideas[i] = w.ideaForResult()
	}
	subject := w.f.Idea(func(i *needle.Idea) { i.KeyResultID = &w.keyResult }).ID.String()
	kinds := []func(i int) error{
		func(i int) error {
			_, err := w.planner.PromoteIdea(w.ctx, needle.PromoteIdeaInput{ID: ideas[i], TeamID: w.team, ParentID: &w.epic})
			return err
		},
		func(int) error {
			_, err := w.planner.RaiseIdea(w.ctx, needle.RaiseIdeaInput{Title: "Pay back at once", KeyResultID: &w.keyResult})
			return err
		},
		func(int) error {
			_, err := w.planner.CastBallot(w.ctx, needle.CastBallotInput{VoteID: w.vote, Value: 3})
			return err
		},
		func(int) error {
			_, err := w.planner.Link(w.ctx, needle.LinkInput{ItemID: w.item, KeyResultID: w.keyResult})
			return err
		},
		func(int) error {
			_, err := w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: w.objective, Title: ptr("Fast")})
			return err
		},
		func(i int) error {
			v, err := w.planner.OpenVote(w.ctx, needle.OpenVoteInput{SubjectID: []string{w.keyResult.String(), subject}[i%2]})
			if err == nil {
				_, err = w.planner.CloseVote(w.ctx, needle.CloseVoteInput{ID: v.ID})
			} else if diff := cmp.Diff([]string{"CONFLICT input.subjectId"}, problems(err)); diff == "" {
				err = nil // Another of these calls holds its vote just now.
			}
			return err
		},
	}
	errs := atOnce(len(ideas)*len(kinds), func(i int) error { return kinds[i%len(kinds)](i / len(kinds)) })
	wantOutcomes(t, errs, map[string]int{"": len(errs)})
}
