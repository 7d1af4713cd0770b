package planning

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// CloseObjective ends an objective from any state: its key results are scored, by their numbers or by people who say why,
// and it gets their weighted mean. One that is closed already answers CONFLICT.
func (p *Planner) CloseObjective(ctx context.Context, in needle.CloseObjectiveInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActMoveObjective, in, func(ctx context.Context, a act) error {
		var err error
		if o, err = a.openObjective(ctx, "input.id", in.ID); err != nil {
			return err
		}
		if err := current(o.Version, in.ExpectedVersion); err != nil {
			return err
		}
		return a.close(ctx, o, in)
	})
	return o, err
}

// close ends an open objective that is held.
func (a act) close(ctx context.Context, o *needle.Objective, in needle.CloseObjectiveInput) error {
	keyResults, err := a.keyResultsOf(ctx, o.ID)
	if err != nil {
		return err
	}
	unscored := copies(keyResults)
	for _, k := range keyResults {
		k.Score = k.SuggestedScore()
	}
	if err := takeScores(keyResults, in.Scores); err != nil {
		return err
	}
	before := *o
	o.State, o.StateChangedAt, o.Outcome = needle.ObjectiveClosed, a.Now(), &in.Outcome
	o.Retrospective, o.Score = needle.Clean(or(in.Retrospective, "")), impact.Score(keyResults)
	if err := a.UpdateObjective(ctx, o); err != nil {
		return err
	}
	if err := a.record(ctx, needle.VerbMoved, o.ID, before, o, about{&o.TeamID, &o.ID}); err != nil {
		return err
	}
	if err := a.storeScores(ctx, unscored, keyResults); err != nil {
		return err
	}
	return a.settleAddressed(ctx, o)
}

// reopen takes back what closing gave an objective that is held and moves to another state: the activities keep it.
func (a act) reopen(ctx context.Context, o *needle.Objective) error {
	if o.Outcome == nil {
		return nil
	}
	o.Outcome, o.Retrospective, o.Score = nil, "", nil
	keyResults, err := a.keyResultsOf(ctx, o.ID)
	if err != nil {
		return err
	}
	scored := copies(keyResults)
	for _, k := range keyResults {
		k.Score, k.ScoreNote = nil, ""
	}
	return a.storeScores(ctx, scored, keyResults)
}

func (a act) keyResultsOf(ctx context.Context, id needle.ObjectiveID) ([]*needle.KeyResult, error) {
	found, err := a.KeyResultsOfAll(ctx, []needle.ObjectiveID{id})
	return found[id], err
}

// takeScores puts people's scores in the place of those the numbers suggest. One that differs needs a note.
func takeScores(keyResults []*needle.KeyResult, given []*needle.KeyResultScore) error {
	var errs needle.Errors
	for i, g := range given {
		path := "input.scores." + strconv.Itoa(i)
		place := slices.IndexFunc(keyResults, func(k *needle.KeyResult) bool { return k.ID == g.KeyResultID })
		if place < 0 {
			errs = append(errs, needle.NotFound(path+".keyResultId", "key result of this objective"))
			continue
		}
		k := keyResults[place]
		k.ScoreNote = needle.Clean(or(g.Note, ""))
		if (k.Score == nil || *k.Score != g.Score) && strings.TrimSpace(k.ScoreNote) == "" {
			errs = append(errs, needle.Invalid(path+".note", needle.CodeRequired, "say why the score is another than the numbers suggest"))
		}
		k.Score = &g.Score
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// copies returns key results as they are, to compare them with what they become.
func copies(keyResults []*needle.KeyResult) []needle.KeyResult {
	out := make([]needle.KeyResult, len(keyResults))
	for i, k := range keyResults {
		out[i] = *k
	}
	return out
}

// storeScores stores the scores that were given or taken back, with an activity for each key result.
func (a act) storeScores(ctx context.Context, before []needle.KeyResult, after []*needle.KeyResult) error {
	var changed []*needle.KeyResult
	var activities []*needle.Activity
	for i, k := range after {
		if before[i].Score == nil && k.Score == nil {
			continue
		}
		row, err := a.activity(needle.VerbUpdated, k.ID, before[i], k, about{&k.TeamID, &k.ObjectiveID})
		if err != nil {
			return err
		}
		changed, activities = append(changed, k), append(activities, row)
	}
	if err := a.ScoreKeyResults(ctx, changed); err != nil {
		return err
	}
	return a.InsertActivities(ctx, activities)
}
