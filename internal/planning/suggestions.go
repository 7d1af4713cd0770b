package planning

import (
	"context"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// SuggestObjective offers other texts for an objective. One that is closed answers CONFLICT.
func (p *Planner) SuggestObjective(ctx context.Context, in needle.SuggestObjectiveInput) (*needle.Suggestion, error) {
	var s *needle.Suggestion
	err := p.change(ctx, needle.ActSuggest, in, func(ctx context.Context, a act) error {
		o, err := a.openObjective(ctx, "input.objectiveId", in.ObjectiveID)
		if err != nil {
			return err
		}
		if err := current(o.Version, in.ExpectedVersion); err != nil {
			return err
		}
		wanted := *o
		setText(&wanted.Title, in.Title)
		setText(&wanted.Description, in.Description)
		s, err = a.suggest(ctx, o, o.ID.String(), needle.ChangesOf(o, &wanted), in.Rationale)
		return err
	})
	return s, err
}

// SuggestKeyResult offers other texts and numbers for a key result. One of a closed objective answers CONFLICT.
func (p *Planner) SuggestKeyResult(ctx context.Context, in needle.SuggestKeyResultInput) (*needle.Suggestion, error) {
	var s *needle.Suggestion
	err := p.change(ctx, needle.ActSuggest, in, func(ctx context.Context, a act) error {
		k, o, err := a.openKeyResult(ctx, "input.keyResultId", in.KeyResultID)
		if err != nil {
			return err
		}
		if err := current(k.Version, in.ExpectedVersion); err != nil {
			return err
		}
		wanted := *k
		setText(&wanted.Title, in.Title)
		setText(&wanted.Wording, in.Wording)
		setText(&wanted.Unit, in.Unit)
		set(&wanted.Weight, in.Weight)
		if in.Goal != nil {
			wanted.Goal, wanted.RelativeChange = goalOf(k, *in.Goal), in.Goal.RelativeChange
		}
		if err := wanted.Validate(); err != nil {
			return err
		}
		changes := needle.ChangesOf(k, &wanted)
		if needle.ChangesGoal(changes) && strings.TrimSpace(needle.Clean(or(in.Rationale, ""))) == "" {
			return needle.Invalid("input.rationale", needle.CodeRequired, "other numbers need a reason, which their history keeps")
		}
		s, err = a.suggest(ctx, o, k.ID.String(), changes, in.Rationale)
		return err
	})
	return s, err
}

// suggest stores a suggestion for an objective or one of its key results.
func (a act) suggest(ctx context.Context, o *needle.Objective, subject string, changes []needle.SuggestedChange, rationale *string) (*needle.Suggestion, error) {
	if len(changes) == 0 {
		return nil, needle.Invalid("input", needle.CodeInvalid, "this suggests nothing that is not there already")
	}
	if err := a.join(ctx, o, a.viewer); err != nil {
		return nil, err
	}
	s := &needle.Suggestion{
		Stamp: a.Stamp(), ID: needle.NewSuggestionID(), ObjectiveID: o.ID, SubjectID: subject, Changes: changes,
		Rationale: needle.Clean(or(rationale, "")), Offer: needle.Offer{State: needle.OfferOpen, CreatedBy: a.viewer.UserID},
	}
	if err := a.InsertSuggestion(ctx, s); err != nil {
		return nil, err
	}
	return s, a.record(ctx, needle.VerbCreated, s.ID, nil, s, about{&o.TeamID, &o.ID})
}

// AcceptSuggestion applies a suggestion as if who accepts had made the changes. When a field no longer reads as its
// author read it, the answer is CONFLICT and the suggestion stays open.
func (p *Planner) AcceptSuggestion(ctx context.Context, in needle.AcceptSuggestionInput) (*needle.Suggestion, error) {
	var s *needle.Suggestion
	err := p.change(ctx, needle.ActDecide, nil, func(ctx context.Context, a act) error {
		found, err := a.SuggestionsByID(ctx, []needle.SuggestionID{in.ID})
		if err != nil {
			return err
		}
		if found[0] == nil {
			return needle.NotFound("input.id", "suggestion")
		}
		// What it changes is locked before the suggestion, as everywhere: an objective, then its parts.
		o, err := a.openObjective(ctx, "input.id", found[0].ObjectiveID)
		if err != nil {
			return err
		}
		subject, err := a.suggestible(ctx, o, found[0])
		if err != nil {
			return err
		}
		if s, err = a.suggestion(ctx, in.ID, in.ExpectedVersion); err != nil {
			return err
		}
		before := *s
		if err := a.settle(&s.Offer, needle.OfferAccepted, ""); err != nil {
			return err
		}
		if moved := s.Moved(subject); len(moved) > 0 {
			return needle.Conflict("input.id", "somebody changed this in the meantime: "+names(moved)+"; read it again, and suggest anew")
		}
		if err := a.UpdateSuggestion(ctx, s); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbMoved, s.ID, before, s, about{&o.TeamID, &o.ID}); err != nil {
			return err
		}
		return onto("input.id", a.apply(ctx, s, subject))
	})
	return s, err
}

// names lists fields as a sentence does.
func names(fields []needle.SuggestedField) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = "the " + strings.ToLower(strings.ReplaceAll(string(f), "_", " "))
	}
	return strings.Join(out, ", ")
}

// suggestible reads what a suggestion changes. The caller has locked the objective.
func (a act) suggestible(ctx context.Context, o *needle.Objective, s *needle.Suggestion) (needle.Suggestible, error) {
	if s.SubjectID == o.ID.String() {
		return o, nil
	}
	id, err := needle.ParseKeyResultID(s.SubjectID)
	if err != nil {
		return nil, err
	}
	return a.KeyResult(ctx, id)
}

// apply makes the changes of a suggestion by the road that they take without one.
func (a act) apply(ctx context.Context, s *needle.Suggestion, subject needle.Suggestible) error {
	k, ok := subject.(*needle.KeyResult)
	if !ok {
		in := s.ObjectiveInput()
		if err := in.Validate(); err != nil {
			return err
		}
		_, err := a.updateObjective(ctx, in)
		return err
	}
	if in, ok := s.KeyResultInput(k); ok {
		if _, err := a.updateKeyResult(ctx, in); err != nil {
			return err
		}
	}
	if in, ok := s.GoalInput(k); ok {
		if _, err := a.changeGoal(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// DeclineSuggestion says that a suggestion is not taken up, and why.
func (p *Planner) DeclineSuggestion(ctx context.Context, in needle.DeclineSuggestionInput) (*needle.Suggestion, error) {
	return p.endSuggestion(ctx, needle.ActDecide, in, in.ID, in.ExpectedVersion, func(a act, o *needle.Offer) error {
		return a.settle(o, needle.OfferDeclined, in.Reason)
	})
}

// WithdrawSuggestion takes one's own suggestion back.
func (p *Planner) WithdrawSuggestion(ctx context.Context, in needle.WithdrawSuggestionInput) (*needle.Suggestion, error) {
	return p.endSuggestion(ctx, needle.ActSuggest, nil, in.ID, in.ExpectedVersion, act.withdraw)
}

// endSuggestion ends a suggestion that changes nothing.
func (p *Planner) endSuggestion(ctx context.Context, action needle.Action, in valid, id needle.SuggestionID, expected *int, end func(act, *needle.Offer) error) (*needle.Suggestion, error) {
	var s *needle.Suggestion
	err := p.change(ctx, action, in, func(ctx context.Context, a act) error {
		var err error
		if s, err = a.suggestion(ctx, id, expected); err != nil {
			return err
		}
		before := *s
		if err := end(a, &s.Offer); err != nil {
			return err
		}
		if err := a.UpdateSuggestion(ctx, s); err != nil {
			return err
		}
		team, err := a.teamOf(ctx, s.ObjectiveID)
		if err != nil {
			return err
		}
		return a.record(ctx, needle.VerbMoved, s.ID, before, s, about{team, &s.ObjectiveID})
	})
	return s, err
}

// suggestion reads a suggestion that is about to change.
func (a act) suggestion(ctx context.Context, id needle.SuggestionID, expected *int) (*needle.Suggestion, error) {
	s, err := a.Suggestion(ctx, id)
	if err != nil {
		return nil, at("input.id", err)
	}
	return s, current(s.Version, expected)
}

// teamOf reads the team of an objective that is there, without locking it.
func (a act) teamOf(ctx context.Context, id needle.ObjectiveID) (*needle.TeamID, error) {
	found, err := a.ObjectivesByID(ctx, []needle.ObjectiveID{id})
	if err != nil {
		return nil, err
	}
	return &found[0].TeamID, nil
}
