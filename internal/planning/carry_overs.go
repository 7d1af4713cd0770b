package planning

import (
	"context"
	"slices"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// CarryOverObjective continues a closed objective in a later cycle: a draft with its texts, its pain points, those who
// take part, and the key results chosen, each from where it ended. The closed one stays as it is, and the two know each
// other. It goes on serving what it served while that is still open and runs into the later cycle. An objective that is
// not closed, a closed cycle, and one it was carried into already answer CONFLICT.
func (p *Planner) CarryOverObjective(ctx context.Context, in needle.CarryOverObjectiveInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActMoveObjective, in, func(ctx context.Context, a act) error {
		old, cycle, err := a.carried(ctx, in)
		if err != nil {
			return err
		}
		keyResults, err := a.chosen(ctx, old, in.KeyResultIDs)
		if err != nil {
			return err
		}
		o = &needle.Objective{
			Stamp: a.Stamp(), ID: needle.NewObjectiveID(), TeamID: old.TeamID, CycleID: cycle.ID,
			Title: needle.Clean(or(in.Title, old.Title)), Description: old.Description, State: needle.ObjectiveDraft, Revision: 1,
			CarriedFromID: &old.ID, CreatedBy: a.viewer.UserID, StateChangedAt: a.Now(),
		}
		goesOn, err := a.parentRunsInto(ctx, old, cycle)
		if err != nil {
			return err
		}
		if goesOn {
			o.ParentObjectiveID, o.ParentKeyResultID = old.ParentObjectiveID, old.ParentKeyResultID
		}
		if o.Number, err = a.NextNumber(ctx, needle.ObjectiveKey); err != nil {
			return err
		}
		if err := a.InsertObjective(ctx, o); err != nil {
			return err
		}
		if err := a.CopyCompany(ctx, old.ID, o.ID, a.viewer.UserID, a.viewer.Function); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbCreated, o.ID, nil, o, about{&o.TeamID, &o.ID}); err != nil {
			return err
		}
		return a.carryOn(ctx, o, keyResults)
	})
	return o, err
}

// carried reads the objective and the cycle it is carried into, both held; the cycle first, as where objectives are drafted.
func (a act) carried(ctx context.Context, in needle.CarryOverObjectiveInput) (*needle.Objective, *needle.Cycle, error) {
	next, err := a.Cycle(ctx, in.CycleID)
	if err != nil {
		return nil, nil, at("input.cycleId", err)
	}
	old, err := a.Objective(ctx, in.ID)
	if err != nil {
		return nil, nil, at("input.id", err)
	}
	if old.State != needle.ObjectiveClosed {
		return nil, nil, needle.Conflict("input.id", "close this objective first: what it ended with is what it goes on from")
	}
	was, err := a.CyclesByID(ctx, []needle.CycleID{old.CycleID})
	switch {
	case err != nil:
		return nil, nil, err
	case !next.StartsOn.After(was[0].StartsOn.Time):
		return nil, nil, needle.Invalid("input.cycleId", needle.CodeInvalid, "this cycle does not start after the objective's own")
	case next.State == needle.CycleClosed:
		return nil, nil, needle.Conflict("input.cycleId", "this cycle is closed")
	}
	return old, next, nil
}

// chosen returns the objective's key results that are named, all when ids is nil; others are told by their place.
func (a act) chosen(ctx context.Context, o *needle.Objective, ids []needle.KeyResultID) ([]*needle.KeyResult, error) {
	all, err := a.keyResultsOf(ctx, o.ID)
	if err != nil || ids == nil {
		return all, err
	}
	named := make(map[needle.KeyResultID]bool, len(ids))
	var errs needle.Errors
	for i, id := range ids {
		named[id] = true
		if !slices.ContainsFunc(all, func(k *needle.KeyResult) bool { return k.ID == id }) {
			errs = append(errs, needle.NotFound("input.keyResultIds."+strconv.Itoa(i), "key result of this objective"))
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return slices.DeleteFunc(all, func(k *needle.KeyResult) bool { return !named[k.ID] }), nil
}

// parentRunsInto reports whether what an objective serves is still open and its cycle goes on when the later one starts.
func (a act) parentRunsInto(ctx context.Context, o *needle.Objective, next *needle.Cycle) (bool, error) {
	var parent needle.ObjectiveID
	switch {
	case o.ParentObjectiveID != nil:
		parent = *o.ParentObjectiveID
	case o.ParentKeyResultID != nil:
		found, err := a.KeyResultsByID(ctx, []needle.KeyResultID{*o.ParentKeyResultID})
		if err != nil {
			return false, err
		}
		parent = found[0].ObjectiveID
	default:
		return false, nil
	}
	parents, err := a.ObjectivesByID(ctx, []needle.ObjectiveID{parent})
	if err != nil || parents[0].State == needle.ObjectiveClosed {
		return false, err
	}
	cycles, err := a.CyclesByID(ctx, []needle.CycleID{parents[0].CycleID})
	if err != nil {
		return false, err
	}
	return cycles[0].State != needle.CycleClosed && !cycles[0].EndsOn.Before(next.StartsOn.Time), nil
}

// carryOn writes the key results that continue others for an objective.
func (a act) carryOn(ctx context.Context, o *needle.Objective, keyResults []*needle.KeyResult) error {
	for _, k := range keyResults {
		next, reason := k.CarriedOn(o)
		next.Stamp, next.ID, next.CreatedBy = a.Stamp(), needle.NewKeyResultID(), a.viewer.UserID
		if err := a.writeKeyResult(ctx, next, reason); err != nil {
			return err
		}
	}
	return nil
}
