package integrations

import "time"

// Query asks for one page of a walk.
type Query struct {
	// Source is what to walk.
	Source Source
	// Since is the earliest change to answer, inclusive, in the tracker's own
	// time. Zero: from the beginning.
	Since time.Time
	// After continues behind an earlier page of the same query. Empty: the
	// first page.
	After Cursor
	// PageSize is the wished number of items. Zero or too many: the most the
	// tracker gives.
	PageSize int
	// IncludePullRequests asks for pull requests too, where the tracker lists
	// them among the issues.
	IncludePullRequests bool
	// Validator is a Page.Validator from an earlier walk of this source. When
	// the answer would be that very page again, the tracker may say so
	// (Page.NotModified) without sending it. One that belongs to another
	// question is ignored. Empty: always send.
	Validator string
}

// Page is the answer to a Query.
type Page struct {
	// Issues are the changed issues, oldest change first.
	Issues []Issue
	// Broken are the items of this page that could not be decoded.
	Broken []Broken
	// Skipped counts pull requests left out.
	Skipped int
	// Through is the change time of the last item on the page, whether it was
	// kept, skipped or broken: the walk has seen everything older. Zero: no
	// item told its time.
	Through time.Time
	// Next continues behind this page. Empty: the walk has ended.
	Next Cursor
	// NotModified says that nothing changed since the page that carried
	// Query.Validator: the page is empty and the walk has ended.
	NotModified bool
	// Validator recognises this answer on a later walk. It is given only by a
	// page on which a walk ends. Empty: the tracker has no such thing.
	Validator string
	// Requests counts the HTTP requests made for this page.
	Requests int
	// Quota is what the tracker said about its limit.
	Quota Quota
}

// Broken is an item that could not be decoded. Its page goes on without it.
type Broken struct {
	// Ref names the item as far as it could be read. ID may be empty.
	Ref Ref
	// UpdatedAt is its change time. Zero: unreadable.
	UpdatedAt time.Time
	// Raw is the item as received.
	Raw []byte
	// Reason says what is wrong with it.
	Reason string
	// Line is where it begins in a file, from 1. Zero: it is in none.
	Line int
}

// Quota is a tracker's request limit as last told.
type Quota struct {
	// Limit is the number of requests per window. Zero: the tracker told nothing.
	Limit int
	// Remaining is how many are left in this window.
	Remaining int
	// Reset is when the window ends. Zero: not told.
	Reset time.Time
}

// Following makes the next question of a walk from a question and its answer,
// and reports false when the walk has ended.
//
// The walk is a keyset on the change time: it restarts from the last item's
// time, so an item that changes meanwhile moves to the end, where it is met
// again, and none can slip through a page boundary. The page's cursor is used
// only where a whole page shares one time and a restart would stand still.
// Within that one time a tracker that pages by offset can still skip an item
// when another leaves the page meanwhile; the census finds it.
func (p Page) Following(q Query) (Query, bool) {
	if p.NotModified || p.Next == "" {
		return Query{}, false
	}
	q.Validator = ""
	if p.Through.After(q.Since) {
		q.Since, q.After = p.Through, ""
	} else {
		q.After = p.Next
	}
	return q, true
}
