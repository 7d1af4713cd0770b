package storetest

import (
	"cmp"
	"time"

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
