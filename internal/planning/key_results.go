package planning

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// What a key result is like unless its author says otherwise.
const (
	defaultWeight      = 1
	defaultCadenceDays = 7
	defaultLagMaxDays  = 28
)

// firstGoal is the reason of a key result's first numbers.
const firstGoal = "first written"

// CreateKeyResult adds a key result to an objective. A closed objective answers CONFLICT.
func (p *Planner) CreateKeyResult(ctx context.Context, in needle.CreateKeyResultInput) (*needle.KeyResult, error) {
	var k *needle.KeyResult
	err := p.change(ctx, needle.ActWriteKeyResult, nil, func(ctx context.Context, a act) error {
		k = a.keyResult(in)
		return a.addKeyResult(ctx, k)
	})
	return k, err
}

// addKeyResult stores a fresh key result.
func (a act) addKeyResult(ctx context.Context, k *needle.KeyResult) error {
	if err := k.Validate(); err != nil {
		return err
	}
	o, err := a.openObjective(ctx, "input.objectiveId", k.ObjectiveID)
	if err != nil {
		return err
	}
	k.TeamID, k.CycleID = o.TeamID, o.CycleID
	if err := a.checkOwner(ctx, k); err != nil {
		return err
	}
	if err := a.writeKeyResult(ctx, k, firstGoal); err != nil {
		return err
	}
	return a.revise(ctx, o)
}

// writeKeyResult stores a fresh key result with its first numbers and the reason of these.
func (a act) writeKeyResult(ctx context.Context, k *needle.KeyResult, reason string) error {
	var err error
	if k.Number, err = a.NextNumber(ctx, needle.KeyResultKey); err != nil {
		return err
	}
	if err := a.InsertKeyResult(ctx, k); err != nil {
		return err
	}
	if err := a.appendGoal(ctx, k, k.Goal, reason, k.CreatedAt); err != nil {
		return err
	}
	return a.record(ctx, needle.VerbCreated, k.ID, nil, k, about{&k.TeamID, &k.ObjectiveID})
}

// UpdateKeyResult changes a key result, its numbers aside. One of a closed objective answers CONFLICT.
func (p *Planner) UpdateKeyResult(ctx context.Context, in needle.UpdateKeyResultInput) (*needle.KeyResult, error) {
	var k *needle.KeyResult
	err := p.change(ctx, needle.ActWriteKeyResult, nil, func(ctx context.Context, a act) error {
		var err error
		k, err = a.updateKeyResult(ctx, in)
		return err
	})
	return k, err
}

// updateKeyResult makes the changes of an input.
func (a act) updateKeyResult(ctx context.Context, in needle.UpdateKeyResultInput) (*needle.KeyResult, error) {
	k, o, err := a.openKeyResult(ctx, "input.id", in.ID)
	if err != nil {
		return nil, err
	}
	if err := current(k.Version, in.ExpectedVersion); err != nil {
		return nil, err
	}
	before := *k
	setText(&k.Title, in.Title)
	setText(&k.Wording, in.Wording)
	setText(&k.Unit, in.Unit)
	set(&k.Indicator, in.Indicator)
	set(&k.Weight, in.Weight)
	set(&k.CadenceDays, in.CadenceDays)
	set(&k.LagMinDays, in.LagMinDays)
	set(&k.LagMaxDays, in.LagMaxDays)
	if v, ok := in.OwnerID.ValueOK(); ok {
		k.OwnerID = v
	}
	if err := k.Validate(); err != nil {
		return nil, err
	}
	if err := a.checkOwner(ctx, k); err != nil {
		return nil, err
	}
	if err := a.UpdateKeyResult(ctx, k); err != nil {
		return nil, err
	}
	if err := a.record(ctx, needle.VerbUpdated, k.ID, before, k, about{&k.TeamID, &k.ObjectiveID}); err != nil {
		return nil, err
	}
	if sameKeyResult(&before, k) {
		return k, nil
	}
	return k, a.revise(ctx, o)
}

// ChangeGoal replaces a key result's numbers from an instant on; the earlier ones stay in its history. Numbers that
// began to hold before the present ones complete the history and leave the present as it is. A key result of a closed
// objective answers CONFLICT.
func (p *Planner) ChangeGoal(ctx context.Context, in needle.ChangeGoalInput) (*needle.KeyResult, error) {
	var k *needle.KeyResult
	err := p.change(ctx, needle.ActWriteKeyResult, nil, func(ctx context.Context, a act) error {
		var err error
		k, err = a.changeGoal(ctx, in)
		return err
	})
	return k, err
}

// changeGoal makes the change of an input.
func (a act) changeGoal(ctx context.Context, in needle.ChangeGoalInput) (*needle.KeyResult, error) {
	if err := in.Validate(a.Now()); err != nil {
		return nil, err
	}
	k, o, err := a.openKeyResult(ctx, "input.id", in.ID)
	if err != nil {
		return nil, err
	}
	if err := current(k.Version, in.ExpectedVersion); err != nil {
		return nil, err
	}
	before, from := *k, a.moment(in.ValidFrom)
	k.Goal, k.RelativeChange = goalOf(k, in.Goal), in.Goal.RelativeChange
	if err := k.Validate(); err != nil {
		return nil, err
	}
	if err := a.appendGoal(ctx, k, k.Goal, needle.Clean(in.Reason), from); err != nil {
		return nil, err
	}
	present, isNew, err := a.presentGoal(ctx, k.ID)
	if err != nil {
		return nil, err
	}
	if k.Goal = present; !isNew {
		k.RelativeChange = before.RelativeChange
	}
	if err := a.UpdateKeyResult(ctx, k); err != nil {
		return nil, err
	}
	if err := a.record(ctx, needle.VerbUpdated, k.ID, before, k, about{&k.TeamID, &k.ObjectiveID}); err != nil {
		return nil, err
	}
	if sameKeyResult(&before, k) {
		return k, nil // The numbers of an earlier time: what holds now is what was signed.
	}
	return k, a.revise(ctx, o)
}

// keyResult returns a fresh key result with every default filled in.
func (a act) keyResult(in needle.CreateKeyResultInput) *needle.KeyResult {
	k := &needle.KeyResult{
		Stamp: a.Stamp(), ID: needle.NewKeyResultID(), ObjectiveID: in.ObjectiveID,
		Title: needle.Clean(in.Title), Wording: needle.Clean(or(in.Wording, "")), Unit: needle.Clean(or(in.Unit, "")),
		Kind: or(in.Kind, needle.KindMetric), Direction: or(in.Direction, needle.DirectionIncrease),
		Indicator: or(in.Indicator, needle.IndicatorLagging), Weight: or(in.Weight, defaultWeight), OwnerID: in.OwnerID,
		CadenceDays: or(in.CadenceDays, defaultCadenceDays),
		LagMinDays:  or(in.LagMinDays, 0), LagMaxDays: or(in.LagMaxDays, defaultLagMaxDays),
		RelativeChange: in.Goal.RelativeChange, CreatedBy: a.viewer.UserID,
	}
	k.Goal = goalOf(k, in.Goal)
	return k
}

// goalOf returns the numbers a caller means: unless they say otherwise a milestone runs from 0, not there, to 1, there; one
// that shall go away runs back, and one that shall stay is guarded at 1.
func goalOf(k *needle.KeyResult, in needle.GoalInput) needle.Goal {
	g := in.Goal()
	if k.Kind != needle.KindMilestone {
		return g
	}
	from, to := 0.0, 1.0
	switch k.Direction {
	case needle.DirectionDecrease:
		from, to = 1, 0
	case needle.DirectionMaintain:
		if g.BandLow == nil && g.BandHigh == nil {
			g.BandLow = &to
		}
		return g
	case needle.DirectionIncrease:
	}
	baseline, target := or(g.Baseline, from), or(g.Target, to)
	g.Baseline, g.Target = &baseline, &target
	return g
}

// openKeyResult reads a key result that may still be changed. Its objective is held first, so that it stays open.
func (a act) openKeyResult(ctx context.Context, field string, id needle.KeyResultID) (*needle.KeyResult, *needle.Objective, error) {
	o, err := a.ObjectiveOfKeyResult(ctx, id)
	if err != nil {
		return nil, nil, at(field, err)
	}
	if o.State == needle.ObjectiveClosed {
		return nil, nil, closed(field)
	}
	k, err := a.KeyResult(ctx, id)
	return k, o, err
}

// checkOwner demands that a key result's owner exists.
func (a act) checkOwner(ctx context.Context, k *needle.KeyResult) error {
	if k.OwnerID == nil {
		return nil
	}
	_, err := a.User(ctx, *k.OwnerID)
	return at("input.ownerId", err)
}

// appendGoal adds numbers to a key result's history.
func (a act) appendGoal(ctx context.Context, k *needle.KeyResult, g needle.Goal, reason string, from time.Time) error {
	return a.AppendGoal(ctx, needle.GoalVersion{
		KeyResultID: k.ID, Goal: g, Reason: reason, AuthorID: a.viewer.UserID, ValidFrom: from, RecordedAt: a.Now(),
	})
}

// presentGoal returns the numbers that hold now by a key result's history, which is not empty, and whether they are those
// recorded last. Now is when that was: clocks of several servers differ.
func (a act) presentGoal(ctx context.Context, id needle.KeyResultID) (needle.Goal, bool, error) {
	histories, err := a.GoalHistories(ctx, []needle.KeyResultID{id})
	if err != nil {
		return needle.Goal{}, false, err
	}
	versions := histories[id]
	last := versions[len(versions)-1]
	present := impact.GoalAsOf(versions, last.RecordedAt)
	return present.Goal, present == last, nil
}
