package needle

import "time"

// BacklinkState is whether what an issue serves is shown beside it at its tracker.
type BacklinkState string

// The states of a backlink.
const (
	// BacklinkPending: it waits to be written, or to be removed.
	BacklinkPending BacklinkState = "PENDING"
	// BacklinkWritten: the tracker shows it as it shall be.
	BacklinkWritten BacklinkState = "WRITTEN"
	// BacklinkRemoved: the tracker shows none, as it shall be.
	BacklinkRemoved BacklinkState = "REMOVED"
	// BacklinkFailed: the tracker refused it; it waits for a person, a change or another day.
	BacklinkFailed BacklinkState = "FAILED"
)

// Backlink is what Needle writes beside an issue about the key results that its work serves, one for each issue.
type Backlink struct {
	// IssueID is the issue.
	IssueID IssueID
	// ConnectionID is the tracker of the issue.
	ConnectionID ConnectionID
	// State is whether the tracker shows what it shall.
	State BacklinkState
	// ChangedAt is when what it shall show last changed.
	ChangedAt time.Time
	// WrittenAt is when the tracker last took what was written; nil before.
	WrittenAt *time.Time
	// Attempts counts the requests since it last succeeded.
	Attempts int
	// NotBefore is when it is tried again; nil when nothing holds it up.
	NotBefore *time.Time
	// Reason says why it is not as it shall be, in words a person can act on; may be empty.
	Reason string
}

// BacklinkText is what a backlink says.
type BacklinkText struct {
	// Title is one line of plain text.
	Title string
	// Body is Markdown.
	Body string
	// URL leads to the work in Needle, or to the issue itself when nobody said where Needle is.
	URL string
}

// BacklinkFilter narrows a list of backlinks; all given parts must hold.
type BacklinkFilter struct {
	And       []*BacklinkFilter
	Or        []*BacklinkFilter
	Not       *BacklinkFilter
	State     *Comparator[BacklinkState]
	ChangedAt *DateComparator
}

// BacklinkOrderField is what backlinks can be ordered by.
type BacklinkOrderField string

// BacklinkByChangedAt orders by when what it shall show last changed.
const BacklinkByChangedAt BacklinkOrderField = "CHANGED_AT"

// RetryBacklinksInput asks to write again what a tracker refused.
type RetryBacklinksInput struct {
	ConnectionID     ConnectionID
	ClientMutationID *string
}

// The schema binds to these names; GraphQL has no generic types.
type (
	// BacklinkConnection is one page of backlinks.
	BacklinkConnection = Page[*Backlink]
	// BacklinkEdge is a backlink and its place in a list.
	BacklinkEdge = Edge[*Backlink]
	// BacklinkOrder is one key of an order of backlinks.
	BacklinkOrder = Order[BacklinkOrderField]
	// BacklinkStateComparator compares the states of backlinks.
	BacklinkStateComparator = Comparator[BacklinkState]
)
