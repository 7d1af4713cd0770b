package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
)

// MaxRaw is how many bytes of a raw body are shown.
const MaxRaw = 16 << 10

// QuarantinedIssue is a tracker's record that could not be understood. The page it came on went on without it.
type QuarantinedIssue struct {
	WorkspaceID WorkspaceID
	ID          uuid.UUID `bun:"id,pk,type:uuid"`
	// ConnectionID is the tracker.
	ConnectionID ConnectionID
	// SourceID is the repository or project.
	SourceID SourceID
	// RemoteID is the tracker's immutable id, or a made-up one when it could not be read.
	RemoteID string
	// RemoteKey is what people call it there; empty when that could not be read.
	RemoteKey string
	// Reason says what is wrong with it.
	Reason string
	// FirstSeenAt is when it was first set aside.
	FirstSeenAt time.Time
	// LastSeenAt is when it was last met and still not understood.
	LastSeenAt time.Time
	// ResolvedAt is when it was understood after all; nil before.
	ResolvedAt *time.Time
}

// QuarantinedIssueFilter narrows a list of quarantined issues; all given parts must hold.
type QuarantinedIssueFilter struct {
	And       []*QuarantinedIssueFilter
	Or        []*QuarantinedIssueFilter
	Not       *QuarantinedIssueFilter
	RemoteKey *StringComparator
	Reason    *StringComparator
	// Resolved true keeps what was understood in the end, false what is still set aside, nil both; absent keeps the latter.
	Resolved graphql.Omittable[*bool]
}

// QuarantinedIssueOrderField is what quarantined issues can be ordered by.
type QuarantinedIssueOrderField string

// QuarantinedIssueByLastSeenAt orders quarantined issues by when they were last met.
const QuarantinedIssueByLastSeenAt QuarantinedIssueOrderField = "LAST_SEEN_AT"

// RetryQuarantinedInput asks for the quarantined issues of a source to be read again.
type RetryQuarantinedInput struct {
	SourceID         SourceID
	ClientMutationID *string
}

type (
	// QuarantinedIssueConnection is one page of quarantined issues.
	QuarantinedIssueConnection = Page[*QuarantinedIssue]
	// QuarantinedIssueEdge is a quarantined issue and its place in a list.
	QuarantinedIssueEdge = Edge[*QuarantinedIssue]
	// QuarantinedIssueOrder is one key of an order of quarantined issues.
	QuarantinedIssueOrder = Order[QuarantinedIssueOrderField]
)
