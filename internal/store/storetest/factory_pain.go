package storetest

import (
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// Category adds a kind of pain of the workspace's own.
func (f *Factory) Category(change ...func(*needle.Category)) *needle.Category {
	f.t.Helper()
	return made(f, &needle.Category{Stamp: f.stamp(), ID: needle.NewCategoryID(), Name: "CATEGORY " + f.next()}, change)
}

// Segment adds a group of customers that weighs twice.
func (f *Factory) Segment(change ...func(*needle.Segment)) *needle.Segment {
	f.t.Helper()
	return made(f, &needle.Segment{Stamp: f.stamp(), ID: needle.NewSegmentID(), Name: "Segment " + f.next(), Weight: 2}, change)
}

// Report says that a customer has the problem, and counts them.
func (f *Factory) Report(change ...func(*needle.PainReport)) *needle.PainReport {
	f.t.Helper()
	r := &needle.PainReport{
		Stamp: f.stamp(), ID: needle.NewPainReportID(), Reporter: "Customer " + f.next(),
		ReportedAt: Now().AddDate(0, 0, -7), CreatedBy: f.Owner.ID,
	}
	apply(r, change)
	if r.PainPointID.IsZero() {
		r.PainPointID = or(f.painPoint, f.PainPoint).ID
	}
	f.insert(r)
	f.exec(`UPDATE pain_points AS p SET reporters = (
			SELECT count(DISTINCT lower(r.reporter)) FROM pain_reports AS r
			JOIN pain_points AS d ON d.workspace_id = r.workspace_id AND d.id = r.pain_point_id
			WHERE r.workspace_id = p.workspace_id AND d.root_id = p.id)
		FROM pain_points AS q WHERE p.workspace_id = ? AND q.workspace_id = p.workspace_id AND q.id = ? AND p.id = q.root_id`,
		f.Workspace.ID, r.PainPointID)
	return r
}

// Merge tells that a fresh duplicate was merged into the pain point.
func (f *Factory) Merge(change ...func(*needle.PainMerge)) *needle.PainMerge {
	f.t.Helper()
	m := &needle.PainMerge{
		WorkspaceID: f.Workspace.ID, ID: needle.NewPainMergeID(), MergedBy: f.Owner.ID, RecordedAt: Now(),
	}
	apply(m, change)
	if m.IntoID.IsZero() {
		m.IntoID = or(f.painPoint, f.PainPoint).ID
	}
	if m.FromID.IsZero() {
		m.FromID = f.PainPoint(func(p *needle.PainPoint) { p.MergedIntoID = &m.IntoID }).ID
	}
	f.insert(m)
	return m
}

// ReliefCheck found half the reports after as before, among as many customers.
func (f *Factory) ReliefCheck(change ...func(*needle.ReliefCheck)) *needle.ReliefCheck {
	f.t.Helper()
	exposure, week := 1000.0, 7*24*time.Hour
	c := &needle.ReliefCheck{
		WorkspaceID: f.Workspace.ID, ID: needle.NewReliefCheckID(),
		Before:       needle.ReliefSpan{From: Now().Add(-8 * week), To: Now().Add(-4 * week), Reports: 12, Exposure: &exposure},
		After:        needle.ReliefSpan{From: Now().Add(-4 * week), To: Now(), Reports: 6, Exposure: &exposure},
		ExposureUnit: "customers", Relieved: true, CheckedBy: f.Owner.ID, CheckedAt: Now(),
	}
	apply(c, change)
	if c.PainPointID.IsZero() {
		c.PainPointID = or(f.painPoint, f.PainPoint).ID
	}
	f.insert(c)
	return c
}

// ReliefAnswer is a customer's yes to whether the pain is gone.
func (f *Factory) ReliefAnswer(change ...func(*needle.ReliefAnswer)) *needle.ReliefAnswer {
	f.t.Helper()
	a := &needle.ReliefAnswer{
		WorkspaceID: f.Workspace.ID, ID: needle.NewReliefAnswerID(), Reporter: "Customer", Answer: needle.ReliefYes,
		AnsweredAt: Now(), RecordedBy: f.Owner.ID, RecordedAt: Now(),
	}
	apply(a, change)
	if a.PainPointID.IsZero() {
		a.PainPointID = or(f.painPoint, f.PainPoint).ID
	}
	f.insert(a)
	return a
}
