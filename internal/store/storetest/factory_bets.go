package storetest

import (
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// OutsideEvent records that the owner noted an outage just now, on the key result.
func (f *Factory) OutsideEvent(change ...func(*needle.OutsideEvent)) *needle.OutsideEvent {
	f.t.Helper()
	e := &needle.OutsideEvent{
		WorkspaceID: f.Workspace.ID, ID: needle.NewOutsideEventID(), Kind: needle.EventOutage, Title: "Event " + f.next(),
		From: Now(), To: Now(), AuthorID: f.Owner.ID, RecordedAt: Now(),
	}
	e.OccurrenceID = e.ID
	apply(e, change)
	if e.KeyResultID.IsZero() {
		e.KeyResultID = or(f.keyResult, f.KeyResult).ID
	}
	f.insert(e)
	return e
}

// CorrectEvent takes an event back at a moment and records a correction of it, which changes say.
func (f *Factory) CorrectEvent(e *needle.OutsideEvent, at time.Time, change ...func(*needle.OutsideEvent)) *needle.OutsideEvent {
	f.t.Helper()
	f.exec(`UPDATE outside_events SET removed_at = ?, removed_by = ? WHERE workspace_id = ? AND id = ?`, at, f.Owner.ID, f.Workspace.ID, e.ID)
	n := *e
	e.RemovedAt, e.RemovedBy = &at, &f.Owner.ID
	n.ID, n.SupersedesID, n.RecordedAt = needle.NewOutsideEventID(), &e.ID, at
	apply(&n, change)
	f.insert(&n)
	return &n
}

// Experiment attaches one of the owner to the contribution, just now.
func (f *Factory) Experiment(change ...func(*needle.Experiment)) *needle.Experiment {
	f.t.Helper()
	x := &needle.Experiment{
		WorkspaceID: f.Workspace.ID, ID: needle.NewExperimentID(), Source: "Experiment " + f.next(), Estimate: 2, Low: 1, High: 3,
		AuthorID: f.Owner.ID, RecordedAt: Now(),
	}
	apply(x, change)
	if x.ContributionID.IsZero() {
		x.ContributionID = f.Contribution().ID
	}
	f.insert(x)
	return x
}

// Dispute lets the owner dispute just now that the contribution came out below what was expected.
func (f *Factory) Dispute(change ...func(*needle.VerdictDispute)) *needle.VerdictDispute {
	f.t.Helper()
	d := &needle.VerdictDispute{
		WorkspaceID: f.Workspace.ID, ID: needle.NewVerdictDisputeID(), Verdict: needle.VerdictBelow, Reason: "The count was changed in between",
		AuthorID: f.Owner.ID, RecordedAt: Now(),
	}
	apply(d, change)
	if d.ContributionID.IsZero() {
		d.ContributionID = f.Contribution().ID
	}
	f.insert(d)
	return d
}
