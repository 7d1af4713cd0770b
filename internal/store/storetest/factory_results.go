package storetest

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// PainPoint captures an open problem of middle severity.
func (f *Factory) PainPoint(change ...func(*needle.PainPoint)) *needle.PainPoint {
	f.t.Helper()
	p := &needle.PainPoint{
		Stamp: f.stamp(), ID: needle.NewPainPointID(), Number: f.number(needle.PainPointKey), Title: "Pain point " + f.next(),
		Category: needle.CategoryQuality, Severity: 3, Status: needle.PainOpen, SegmentWeight: 1, CreatedBy: f.Owner.ID,
	}
	apply(p, change)
	if p.RootID = p.ID; p.MergedIntoID != nil {
		p.RootID = *p.MergedIntoID
	}
	if p.Status == needle.PainRelieved && p.RelievedAt == nil {
		p.RelievedAt = &p.UpdatedAt
	}
	f.insert(p)
	return first(&f.painPoint, p)
}

// Evidence adds a customer's words of a week ago to the pain point.
func (f *Factory) Evidence(change ...func(*needle.Evidence)) *needle.Evidence {
	f.t.Helper()
	e := &needle.Evidence{
		Stamp: f.stamp(), ID: needle.NewEvidenceID(), Source: needle.EvidenceQuote, Body: "Quote " + f.next(),
		Customer: "Customer", ObservedAt: Now().AddDate(0, 0, -7), CreatedBy: f.Owner.ID,
	}
	apply(e, change)
	if e.PainPointID.IsZero() {
		e.PainPointID = or(f.painPoint, f.PainPoint).ID
	}
	f.insert(e)
	if e.Customer != "" {
		f.Report(func(r *needle.PainReport) {
			r.PainPointID, r.EvidenceID, r.Reporter, r.Segment, r.ReportedAt = e.PainPointID, &e.ID, e.Customer, e.Segment, e.ObservedAt
			r.CreatedBy, r.CreatedAt = e.CreatedBy, e.CreatedAt
		})
	}
	return e
}

// Objective makes an agreed objective of the team in the cycle that addresses nothing yet.
func (f *Factory) Objective(change ...func(*needle.Objective)) *needle.Objective {
	f.t.Helper()
	o := &needle.Objective{
		Stamp: f.stamp(), ID: needle.NewObjectiveID(), Number: f.number(needle.ObjectiveKey), Title: "Objective " + f.next(),
		State: needle.ObjectiveAgreed, Revision: 1, CreatedBy: f.Owner.ID, StateChangedAt: Now(),
	}
	apply(o, change)
	if o.TeamID.IsZero() {
		o.TeamID = or(f.team, f.Team).ID
	}
	if o.CycleID.IsZero() {
		o.CycleID = or(f.cycle, f.Cycle).ID
	}
	f.insert(o)
	return first(&f.objective, o)
}

// Address says that the objective addresses the pain points.
func (f *Factory) Address(o *needle.Objective, pains ...*needle.PainPoint) {
	f.t.Helper()
	for _, p := range pains {
		f.exec(`INSERT INTO objective_pain_points (workspace_id, objective_id, pain_point_id, created_at) VALUES (?, ?, ?, ?)`,
			f.Workspace.ID, o.ID, p.ID, Now())
	}
}

// KeyResult makes a number that is to rise from 0 to 100 %, checked in weekly, on which work shows after 7 to 28 days.
func (f *Factory) KeyResult(change ...func(*needle.KeyResult)) *needle.KeyResult {
	f.t.Helper()
	from, to := 0.0, 100.0
	k := &needle.KeyResult{
		Stamp: f.stamp(), ID: needle.NewKeyResultID(), Number: f.number(needle.KeyResultKey), Title: "Key result " + f.next(),
		Kind: needle.KindMetric, Direction: needle.DirectionIncrease, Indicator: needle.IndicatorLagging, Unit: "%",
		Goal: needle.Goal{Baseline: &from, Target: &to}, Weight: 1, CadenceDays: 7, LagMinDays: 7, LagMaxDays: 28,
		CreatedBy: f.Owner.ID,
	}
	apply(k, change)
	if k.ObjectiveID.IsZero() {
		k.ObjectiveID = or(f.objective, f.Objective).ID
	}
	f.placeOf(k)
	f.insert(k)
	f.Goal(k, k.CreatedAt, k.CreatedAt)
	return first(&f.keyResult, k)
}

// placeOf copies team and cycle from the key result's objective, which is where they come from.
func (f *Factory) placeOf(k *needle.KeyResult) {
	f.t.Helper()
	err := f.db.QueryRowContext(f.ctx(), `SELECT team_id, cycle_id FROM objectives WHERE workspace_id = ? AND id = ?`,
		f.Workspace.ID, k.ObjectiveID).Scan(&k.TeamID, &k.CycleID)
	if err != nil {
		f.t.Fatalf("reading the key result's objective: %v", err)
	}
}

type goalRow struct {
	bun.BaseModel `bun:"table:key_result_goals"`
	WorkspaceID   needle.WorkspaceID
	ID            uuid.UUID
	KeyResultID   needle.KeyResultID
	needle.Goal
	AuthorID   needle.UserID
	ValidFrom  time.Time
	RecordedAt time.Time
}

// Goal adds the key result's present numbers to its history. KeyResult has done so once already.
func (f *Factory) Goal(k *needle.KeyResult, validFrom, recordedAt time.Time) {
	f.t.Helper()
	f.insert(&goalRow{
		WorkspaceID: f.Workspace.ID, ID: f.id(), KeyResultID: k.ID, Goal: k.Goal, AuthorID: f.Owner.ID,
		ValidFrom: validFrom, RecordedAt: recordedAt,
	})
}

// CheckIn records that the owner measured 50 just now. The key result's row follows when the value is its latest; the
// struct in the test's hand does not.
func (f *Factory) CheckIn(change ...func(*needle.CheckIn)) *needle.CheckIn {
	f.t.Helper()
	c := &needle.CheckIn{
		WorkspaceID: f.Workspace.ID, ID: needle.NewCheckInID(), Value: 50, MeasuredAt: Now(), RecordedAt: Now(), AuthorID: &f.Owner.ID,
	}
	apply(c, change)
	if c.KeyResultID.IsZero() {
		c.KeyResultID = or(f.keyResult, f.KeyResult).ID
	}
	f.insert(c)
	f.exec(`UPDATE key_results SET current_value = ?, current_confidence = ?, current_at = ?
		WHERE workspace_id = ? AND id = ? AND (current_at IS NULL OR current_at <= ?)`,
		c.Value, c.Confidence, c.MeasuredAt, f.Workspace.ID, c.KeyResultID, c.MeasuredAt)
	return c
}
