package planning

import (
	"context"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// alignment names what transactions that change who serves whom queue on, so that two of them never close a loop.
const alignment = "alignment"

// CreateObjective drafts an objective of a team in a cycle; its author and the team's lead take part in it. Pain points
// it addresses become TARGETED when it is agreed.
func (p *Planner) CreateObjective(ctx context.Context, in needle.CreateObjectiveInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActWriteObjective, in, func(ctx context.Context, a act) error {
		var err error
		o, err = a.draft(ctx, in)
		return err
	})
	return o, err
}

// draft stores an objective that nobody signed yet.
func (a act) draft(ctx context.Context, in needle.CreateObjectiveInput) (*needle.Objective, error) {
	team, err := a.Team(ctx, in.TeamID)
	if err != nil {
		return nil, at("input.teamId", err)
	}
	cycle, err := a.Cycle(ctx, in.CycleID)
	if err != nil {
		return nil, at("input.cycleId", err)
	}
	if cycle.State == needle.CycleClosed {
		return nil, needle.Conflict("input.cycleId", "this cycle is closed")
	}
	o := &needle.Objective{
		Stamp: a.Stamp(), ID: needle.NewObjectiveID(), TeamID: in.TeamID, CycleID: in.CycleID,
		Title: needle.Clean(in.Title), Description: needle.Clean(or(in.Description, "")), State: needle.ObjectiveDraft, Revision: 1,
		ParentObjectiveID: in.ParentObjectiveID, ParentKeyResultID: in.ParentKeyResultID,
		CreatedBy: a.viewer.UserID, StateChangedAt: a.Now(),
	}
	if err := a.checkParents(ctx, o); err != nil {
		return nil, err
	}
	if o.Number, err = a.NextNumber(ctx, needle.ObjectiveKey); err != nil {
		return nil, err
	}
	if err := a.InsertObjective(ctx, o); err != nil {
		return nil, err
	}
	if err := a.address(ctx, o, in.PainPointIDs); err != nil {
		return nil, err
	}
	if err := a.gather(ctx, o, team); err != nil {
		return nil, err
	}
	return o, a.record(ctx, needle.VerbCreated, o.ID, nil, o, about{&o.TeamID, &o.ID})
}

// UpdateObjective changes an objective. A closed one answers CONFLICT. Signatures lapse when something changes that was
// signed.
func (p *Planner) UpdateObjective(ctx context.Context, in needle.UpdateObjectiveInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActWriteObjective, in, func(ctx context.Context, a act) error {
		var err error
		o, err = a.updateObjective(ctx, in)
		return err
	})
	return o, err
}

// updateObjective makes the changes of a valid input.
func (a act) updateObjective(ctx context.Context, in needle.UpdateObjectiveInput) (*needle.Objective, error) {
	realigned := in.ParentObjectiveID.IsSet() || in.ParentKeyResultID.IsSet()
	if realigned {
		if err := a.Serialize(ctx, alignment); err != nil {
			return nil, err
		}
	}
	o, err := a.openObjective(ctx, "input.id", in.ID)
	if err != nil {
		return nil, err
	}
	if err := current(o.Version, in.ExpectedVersion); err != nil {
		return nil, err
	}
	before := *o
	setText(&o.Title, in.Title)
	setText(&o.Description, in.Description)
	align(o, in)
	if realigned {
		if err := a.checkParents(ctx, o); err != nil {
			return nil, err
		}
	}
	same := sameObjective(&before, o)
	if in.PainPointIDs != nil {
		samePains, err := a.samePains(ctx, o, in.PainPointIDs)
		if err != nil {
			return nil, err
		}
		if err := a.address(ctx, o, in.PainPointIDs); err != nil {
			return nil, err
		}
		same = same && samePains
	}
	if err := a.record(ctx, needle.VerbUpdated, o.ID, before, o, about{&o.TeamID, &o.ID}); err != nil {
		return nil, err
	}
	if same {
		err = a.UpdateObjective(ctx, o)
	} else {
		err = a.revise(ctx, o)
	}
	if err != nil || in.PainPointIDs == nil {
		return o, err
	}
	return o, a.settleAddressed(ctx, o)
}

// align sets what an objective serves, as far as the input says.
func align(o *needle.Objective, in needle.UpdateObjectiveInput) {
	if v, ok := in.ParentObjectiveID.ValueOK(); ok {
		o.ParentObjectiveID, o.ParentKeyResultID = v, nil
	}
	if v, ok := in.ParentKeyResultID.ValueOK(); ok {
		o.ParentKeyResultID = v
		if v != nil {
			o.ParentObjectiveID = nil
		}
	}
}

// MoveObjective moves an objective to another state. A way that does not exist answers CONFLICT, and so does agreeing
// before everybody the policy asks for has signed. Pain points it addresses are TARGETED as long as it is AGREED; closing
// is CloseObjective without a person's scores.
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
		if in.To == needle.ObjectiveAgreed {
			if err := a.checkSigned(ctx, o); err != nil {
				return err
			}
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
		if err := a.record(ctx, needle.VerbMoved, o.ID, before, o, about{&o.TeamID, &o.ID}); err != nil {
			return err
		}
		return a.settleAddressed(ctx, o)
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

// checkParents demands that what an objective serves exists, is not of a later cycle, and does not serve the objective
// in turn.
func (a act) checkParents(ctx context.Context, o *needle.Objective) error {
	parent, field, err := a.servedBy(ctx, o)
	if err != nil || parent == nil {
		return err
	}
	if parent.CycleID != o.CycleID {
		cycles, err := a.CyclesByID(ctx, []needle.CycleID{o.CycleID, parent.CycleID})
		if err != nil {
			return err
		}
		if own, later := cycles[0], cycles[1]; later.StartsOn.After(own.StartsOn.Time) {
			return needle.Invalid(field, needle.CodeInvalid,
				"an objective of "+own.Name+" cannot serve one of "+later.Name+", which starts later")
		}
	}
	loop, err := a.ObjectiveServes(ctx, parent.ID, o.ID)
	if err != nil {
		return err
	}
	if loop {
		return needle.Invalid(field, needle.CodeInvalid, "what this objective would serve already serves this objective")
	}
	return nil
}

// servedBy reads what an objective serves, straight or by a key result, and names the input field that says so; nil when
// it serves nothing. Neither is held: both stay in their cycle for ever.
func (a act) servedBy(ctx context.Context, o *needle.Objective) (*needle.Objective, string, error) {
	var parent needle.ObjectiveID
	var field string
	switch {
	case o.ParentObjectiveID != nil:
		parent, field = *o.ParentObjectiveID, "input.parentObjectiveId"
	case o.ParentKeyResultID != nil:
		field = "input.parentKeyResultId"
		found, err := a.KeyResultsByID(ctx, []needle.KeyResultID{*o.ParentKeyResultID})
		if err != nil {
			return nil, field, err
		}
		if found[0] == nil {
			return nil, field, needle.NotFound(field, "key result")
		}
		parent = found[0].ObjectiveID
	default:
		return nil, "", nil
	}
	found, err := a.ObjectivesByID(ctx, []needle.ObjectiveID{parent})
	if err == nil && found[0] == nil {
		err = needle.NotFound(field, "objective")
	}
	if err != nil {
		return nil, field, err
	}
	return found[0], field, nil
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
