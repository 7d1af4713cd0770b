package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// RecordCheckIn records a measured value of a key result, whose present value follows: it is the standing check-in
// that was measured last. A correction is dated as what it corrects unless it says otherwise. A key result of a closed
// objective, and a check-in that was corrected already, answer CONFLICT.
func (p *Planner) RecordCheckIn(ctx context.Context, in needle.RecordCheckInInput) (*needle.CheckIn, error) {
	var c *needle.CheckIn
	err := p.change(ctx, needle.ActCheckIn, nil, func(ctx context.Context, a act) error {
		if err := in.Validate(a.Now()); err != nil {
			return err
		}
		k, _, err := a.openKeyResult(ctx, "input.keyResultId", in.KeyResultID)
		if err != nil {
			return err
		}
		measuredAt := in.MeasuredAt
		if in.SupersedesID != nil {
			corrected, err := a.correctable(ctx, k, *in.SupersedesID)
			if err != nil {
				return err
			}
			if measuredAt == nil {
				measuredAt = &corrected.MeasuredAt
			}
		}
		c = &needle.CheckIn{
			WorkspaceID: a.WorkspaceID(), ID: needle.NewCheckInID(), KeyResultID: k.ID,
			Value: in.Value, Confidence: in.Confidence, Note: needle.Clean(or(in.Note, "")),
			MeasuredAt: a.moment(measuredAt), RecordedAt: a.Now(), AuthorID: &a.viewer.UserID, SupersedesID: in.SupersedesID,
		}
		if err := a.InsertCheckIn(ctx, c); err != nil {
			return err
		}
		if err := a.followCheckIns(ctx, []needle.KeyResultID{k.ID}); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbMeasured, c.ID, nil, c, about{&k.TeamID, &k.ObjectiveID})
	})
	return c, err
}

// correctable reads a check-in that may be superseded: a standing one of the same key result.
func (a act) correctable(ctx context.Context, k *needle.KeyResult, id needle.CheckInID) (*needle.CheckIn, error) {
	const field = "input.supersedesId"
	c, err := a.CheckIn(ctx, id)
	if err != nil {
		return nil, at(field, err)
	}
	if c.KeyResultID != k.ID {
		return nil, needle.Invalid(field, needle.CodeInvalid, "this check-in measured another key result")
	}
	if c.SupersededByID != nil {
		return nil, needle.Conflict(field, "this check-in was corrected already; correct its correction")
	}
	return c, nil
}

// followCheckIns sets the present values of key results from their check-ins. Their objectives are held.
func (a act) followCheckIns(ctx context.Context, ids []needle.KeyResultID) error {
	latest, err := a.LatestCheckIns(ctx, ids)
	if err != nil {
		return err
	}
	return a.SetPresentValues(ctx, latest)
}
