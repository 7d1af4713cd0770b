package planning

import (
	"context"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// alignment names what transactions that change who serves whom queue on, so that two of them never close a loop.
const alignment = "alignment"

// CreateObjective drafts an objective of a team in a cycle. Pain points it addresses become TARGETED when it is agreed.
func (p *Planner) CreateObjective(ctx context.Context, in needle.CreateObjectiveInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActWriteObjective, in, func(ctx context.Context, a act) error {
		if _, err := a.Team(ctx, in.TeamID); err != nil {
			return at("input.teamId", err)
		}
		cycle, err := a.Cycle(ctx, in.CycleID)
		if err != nil {
			return at("input.cycleId", err)
		}
		if cycle.State == needle.CycleClosed {
			return needle.Conflict("input.cycleId", "this cycle is closed")
		}
		o = &needle.Objective{
			Stamp: a.Stamp(), ID: needle.NewObjectiveID(), TeamID: in.TeamID, CycleID: in.CycleID,
			Title: needle.Clean(in.Title), Description: needle.Clean(or(in.Description, "")), State: needle.ObjectiveDraft, Revision: 1,
			ParentObjectiveID: in.ParentObjectiveID, ParentKeyResultID: in.ParentKeyResultID,
			CreatedBy: a.viewer.UserID, StateChangedAt: a.Now(),
		}
		if err := a.checkParents(ctx, o); err != nil {
			return err
		}
		if o.Number, err = a.NextNumber(ctx, needle.ObjectiveKey); err != nil {
			return err
		}
		if err := a.InsertObjective(ctx, o); err != nil {
			return err
		}
		if err := a.address(ctx, o, in.PainPointIDs); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, o.ID, nil, o, about{&o.TeamID, &o.ID})
	})
	return o, err
}

// UpdateObjective changes an objective. A closed one answers CONFLICT.
func (p *Planner) UpdateObjective(ctx context.Context, in needle.UpdateObjectiveInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActWriteObjective, in, func(ctx context.Context, a act) error {
		var err error
		if in.ParentObjectiveID.IsSet() || in.ParentKeyResultID.IsSet() {
			if err := a.Serialize(ctx, alignment); err != nil {
				return err
			}
		}
		if o, err = a.openObjective(ctx, "input.id", in.ID); err != nil {
			return err
		}
		if err := current(o.Version, in.ExpectedVersion); err != nil {
			return err
		}
		before := *o
		setText(&o.Title, in.Title)
		setText(&o.Description, in.Description)
		if v, ok := in.ParentObjectiveID.ValueOK(); ok {
			o.ParentObjectiveID, o.ParentKeyResultID = v, nil
		}
		if v, ok := in.ParentKeyResultID.ValueOK(); ok {
			o.ParentKeyResultID = v
			if v != nil {
				o.ParentObjectiveID = nil
			}
		}
		if err := a.checkParents(ctx, o); err != nil {
			return err
		}
		if err := a.UpdateObjective(ctx, o); err != nil {
			return err
		}
		if in.PainPointIDs != nil {
			if err := a.address(ctx, o, in.PainPointIDs); err != nil {
				return err
			}
		}
		if err := a.record(ctx, needle.VerbUpdated, o.ID, before, o, about{&o.TeamID, &o.ID}); err != nil {
			return err
		}
		return a.revise(ctx, o)
	})
	return o, err
}

// MoveObjective moves an objective to another state. A way that does not exist answers CONFLICT. Agreeing targets the
// pain points it addresses; closing is CloseObjective without a person's scores.
func (p *Planner) MoveObjective(ctx context.Context, in needle.MoveObjectiveInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActMoveObjective, in, func(ctx context.Context, a act) error {
		var err error
		if o, err = a.Objective(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if err := current(o.Version, in.ExpectedVersion); err != nil {
			return err
		}
		if !o.CanMove(in.To) {
			return needle.Conflict("input.to", "an objective cannot go from "+string(o.State)+" to "+string(in.To))
		}
		if in.To == needle.ObjectiveClosed {
			return a.close(ctx, o, needle.CloseObjectiveInput{Outcome: *in.Outcome, Retrospective: in.Retrospective})
		}
		before := *o
		o.State, o.StateChangedAt = in.To, a.Now()
		if err := a.reopen(ctx, o); err != nil {
			return err
		}
		if err := a.UpdateObjective(ctx, o); err != nil {
			return err
		}
		if in.To == needle.ObjectiveAgreed {
			if err := a.MovePainPoints(ctx, o.ID, needle.PainOpen, needle.PainTargeted); err != nil {
				return err
			}
		}
		return a.record(ctx, needle.VerbMoved, o.ID, before, o, about{&o.TeamID, &o.ID})
	})
	return o, err
}

// openObjective reads an objective that may still be changed.
func (a act) openObjective(ctx context.Context, field string, id needle.ObjectiveID) (*needle.Objective, error) {
	o, err := a.Objective(ctx, id)
	if err != nil {
		return nil, at(field, err)
	}
	if o.State == needle.ObjectiveClosed {
		return nil, closed(field)
	}
	return o, nil
}

// closed refuses a change of what belongs to a closed objective.
func closed(field string) *needle.Error { return needle.Conflict(field, "this objective is closed") }

// checkParents demands that what an objective serves exists and does not serve the objective in turn.
func (a act) checkParents(ctx context.Context, o *needle.Objective) error {
	var parent needle.ObjectiveID
	var field string
	switch {
	case o.ParentObjectiveID != nil:
		parent, field = *o.ParentObjectiveID, "input.parentObjectiveId"
		if _, err := a.Objective(ctx, parent); err != nil {
			return at(field, err)
		}
	case o.ParentKeyResultID != nil:
		field = "input.parentKeyResultId"
		k, err := a.KeyResult(ctx, *o.ParentKeyResultID)
		if err != nil {
			return at(field, err)
		}
		parent = k.ObjectiveID
	default:
		return nil
	}
	loop, err := a.ObjectiveServes(ctx, parent, o.ID)
	if err != nil {
		return err
	}
	if loop {
		return needle.Invalid(field, needle.CodeInvalid, "what this objective would serve already serves this objective")
	}
	return nil
}

// address stores which pain points an objective addresses; unknown ones are named by their place in the input.
func (a act) address(ctx context.Context, o *needle.Objective, pains []needle.PainPointID) error {
	missing, err := a.MissingPainPoints(ctx, pains)
	if err != nil {
		return err
	}
	var errs needle.Errors
	for _, i := range missing {
		errs = append(errs, needle.NotFound("input.painPointIds."+strconv.Itoa(i), "pain point"))
	}
	if len(errs) > 0 {
		return errs
	}
	return a.SetObjectivePainPoints(ctx, o.ID, pains)
}
