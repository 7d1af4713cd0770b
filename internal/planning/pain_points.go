package planning

import (
	"context"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// defaultSeverity is the middle of the scale.
const defaultSeverity = 3

// CreatePainPoint captures a customer's problem with what shows that it is real.
func (p *Planner) CreatePainPoint(ctx context.Context, in needle.CreatePainPointInput) (*needle.PainPoint, error) {
	var pain *needle.PainPoint
	err := p.change(ctx, needle.ActCapturePain, nil, func(ctx context.Context, a act) error {
		if err := in.Validate(a.Now()); err != nil {
			return err
		}
		pain = a.painPoint()
		pain.Title, pain.Description = needle.Clean(in.Title), needle.Clean(or(in.Description, ""))
		setText(&pain.Category, in.Category)
		set(&pain.Severity, in.Severity)
		var err error
		if pain.Number, err = a.NextNumber(ctx, needle.PainPointKey); err != nil {
			return err
		}
		if err := a.InsertPainPoint(ctx, pain); err != nil {
			return err
		}
		evidence := make([]*needle.Evidence, len(in.Evidence))
		for i, e := range in.Evidence {
			evidence[i] = a.evidence(pain.ID, e)
		}
		if err := a.addEvidence(ctx, evidence); err != nil {
			return err
		}
		if pain, err = a.PainPoint(ctx, pain.ID); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, pain.ID, nil, captured{pain, evidence}, about{})
	})
	return pain, err
}

// painPoint returns a fresh pain point that says nothing yet.
func (a act) painPoint() *needle.PainPoint {
	pain := &needle.PainPoint{
		Stamp: a.Stamp(), ID: needle.NewPainPointID(), Category: needle.CategoryQuality, Severity: defaultSeverity,
		Status: needle.PainOpen, SegmentWeight: 1, CreatedBy: a.viewer.UserID,
	}
	pain.RootID = pain.ID
	return pain
}

// captured is what an activity says about a new pain point.
type captured struct {
	*needle.PainPoint
	Evidence []*needle.Evidence
}

// UpdatePainPoint changes a pain point. A DISMISSED one answers CONFLICT.
func (p *Planner) UpdatePainPoint(ctx context.Context, in needle.UpdatePainPointInput) (*needle.PainPoint, error) {
	var pain *needle.PainPoint
	err := p.change(ctx, needle.ActEditPain, in, func(ctx context.Context, a act) error {
		var err error
		if pain, err = a.livePain(ctx, "input.id", in.ID); err != nil {
			return err
		}
		if err := current(pain.Version, in.ExpectedVersion); err != nil {
			return err
		}
		before := *pain
		setText(&pain.Title, in.Title)
		setText(&pain.Description, in.Description)
		setText(&pain.Category, in.Category)
		set(&pain.Severity, in.Severity)
		if err := a.UpdatePainPoint(ctx, pain); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, pain.ID, before, pain, about{})
	})
	return pain, err
}

// DismissPainPoint says that nothing will be done, and why. One that is DISMISSED already answers CONFLICT.
func (p *Planner) DismissPainPoint(ctx context.Context, in needle.DismissPainPointInput) (*needle.PainPoint, error) {
	var pain *needle.PainPoint
	err := p.change(ctx, needle.ActEditPain, in, func(ctx context.Context, a act) error {
		var err error
		if pain, err = a.livePain(ctx, "input.id", in.ID); err != nil {
			return err
		}
		if err := current(pain.Version, in.ExpectedVersion); err != nil {
			return err
		}
		before := *pain
		pain.Status, pain.DismissedReason = needle.PainDismissed, needle.Clean(in.Reason)
		if err := a.UpdatePainPoint(ctx, pain); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbMoved, pain.ID, before, pain, about{})
	})
	return pain, err
}

// AddEvidence adds a piece of evidence to a pain point. A DISMISSED one answers CONFLICT: what is new about it is
// captured anew, so that somebody looks at it.
func (p *Planner) AddEvidence(ctx context.Context, in needle.AddEvidenceInput) (*needle.Evidence, error) {
	var e *needle.Evidence
	err := p.change(ctx, needle.ActCapturePain, nil, func(ctx context.Context, a act) error {
		if err := in.Validate(a.Now()); err != nil {
			return err
		}
		if _, err := a.livePain(ctx, "input.painPointId", in.PainPointID); err != nil {
			return err
		}
		e = a.evidence(in.PainPointID, &in.Evidence)
		if err := a.addEvidence(ctx, []*needle.Evidence{e}); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, e.ID, nil, e, about{})
	})
	return e, err
}

// livePain reads a pain point that may still be changed.
func (a act) livePain(ctx context.Context, field string, id needle.PainPointID) (*needle.PainPoint, error) {
	pain, err := a.PainPoint(ctx, id)
	if err != nil {
		return nil, at(field, err)
	}
	if pain.Status == needle.PainDismissed {
		return nil, needle.Conflict(field, "this pain point was dismissed")
	}
	return pain, nil
}

// evidence returns the row of a piece of evidence.
func (a act) evidence(pain needle.PainPointID, in *needle.EvidenceInput) *needle.Evidence {
	return &needle.Evidence{
		Stamp: a.Stamp(), ID: needle.NewEvidenceID(), PainPointID: pain, Source: in.Source, Body: needle.Clean(in.Body),
		Customer: needle.Clean(or(in.Customer, "")), Segment: needle.Clean(or(in.Segment, "")), URL: needle.Clean(or(in.URL, "")),
		ObservedAt: a.moment(in.ObservedAt), CreatedBy: a.viewer.UserID,
	}
}

// addEvidence stores evidence with the reports of the customers it names, and weighs the pain anew.
func (a act) addEvidence(ctx context.Context, evidence []*needle.Evidence) error {
	if err := a.InsertEvidence(ctx, evidence); err != nil {
		return err
	}
	reports := a.customers(evidence)
	if err := a.InsertPainReports(ctx, reports); err != nil || len(reports) == 0 {
		return err
	}
	pains := make([]needle.PainPointID, len(reports))
	for i, r := range reports {
		pains[i] = r.PainPointID
	}
	return a.WeighPainPoints(ctx, pains)
}

// customers returns the reports of the customers that evidence names.
func (a act) customers(evidence []*needle.Evidence) []*needle.PainReport {
	var reports []*needle.PainReport
	for _, e := range evidence {
		if customer := strings.TrimSpace(e.Customer); customer != "" {
			reports = append(reports, &needle.PainReport{
				Stamp: a.Stamp(), ID: needle.NewPainReportID(), PainPointID: e.PainPointID, EvidenceID: &e.ID,
				Reporter: customer, Segment: e.Segment, ReportedAt: e.ObservedAt, CreatedBy: e.CreatedBy,
			})
		}
	}
	return reports
}
