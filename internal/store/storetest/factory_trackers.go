package storetest

import (
	"cmp"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/needle-okr/needle/internal/needle"
)

// Connection makes a working connection of the kind "file", without secrets and due at no time.
func (f *Factory) Connection(change ...func(*needle.Connection)) *needle.Connection {
	f.t.Helper()
	return first(&f.connection, made(f, &needle.Connection{
		Stamp: f.stamp(), ID: needle.NewConnectionID(), Kind: "file", Name: "Connection " + f.next(), Settings: map[string]string{},
		State: needle.ConnectionOK, StateChangedAt: Now(),
	}, change))
}

// Source makes a readable source of the connection that was never read.
func (f *Factory) Source(change ...func(*needle.Source)) *needle.Source {
	f.t.Helper()
	n := f.next()
	s := &needle.Source{
		Stamp: f.stamp(), ID: needle.NewSourceID(), RemoteID: "source-" + n, RemoteKey: "octo/shop-" + n, State: needle.SourceOK,
	}
	apply(s, change)
	if s.ConnectionID.IsZero() {
		s.ConnectionID = or(f.connection, f.Connection).ID
	}
	f.insert(s)
	return first(&f.source, s)
}

// Issue makes an open issue of the source, a day old, without labels. Its connection is its source's.
func (f *Factory) Issue(change ...func(*needle.Issue)) *needle.Issue {
	f.t.Helper()
	n := f.next()
	i := &needle.Issue{
		Stamp: f.stamp(), ID: needle.NewIssueID(), RemoteID: "issue-" + n, RemoteKey: "octo/shop#" + n,
		URL: "https://tracker.example/octo/shop/" + n, Title: "Issue " + n, Type: needle.IssueTypeIssue, RawType: "issue",
		Status: needle.StatusTodo, RawState: "open", Labels: []string{}, Assignees: []string{},
		RemoteCreatedAt: Now().Add(-24 * time.Hour), RemoteUpdatedAt: Now().Add(-24 * time.Hour), ObservedAt: Now(),
	}
	apply(i, change)
	if i.SourceID.IsZero() {
		i.SourceID = or(f.source, f.Source).ID
	}
	i.ConnectionID = f.connectionOf(i.SourceID)
	i.TrackerStatus, i.TrackerType = cmp.Or(i.TrackerStatus, i.Status), cmp.Or(i.TrackerType, i.Type)
	if i.StateChangedAt.IsZero() {
		i.StateChangedAt = i.RemoteUpdatedAt
	}
	f.insert(i)
	return i
}

// SyncRun makes a pass over the source that took a minute and found nothing. Its connection is its source's.
func (f *Factory) SyncRun(change ...func(*needle.SyncRun)) *needle.SyncRun {
	f.t.Helper()
	finished := Now()
	r := &needle.SyncRun{
		Stamp: f.stamp(), ID: needle.NewSyncRunID(), Kind: needle.SyncIncremental, State: needle.SyncSucceeded,
		StartedAt: Now().Add(-time.Minute), FinishedAt: &finished,
	}
	apply(r, change)
	if r.SourceID.IsZero() {
		r.SourceID = or(f.source, f.Source).ID
	}
	r.ConnectionID = f.connectionOf(r.SourceID)
	f.insert(r)
	return r
}

// WebhookDelivery makes a webhook of the connection that was worked off an hour ago and told of no issue.
func (f *Factory) WebhookDelivery(change ...func(*needle.WebhookDelivery)) *needle.WebhookDelivery {
	f.t.Helper()
	done := Now().Add(-time.Hour)
	d := &needle.WebhookDelivery{
		Stamp: f.stamp(), ID: needle.NewWebhookDeliveryID(), DeliveryID: "delivery-" + f.next(), Event: "changed",
		State: needle.WebhookDone, NotBefore: done, FinishedAt: &done, Hints: []needle.WebhookHint{},
	}
	apply(d, change)
	if d.ConnectionID.IsZero() {
		d.ConnectionID = or(f.connection, f.Connection).ID
	}
	f.insert(d)
	return d
}

// Upload makes the owner's file for a source, without its content.
func (f *Factory) Upload(s *needle.Source) *needle.Upload {
	f.t.Helper()
	u := &needle.Upload{
		Stamp: f.stamp(), ConnectionID: s.ConnectionID, Name: s.RemoteKey, SHA256: "00", UploadedBy: f.Owner.ID,
	}
	id := uuid.Must(uuid.NewV7())
	for _, insert := range []*bun.RawQuery{
		f.db.NewRaw(`INSERT INTO uploads (workspace_id, id, connection_id, name, size, sha256, uploaded_by, created_at, updated_at, version)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			u.WorkspaceID, id, u.ConnectionID, u.Name, u.Size, u.SHA256, u.UploadedBy, u.CreatedAt, u.UpdatedAt, u.Version),
		f.db.NewRaw(`INSERT INTO upload_chunks (workspace_id, upload_id, number, content) VALUES (?, ?, 0, '')`, u.WorkspaceID, id),
	} {
		if _, err := insert.Exec(f.ctx()); err != nil {
			f.t.Fatalf("making an upload: %v", err)
		}
	}
	return u
}

// Backlink makes a backlink of an issue that was written an hour ago.
func (f *Factory) Backlink(of *needle.Issue, change ...func(*needle.Backlink)) *needle.Backlink {
	f.t.Helper()
	at := Now().Add(-time.Hour)
	b := &needle.Backlink{IssueID: of.ID, ConnectionID: of.ConnectionID, State: needle.BacklinkWritten, ChangedAt: at, WrittenAt: &at}
	apply(b, change)
	_, err := f.db.ExecContext(f.ctx(), `
		INSERT INTO backlinks (workspace_id, issue_id, connection_id, state, present, changed_at, written_at, attempts, not_before, reason)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.Workspace.ID, b.IssueID, b.ConnectionID, b.State, b.WrittenAt != nil, b.ChangedAt, b.WrittenAt, b.Attempts, b.NotBefore, b.Reason)
	if err != nil {
		f.t.Fatalf("making a backlink: %v", err)
	}
	return b
}

// Quarantine sets a record of a source aside, an hour ago; one without a name is named by its id.
func (f *Factory) Quarantine(source needle.SourceID, name, raw string) {
	f.t.Helper()
	id, at := f.id(), Now().Add(-time.Hour)
	name = cmp.Or(name, id.String())
	f.exec(`INSERT INTO quarantined_issues (workspace_id, id, connection_id, source_id, remote_id, remote_key, raw, reason, first_seen_at, last_seen_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 'no title', ?, ?)`,
		f.Workspace.ID, id, f.connectionOf(source), source, name, "octo/shop#"+name, []byte(raw), at, at)
}

func (f *Factory) connectionOf(source needle.SourceID) needle.ConnectionID {
	f.t.Helper()
	var id needle.ConnectionID
	err := f.db.QueryRowContext(f.ctx(), `SELECT connection_id FROM sources WHERE workspace_id = ? AND id = ?`,
		f.Workspace.ID, source).Scan(&id)
	if err != nil {
		f.t.Fatalf("reading the source's connection: %v", err)
	}
	return id
}
