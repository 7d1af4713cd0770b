package planning_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// TestSuggestions_acceptedAtOnceApplyOnce accepts suggestions of one field at one moment: one applies, and each other is
// refused and stays open.
func TestSuggestions_acceptedAtOnceApplyOnce(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 5 {
		titles := []string{"One", "Two", "Three", "Four"}
		offers := make([]needle.SuggestionID, len(titles))
		for i, title := range titles {
			offers[i] = suggested(w, title+needle.NewTeamID().String())
		}
		errs := atOnce(len(offers), func(i int) error {
			_, err := w.planner.AcceptSuggestion(w.ctx, needle.AcceptSuggestionInput{ID: offers[i]})
			return err
		})
		wantOutcomes(t, errs, map[string]int{"": 1, "CONFLICT input.id": len(offers) - 1})
		wantDecided(t, w, offers, errs)
	}
}

// wantDecided demands that the suggestions whose acceptance worked are accepted and read as the objective does, and that
// the others are open.
func wantDecided(t *testing.T, w *world, offers []needle.SuggestionID, errs []error) {
	t.Helper()
	o, err := w.scope.Objective(t.Context(), w.objective)
	if err != nil {
		t.Fatal(err)
	}
	found, err := w.scope.SuggestionsByID(t.Context(), offers)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range found {
		switch {
		case errs[i] != nil && (s.State != needle.OfferOpen || s.DecidedBy != nil):
			t.Errorf("refused, it is %s", s.State)
		case errs[i] == nil && (s.State != needle.OfferAccepted || s.Changes[0].To != o.Title):
			t.Errorf("accepted, it is %s for %q and the title is %q", s.State, s.Changes[0].To, o.Title)
		}
	}
}

// TestSuggestions_acceptedWhileSomebodyEditsByHand races an acceptance with an edit of the same text, and of another one
// of the same objective. Nobody's words are lost: when the edit came first, the suggestion stays open.
func TestSuggestions_acceptedWhileSomebodyEditsByHand(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for round := range 8 {
		title := "Suggested " + needle.NewTeamID().String()
		offer := suggested(w, title)
		edit := needle.UpdateObjectiveInput{ID: w.objective, Title: ptr("By hand " + needle.NewTeamID().String())}
		same := round%2 == 0
		if !same {
			edit = needle.UpdateObjectiveInput{ID: w.objective, Description: ptr("By hand " + needle.NewTeamID().String())}
		}
		errs := atOnce(2, func(i int) error {
			if i == 0 {
				_, err := w.planner.AcceptSuggestion(w.ctx, needle.AcceptSuggestionInput{ID: offer})
				return err
			}
			_, err := w.planner.UpdateObjective(w.ctx, edit)
			return err
		})
		if errs[1] != nil || !same && errs[0] != nil {
			t.Fatalf("the calls answered %v", outcomes(errs))
		}
		o, err := w.scope.Objective(t.Context(), w.objective)
		if err != nil {
			t.Fatal(err)
		}
		s, err := w.scope.Suggestion(t.Context(), offer)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case same && o.Title != *edit.Title:
			t.Errorf("the title is %q, and %q was written over it by hand", o.Title, *edit.Title)
		case !same && (o.Title != title || o.Description != *edit.Description):
			t.Errorf("the objective is %s", asJSON(t, o))
		case (errs[0] == nil) != (s.State == needle.OfferAccepted):
			t.Errorf("the acceptance answered %v and the suggestion is %s", errs[0], s.State)
		}
	}
}

// TestSuggestions_ofKeyResultsDoNotDeadlock lets everything that locks an objective and its parts happen at once.
func TestSuggestions_ofKeyResultsDoNotDeadlock(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	const rounds = 6
	offers, proposals := make([]needle.SuggestionID, rounds), make([]needle.ProposalID, rounds)
	for i := range rounds {
		offers[i] = must[needle.Suggestion](t)(w.planner.SuggestKeyResult(w.ctx, needle.SuggestKeyResultInput{
			KeyResultID: w.keyResult, Unit: ptr("unit " + needle.NewTeamID().String()[:12]),
		})).ID
		proposals[i] = w.f.Proposal(func(p *needle.Proposal) { p.ObjectiveID = w.objective }).ID
	}
	kinds := []func(i int) error{
		func(i int) error {
			_, err := w.planner.AcceptSuggestion(w.ctx, needle.AcceptSuggestionInput{ID: offers[i]})
			if len(problems(err)) > 0 && problems(err)[0] == "CONFLICT input.id" {
				return nil // Another one of the same unit came first.
			}
			return err
		},
		func(i int) error {
			_, err := w.planner.AcceptProposal(w.ctx, needle.AcceptProposalInput{ID: proposals[i]})
			return err
		},
		func(int) error {
			_, err := w.planner.UpdateKeyResult(w.ctx, needle.UpdateKeyResultInput{ID: w.keyResult, CadenceDays: ptr(9)})
			return err
		},
		func(int) error {
			_, err := w.planner.UpdateObjective(w.ctx, needle.UpdateObjectiveInput{ID: w.objective, Description: ptr("More")})
			return err
		},
		func(int) error {
			_, err := w.planner.RecordCheckIn(w.ctx, needle.RecordCheckInInput{KeyResultID: w.keyResult, Value: 1})
			return err
		},
		func(int) error {
			_, err := w.planner.SuggestKeyResult(w.ctx, needle.SuggestKeyResultInput{KeyResultID: w.keyResult, Title: ptr(randomKey())})
			return err
		},
		func(int) error {
			_, err := w.planner.AddComment(w.ctx, needle.AddCommentInput{SubjectID: w.objective.String(), ThreadID: &w.comment, Body: mentioning(w.user)})
			return err
		},
	}
	errs := atOnce(rounds*len(kinds), func(i int) error { return kinds[i%len(kinds)](i / len(kinds)) })
	wantOutcomes(t, errs, map[string]int{"": len(errs)})
	page, err := w.scope.SuggestionsByObjective(t.Context(), []needle.ObjectiveID{w.objective}, store.SuggestionList{
		Filter: &needle.SuggestionFilter{State: &needle.Comparator[needle.OfferState]{Eq: ptr(needle.OfferAccepted)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(page[0].Nodes) != 1 {
		t.Errorf("%d suggestions of one unit were accepted", len(page[0].Nodes))
	}
}

func TestProposals_decidedAtOnceHaveOneEnd(t *testing.T) {
	t.Parallel()
	w := newHouse(t).world(t)
	for range 5 {
		offered := w.f.Proposal(func(p *needle.Proposal) { p.ObjectiveID = w.objective }).ID
		ends := []func() error{
			func() error {
				_, err := w.planner.AcceptProposal(w.ctx, needle.AcceptProposalInput{ID: offered})
				return err
			},
			func() error {
				_, err := w.planner.DeclineProposal(w.ctx, needle.DeclineProposalInput{ID: offered, Reason: "No"})
				return err
			},
			func() error {
				_, err := w.planner.WithdrawProposal(w.ctx, needle.WithdrawProposalInput{ID: offered})
				return err
			},
		}
		errs := atOnce(2*len(ends), func(i int) error { return ends[i%len(ends)]() })
		wantOutcomes(t, errs, map[string]int{"": 1, "CONFLICT input.id": len(errs) - 1})
	}
}
