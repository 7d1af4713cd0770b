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
		if err := a.HoldSegments(ctx); err != nil {
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

// UpdatePainPoint changes a pain point. A DISMISSED one and a duplicate answer CONFLICT.
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
		if pain, err = a.savePain(ctx, pain); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, pain.ID, before, pain, about{})
	})
	return pain, err
}

// savePain stores a changed pain point and returns it as the database worked it out.
func (a act) savePain(ctx context.Context, pain *needle.PainPoint) (*needle.PainPoint, error) {
	if err := a.UpdatePainPoint(ctx, pain); err != nil {
		return nil, err
	}
	return a.PainPoint(ctx, pain.ID)
}

// DismissPainPoint says that nothing will be done, and why. One that is DISMISSED already and a duplicate answer CONFLICT.
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
		pain.Status, pain.DismissedReason, pain.RelievedAt = needle.PainDismissed, needle.Clean(in.Reason), nil
		if pain, err = a.savePain(ctx, pain); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbMoved, pain.ID, before, pain, about{})
	})
	return pain, err
}

// ReopenPainPoint says that a pain that was DISMISSED or RELIEVED is there after all: TARGETED when an agreed objective
// addresses it, else OPEN. One that is neither and a duplicate answer CONFLICT.
func (p *Planner) ReopenPainPoint(ctx context.Context, in needle.ReopenPainPointInput) (*needle.PainPoint, error) {
	var pain *needle.PainPoint
	err := p.change(ctx, needle.ActEditPain, nil, func(ctx context.Context, a act) error {
		var err error
		if pain, err = a.remainingPain(ctx, "input.id", in.ID); err != nil {
			return err
		}
		if err := current(pain.Version, in.ExpectedVersion); err != nil {
			return err
		}
		if pain.Status != needle.PainDismissed && pain.Status != needle.PainRelieved {
			return needle.Conflict("input.id", "this pain point was neither dismissed nor relieved")
		}
		before := *pain
		pain.Status, pain.DismissedReason, pain.RelievedAt = needle.PainOpen, "", nil
		if err := a.UpdatePainPoint(ctx, pain); err != nil {
			return err
		}
		if _, err := a.SettlePainPoints(ctx, []needle.PainPointID{pain.ID}); err != nil {
			return err
		}
		if pain, err = a.PainPoint(ctx, pain.ID); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbMoved, pain.ID, before, pain, about{})
	})
	return pain, err
}

// AddEvidence adds a piece of evidence to a pain point. A DISMISSED one answers CONFLICT: what is new about it is
// captured anew, so that somebody looks at it. So does a duplicate, naming what remains.
func (p *Planner) AddEvidence(ctx context.Context, in needle.AddEvidenceInput) (*needle.Evidence, error) {
	var e *needle.Evidence
	err := p.change(ctx, needle.ActCapturePain, nil, func(ctx context.Context, a act) error {
		if err := in.Validate(a.Now()); err != nil {
			return err
		}
		if err := a.HoldSegments(ctx); err != nil {
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

// remainingPain reads a pain point that is no duplicate of another.
func (a act) remainingPain(ctx context.Context, field string, id needle.PainPointID) (*needle.PainPoint, error) {
	pain, err := a.PainPoint(ctx, id)
	if err != nil {
		return nil, at(field, err)
	}
	if !pain.Merged() {
		return pain, nil
	}
	roots, err := a.PainPointsByID(ctx, []needle.PainPointID{pain.RootID})
	if err != nil {
		return nil, err
	}
	return nil, needle.Conflict(field, pain.Key()+" was merged into "+roots[0].Key()+"; use that one, or undo the merge")
}

// livePain reads a pain point that may still be changed.
func (a act) livePain(ctx context.Context, field string, id needle.PainPointID) (*needle.PainPoint, error) {
	pain, err := a.remainingPain(ctx, field, id)
	if err != nil {
		return nil, err
	}
	if pain.Status == needle.PainDismissed {
		return nil, needle.Conflict(field, "this pain point was dismissed")
	}
	return pain, nil
}

// settlePains lets the status of pain points follow from the agreed objectives that address them.
func (a act) settlePains(ctx context.Context, ids []needle.PainPointID, on about) error {
	settled, err := a.SettlePainPoints(ctx, ids)
	if err != nil {
		return err
	}
	type state struct{ Status needle.PainPointStatus }
	for _, s := range settled {
		if err := a.record(ctx, needle.VerbMoved, s.ID, state{s.From}, state{s.To}, on); err != nil {
			return err
		}
	}
	return nil
}

// settleAddressed does so for what an objective addresses or once addressed. It is called by everything that changes
// whether the objective is agreed, or its links.
func (a act) settleAddressed(ctx context.Context, o *needle.Objective) error {
	ids, err := a.EverAddressed(ctx, o.ID)
	if err != nil {
		return err
	}
	return a.settlePains(ctx, ids, about{&o.TeamID, &o.ID})
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
				Reporter: customer, Segment: strings.TrimSpace(e.Segment), ReportedAt: e.ObservedAt, CreatedBy: e.CreatedBy,
			})
		}
	}
	return reports
}
