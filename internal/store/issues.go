package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// IssueList asks for a list of issues.
type IssueList = needle.ListArgs[needle.IssueFilter, needle.IssueOrderField]

var issues = listing[needle.Issue, needle.IssueFilter, needle.IssueOrderField]{
	orders: map[needle.IssueOrderField]orderKey[needle.Issue]{
		needle.IssueByRemoteUpdatedAt: byTime("remote_updated_at", func(r *needle.Issue) time.Time { return r.RemoteUpdatedAt }),
		needle.IssueByRemoteCreatedAt: byTime("remote_created_at", func(r *needle.Issue) time.Time { return r.RemoteCreatedAt }),
		needle.IssueByRemoteKey:       byText("remote_key", func(r *needle.Issue) string { return r.RemoteKey }),
	},
	usual:  order(needle.IssueByRemoteUpdatedAt, needle.Desc),
	filter: issueFilter,
	id:     func(row *needle.Issue) uuid.UUID { return row.ID.UUID },
}

func issueFilter(w *where, f *needle.IssueFilter) {
	compare(w, "id", f.ID)
	compare(w, "source_id", f.SourceID)
	w.text("remote_key", f.RemoteKey)
	w.text("title", f.Title)
	compare(w, "type", f.Type)
	compare(w, "status", f.Status)
	w.date("remote_updated_at", f.RemoteUpdatedAt)
	if f.HasLabel != nil {
		w.and("§labels @> to_jsonb(ARRAY[?]::text[])", needle.Clean(*f.HasLabel))
	}
	w.flag("gone_at IS NOT NULL", f.Gone)
	nest(w, f.And, f.Or, f.Not, issueFilter)
}

// Issues reads one page of issues. Malformed arguments answer coded Errors.
func (s Scope) Issues(ctx context.Context, q IssueList) (*needle.Page[*needle.Issue], error) {
	return issues.page(ctx, s, q)
}

// IssuesByID reads issues; the answer lies parallel to ids, nil where there is none.
func (s Scope) IssuesByID(ctx context.Context, ids []needle.IssueID) ([]*needle.Issue, error) {
	return issues.byIDs(ctx, s, raw(ids))
}

// Issue reads one issue, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Issue(ctx context.Context, id needle.IssueID) (*needle.Issue, error) {
	return issues.one(ctx, s, id.UUID, "issue")
}
