package needle

import "strings"

// Scoring is how far an objective got, in one number, and what that number rests on.
type Scoring struct {
	// Score is the mean of the scored key results weighted by their weights, 0 to 1; nil when none has a score.
	Score *float64
	// Scored is the number of key results it rests on.
	Scored int
	// Unscored is the number of those of which nothing is known.
	Unscored int
	// SuggestedOutcome is how an objective with that score usually ended; a hint, nil without a score.
	SuggestedOutcome *ObjectiveOutcome
}

// Scores from which on an outcome is suggested. What is below both is MISSED.
const (
	achievedFrom = 0.7
	partlyFrom   = 0.3
)

// OutcomeOf returns the outcome that a score suggests: ACHIEVED from 0.7, PARTLY from 0.3, else MISSED; nil without one.
// Whether an objective was DROPPED no score can tell.
func OutcomeOf(score *float64) *ObjectiveOutcome {
	if score == nil {
		return nil
	}
	outcome := OutcomeMissed
	switch {
	case *score >= achievedFrom:
		outcome = OutcomeAchieved
	case *score >= partlyFrom:
		outcome = OutcomePartly
	}
	return &outcome
}

// SuggestedScore returns what the key result scores by its numbers alone: its clamped progress; for a guard 1 while HELD
// and 0 while BREACHED. It is nil while there is nothing to measure by.
func (k *KeyResult) SuggestedScore() *float64 {
	g := k.Guard()
	if g == nil {
		return k.Progress()
	}
	score := 0.0
	if *g == GuardHeld {
		score = 1
	}
	return &score
}

// KeyResultScore is a person's word on how far a key result got.
type KeyResultScore struct {
	KeyResultID KeyResultID
	// Score is from 0 to 1.
	Score float64
	// Note says why; required when the score is not the one its numbers suggest.
	Note *string
}

// CloseObjectiveInput ends an objective and scores its key results.
type CloseObjectiveInput struct {
	ID            ObjectiveID
	Outcome       ObjectiveOutcome
	Retrospective *string
	// Scores are given where people score otherwise than the numbers; the others take what their numbers suggest.
	Scores           []*KeyResultScore
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CloseObjectiveInput) Validate() error {
	c := check{prefix: "input"}
	c.retrospective(in.Outcome, in.Retrospective)
	listed(&c, "scores", in.Scores)
	named := make(map[KeyResultID]bool, len(in.Scores))
	for i, s := range in.Scores {
		if named[s.KeyResultID] {
			c.add(indexed("scores", i, "keyResultId"), CodeDuplicate, "this key result is scored twice")
		}
		named[s.KeyResultID] = true
		c.share(indexed("scores", i, "score"), &s.Score)
		c.upTo(indexed("scores", i, "note"), deref(s.Note), MaxText)
	}
	return c.err()
}

// retrospective demands that people say what was learnt, unless the objective was given up.
func (c *check) retrospective(outcome ObjectiveOutcome, text *string) {
	if outcome != OutcomeDropped && strings.TrimSpace(Clean(deref(text))) == "" {
		c.add("retrospective", CodeRequired, "say what was learnt; only a dropped objective may be closed without")
	}
	c.upTo("retrospective", deref(text), MaxText)
}
