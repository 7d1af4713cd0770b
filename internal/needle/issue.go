package needle

import "time"

// IssueType is the neutral type of a tracker's record.
type IssueType string

// The types. PULL_REQUEST marks what GitHub lists among its issues.
const (
	IssueTypeIssue       IssueType = "ISSUE"
	IssueTypeBug         IssueType = "BUG"
	IssueTypeFeature     IssueType = "FEATURE"
	IssueTypeTask        IssueType = "TASK"
	IssueTypeEpic        IssueType = "EPIC"
	IssueTypePullRequest IssueType = "PULL_REQUEST"
)

// Issue is a tracker's own record as last seen. (ConnectionID, RemoteID) is its identity; key and URL may change.
type Issue struct {
	Stamp
	ID IssueID `bun:"id,pk"`
	// ConnectionID is the tracker it was read through.
	ConnectionID ConnectionID
	// SourceID is the repository or project it belongs to.
	SourceID SourceID
	// RemoteID is the tracker's immutable id.
	RemoteID string
	// RemoteKey is what people call it there, as in "octo/shop#12".
	RemoteKey string
	// URL leads to it.
	URL string
	// Title is its first line.
	Title string
	// Body is its text; may be empty.
	Body string
	// Type is the neutral type, as the connection's mapping reads it.
	Type IssueType
	// TrackerType is the neutral type by the tracker's own word, before any mapping.
	TrackerType IssueType `json:",omitempty"`
	// RawType is the tracker's own word for it.
	RawType string
	// Status is the neutral status, as the connection's mapping reads it.
	Status StatusCategory
	// TrackerStatus is the neutral status by the tracker's own category, before any mapping.
	TrackerStatus StatusCategory `json:",omitempty"`
	// RawState is the tracker's own word for it.
	RawState string
	// RawReason is why it was closed, in the tracker's own word; empty when it gives none.
	RawReason string
	// Labels are the tracker's, sorted.
	Labels []string `bun:"type:jsonb"`
	// Assignees are names there, sorted.
	Assignees []string `bun:"type:jsonb"`
	// Estimate is the tracker's; nil when it has none.
	Estimate *float64
	// ParentRemoteID is the tracker's id of the epic or parent; empty when there is none.
	ParentRemoteID string
	// ParentRemoteKey is what people call the parent there; empty when the tracker names it by its id alone.
	ParentRemoteKey string
	// RemoteCreatedAt, RemoteUpdatedAt and RemoteClosedAt are the tracker's times.
	RemoteCreatedAt time.Time
	RemoteUpdatedAt time.Time
	RemoteClosedAt  *time.Time
	// StateChangedAt is when the state last differed from the one seen before it, by the tracker's clock: when it was closed,
	// or else the change that it was seen with.
	StateChangedAt time.Time `json:",omitzero"`
	// ObservedAt is when the request that saw this state started.
	ObservedAt time.Time
	// GoneAt is when it was found to be gone at the source; nil while it is there.
	GoneAt *time.Time
	// Undated says of an observation that the tracker does not tell when the issue changed: RemoteUpdatedAt is only when it
	// was last written down. It is not stored.
	Undated bool `bun:"-" json:"-"`
	// MovedTo is its key at the place, not read here, that it moved to; empty otherwise. Left out when empty, so that the
	// fingerprints of issues stay what they were.
	MovedTo string `json:",omitempty"`
}

// IsNode marks Issue as a Node.
func (*Issue) IsNode() {}

// IssueFilter narrows a list of issues; all given parts must hold.
type IssueFilter struct {
	And             []*IssueFilter
	Or              []*IssueFilter
	Not             *IssueFilter
	ID              *Comparator[IssueID]
	SourceID        *Comparator[SourceID]
	RemoteKey       *StringComparator
	Title           *StringComparator
	Type            *Comparator[IssueType]
	Status          *Comparator[StatusCategory]
	RemoteUpdatedAt *DateComparator
	// HasLabel keeps issues that carry the label exactly.
	HasLabel *string
	// Gone true keeps tombstones, false what is still there.
	Gone *bool
}

// IssueOrderField is what issues can be ordered by.
type IssueOrderField string

// The order fields of issues.
const (
	IssueByRemoteUpdatedAt IssueOrderField = "REMOTE_UPDATED_AT"
	IssueByRemoteCreatedAt IssueOrderField = "REMOTE_CREATED_AT"
	IssueByRemoteKey       IssueOrderField = "REMOTE_KEY"
)
