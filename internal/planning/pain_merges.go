package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// merging names what transactions that merge pain points or undo it queue on, so that two of them never close a loop.
const merging = "merging"

// MergePainPoints says that one pain point is a duplicate of another. What was entered for it stays there and counts for
// the one that remains, each reporter once. Merging a duplicate, or into one or into what was DISMISSED, answers CONFLICT.
func (p *Planner) MergePainPoints(ctx context.Context, in needle.MergePainPointsInput) (*needle.PainMerge, error) {
	var m *needle.PainMerge
	err := p.change(ctx, needle.ActMergePain, in, func(ctx context.Context, a act) error {
		if err := a.holdMerges(ctx); err != nil {
			return err
		}
		if err := a.HoldPainTrees(ctx, in.From, in.Into); err != nil {
			return err
		}
		from, err := a.remainingPain(ctx, "input.from", in.From)
		if err != nil {
			return err
		}
		if _, err := a.livePain(ctx, "input.into", in.Into); err != nil {
			return err
		}
		if err := current(from.Version, in.ExpectedVersion); err != nil {
			return err
		}
		m = &needle.PainMerge{
			WorkspaceID: a.WorkspaceID(), ID: needle.NewPainMergeID(), FromID: in.From, IntoID: in.Into,
			Note: needle.Clean(or(in.Note, "")), MergedBy: a.viewer.UserID, RecordedAt: a.Now(),
		}
		if err := a.InsertPainMerge(ctx, m); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbCreated, m.ID, nil, m, about{}); err != nil {
			return err
		}
		return a.plant(ctx, from, &in.Into)
	})
	return m, err
}

// UndoMerge makes a duplicate a pain point of its own again, with all that was entered for it or merged into it. A merge
// that was undone already, or the id of what is no duplicate, answers CONFLICT.
func (p *Planner) UndoMerge(ctx context.Context, in needle.UndoMergeInput) (*needle.PainMerge, error) {
	var m *needle.PainMerge
	err := p.change(ctx, needle.ActMergePain, in, func(ctx context.Context, a act) error {
		if err := a.holdMerges(ctx); err != nil {
			return err
		}
		var err error
		if m, err = a.standingMerge(ctx, in); err != nil {
			return err
		}
		if err := a.HoldPainTrees(ctx, m.FromID); err != nil {
			return err
		}
		before, now := *m, a.Now()
		m.UndoneBy, m.UndoneAt = &a.viewer.UserID, &now
		if err := a.UndoPainMerge(ctx, m); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbUpdated, m.ID, before, m, about{}); err != nil {
			return err
		}
		from, err := a.PainPoint(ctx, m.FromID)
		if err != nil {
			return err
		}
		return a.plant(ctx, from, nil)
	})
	return m, err
}

// holdMerges keeps other merges away, and what segments weigh as it is.
func (a act) holdMerges(ctx context.Context) error {
	if err := a.Serialize(ctx, merging); err != nil {
		return err
	}
	return a.HoldSegments(ctx)
}

// standingMerge reads the merge that is to be undone.
func (a act) standingMerge(ctx context.Context, in needle.UndoMergeInput) (*needle.PainMerge, error) {
	if in.MergeID != nil {
		m, err := a.PainMerge(ctx, *in.MergeID)
		if err != nil {
			return nil, at("input.mergeId", err)
		}
		if m.UndoneAt != nil {
			return nil, needle.Conflict("input.mergeId", "this merge was undone already")
		}
		return m, nil
	}
	if _, err := a.PainPoint(ctx, *in.PainPointID); err != nil {
		return nil, at("input.painPointId", err)
	}
	m, err := a.PainMergeOf(ctx, *in.PainPointID)
	if err == nil && m == nil {
		err = needle.Conflict("input.painPointId", "this pain point was not merged into another")
	}
	return m, err
}

// plant makes a pain point a duplicate of another, or with nil one of its own, and weighs and settles what remains on
// both sides.
func (a act) plant(ctx context.Context, pain *needle.PainPoint, into *needle.PainPointID) error {
	if err := a.PlantPainTree(ctx, pain.ID, into); err != nil {
		return err
	}
	planted, err := a.PainPoint(ctx, pain.ID)
	if err != nil {
		return err
	}
	if err := a.record(ctx, needle.VerbUpdated, pain.ID, pain, planted, about{}); err != nil {
		return err
	}
	sides := []needle.PainPointID{pain.RootID, planted.RootID}
	if err := a.WeighPainPoints(ctx, sides); err != nil {
		return err
	}
	return a.settlePains(ctx, sides, about{})
}
