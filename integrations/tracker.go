// Package integrations says what a tracker is: the small contract between
// Needle and the places where work is recorded (GitHub, Jira, a file). It
// imports the standard library only, so a driver can live outside this module.
//
// A driver answers questions and returns neutral values. It never sees Needle's
// database, never retries, never sleeps and never logs: retry, pacing and
// logging belong to the http.RoundTripper in its Env, and what to do about an
// error belongs to the sync engine, which reads the error's type.
//
// Walking a source is a keyset walk over the tracker's own change time. One
// call of Tracker.Issues answers one page; Page.Following makes the next
// question from the answer:
//
//	q := integrations.Query{Source: source, Since: watermark}
//	for more := true; more; {
//		page, err := tracker.Issues(ctx, q)
//		... store the page and its watermark in one transaction ...
//		q, more = page.Following(q)
//	}
package integrations

import (
	"context"
	"time"
)

// Tracker is one opened connection to a tracker.
//
// Threads: every method may be called from many goroutines at once.
//
// Context: every method returns promptly when its context ends, and its error
// then matches ctx.Err().
//
// Auth: any method may return an error matching ErrUnauthorized (the credential
// is not accepted) or ErrForbidden (it is, but does not reach this far).
//
// Errors: any method may return a *RateLimitError (ask again at RetryAt, not
// before), a *RejectedError (the tracker refused the question: asking the same
// again will not help) or an *UnavailableError (server errors, time-outs and
// answers that cannot be read: ask again later). Garbage from the network never
// panics. Texts are returned as received: they may hold NUL and invalid UTF-8.
type Tracker interface {
	// Check asks the tracker who the credential belongs to. The account has no
	// ID when it belongs to an app instead of a person.
	Check(ctx context.Context) (Account, error)

	// Sources lists one page of the repositories or projects the credential
	// can see. An empty cursor starts; an empty answered cursor ends.
	Sources(ctx context.Context, after Cursor) ([]Source, Cursor, error)

	// Issues answers one page of issues changed at or after q.Since, ordered
	// by change time, oldest first. An item that cannot be decoded is put
	// aside in Page.Broken and the page goes on. A missing source is
	// ErrNotFound, one that holds no issues (any more) is ErrGone.
	Issues(ctx context.Context, q Query) (Page, error)

	// Issue reads one issue as it is now. ErrNotFound says there is none or it
	// cannot be seen, ErrGone that it was deleted, where the tracker tells the
	// two apart, *MovedError that it lives
	// on under another id, and *BrokenError that it cannot be decoded.
	Issue(ctx context.Context, ref Ref) (Issue, error)
}

// Cursor marks a place in a listing. It is opaque: only the driver that made it
// can read it. Empty means the beginning in a question and the end in an answer.
type Cursor string

// Ref names an issue. Only ID is ever compared.
type Ref struct {
	// ID is the tracker's immutable id. It survives renames and, where the
	// tracker allows it, moves. It is empty only where the tracker names an
	// issue by nothing but its key (see Issue.Parent).
	ID string
	// Key is what people call the issue and what the driver may need to fetch
	// it ("acme/shop#42", "SHOP-42"). It may change at any time.
	Key string
}

// Account is somebody at the tracker.
type Account struct {
	// ID is the tracker's immutable id of the account.
	ID string
	// Name is the login or display name.
	Name string
	// URL is the account's page. Empty: it has none.
	URL string
}

// Source is a repository or project: the unit that is watched and walked.
type Source struct {
	// ID is the tracker's immutable id of the source.
	ID string
	// Key is what the tracker addresses the source by ("acme/shop", "SHOP").
	// It may change at any time.
	Key string
	// Name is the title people know it by.
	Name string
	// URL is the source's page.
	URL string
	// Private says that not everybody may see the source.
	Private bool
	// Archived says that the source no longer changes.
	Archived bool
}

// StateCategory is the neutral state of an issue.
type StateCategory string

// The state categories. Delivered work is DONE; work closed without being done
// is DROPPED.
const (
	StateTodo       StateCategory = "TODO"
	StateInProgress StateCategory = "IN_PROGRESS"
	StateDone       StateCategory = "DONE"
	StateDropped    StateCategory = "DROPPED"
)

// IssueType is the neutral type of an issue.
type IssueType string

// The issue types. TypeUnknown, the zero value, stands for a type that is not
// set or has no neutral name; Issue.RawType then holds what the tracker said.
const (
	TypeUnknown IssueType = ""
	TypeEpic    IssueType = "EPIC"
	TypeFeature IssueType = "FEATURE"
	TypeBug     IssueType = "BUG"
	TypeTask    IssueType = "TASK"
)

// Issue is an issue as the tracker last showed it.
type Issue struct {
	// Ref is the issue's own name. Its ID is never empty.
	Ref Ref
	// SourceID is the id of the source that holds the issue now.
	SourceID string
	// SourceKey is that source's key.
	SourceKey string
	// URL is the issue's page.
	URL string
	// Title is one line of plain text.
	Title string
	// Body is the description in the tracker's own markup. It can be very long.
	Body string
	// PullRequest marks an item that is a change to review. Such items are
	// seen only when Query.IncludePullRequests asks for them.
	PullRequest bool
	// State is the neutral state.
	State StateCategory
	// RawState is the tracker's own word for the state.
	RawState string
	// RawReason is the tracker's own word for why the state was reached.
	// Empty: none was given.
	RawReason string
	// Type is the neutral type.
	Type IssueType
	// RawType is the tracker's own word for the type. Empty: not set.
	RawType string
	// Labels are the names of the labels, in the tracker's order.
	Labels []string
	// Assignees are the people working on it, in the tracker's order.
	Assignees []Account
	// Estimate is the effort in the tracker's own unit. Nil: not estimated.
	Estimate *float64
	// Parent is the epic or parent issue. Nil: none. Its ID is empty where the
	// tracker names the parent by key only.
	Parent *Ref
	// CreatedAt is when the issue was opened, in the tracker's time.
	CreatedAt time.Time
	// UpdatedAt is the last change, in the tracker's time. Walks are ordered
	// by it.
	UpdatedAt time.Time
	// Undated says that the tracker does not tell when the issue changed, and
	// UpdatedAt is only when it was last written down. An undated issue that
	// says what it said before did not change, whatever its UpdatedAt.
	Undated bool
	// ClosedAt is when the issue last reached its end. Nil: it is open, or the
	// tracker does not tell.
	ClosedAt *time.Time
}

// Transition is one change of an issue's state.
type Transition struct {
	// At is when it happened, in the tracker's time.
	At time.Time
	// From and To are the neutral states before and after.
	From, To StateCategory
	// RawTo and RawReason are the tracker's own words for the new state.
	RawTo, RawReason string
	// Actor is who did it. Its fields are empty where the tracker hides it.
	Actor Account
}

// Delivery is a webhook call as it came in.
type Delivery struct {
	// Header holds the request's headers by canonical name.
	Header map[string][]string
	// Body is the exact bytes that were signed.
	Body []byte
}

// Hint says that something at the tracker may have changed. It is never data:
// whoever receives it asks the tracker.
type Hint struct {
	// DeliveryID is the tracker's id of the delivery. It is the same when the
	// tracker sends the delivery again, and on every hint of one delivery.
	DeliveryID string
	// Event is the tracker's own name of what happened, for people to read.
	Event string
	// Source is where it happened. Only what the delivery told is set.
	Source Source
	// Ref is the issue to look at. An empty ID: walk the source instead.
	Ref Ref
}

// Backlink is what Needle writes beside an issue about the key result it serves.
type Backlink struct {
	// Marker finds the same backlink again, so that writing is an upsert. It
	// is unique within the issue and invisible to people where possible.
	Marker string
	// URL leads to the item in Needle.
	URL string
	// Title is one line of plain text.
	Title string
	// Body is Markdown. It may be dropped where a tracker has room for a title only.
	Body string
}

// Draft is an issue that does not exist yet.
type Draft struct {
	// Title is one line of plain text.
	Title string
	// Body is Markdown.
	Body string
	// RawType is the tracker's own word for the type. Empty: its default.
	RawType string
	// Labels are label names.
	Labels []string
	// Assignees are account ids.
	Assignees []string
	// Parent is the epic or parent issue. Nil: none.
	Parent *Ref
}
