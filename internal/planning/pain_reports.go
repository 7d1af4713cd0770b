package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// ReportPainPoint says that somebody has a problem. A report with an external key that the pain point has already is
// returned as it is, and nothing is written. A DISMISSED pain point and a duplicate answer CONFLICT.
func (p *Planner) ReportPainPoint(ctx context.Context, in needle.ReportPainPointInput) (*needle.PainReport, error) {
	var r *needle.PainReport
	err := p.change(ctx, needle.ActCapturePain, nil, func(ctx context.Context, a act) error {
		if err := in.Validate(a.Now()); err != nil {
			return err
		}
		if err := a.HoldSegments(ctx); err != nil {
			return err
		}
		// Who holds the pain point finds what others have reported under the key.
		if _, err := a.PainPoint(ctx, in.PainPointID); err != nil {
			return at("input.painPointId", err)
		}
		key := needle.Clean(or(in.ExternalKey, ""))
		var err error
		if r, err = a.PainReportByKey(ctx, in.PainPointID, key); err != nil || r != nil {
			return err
		}
		if _, err := a.livePain(ctx, "input.painPointId", in.PainPointID); err != nil {
			return err
		}
		r = &needle.PainReport{
			Stamp: a.Stamp(), ID: needle.NewPainReportID(), PainPointID: in.PainPointID,
			Reporter: name(in.Reporter), Segment: name(or(in.Segment, "")), Note: needle.Clean(or(in.Note, "")),
			ExternalKey: key, ReportedAt: a.moment(in.ReportedAt), CreatedBy: a.viewer.UserID,
		}
		if err := a.InsertPainReports(ctx, []*needle.PainReport{r}); err != nil {
			return err
		}
		if err := a.WeighPainPoints(ctx, []needle.PainPointID{r.PainPointID}); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, r.ID, nil, r, about{})
	})
	return r, err
}
