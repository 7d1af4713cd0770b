package needle

import (
	"encoding/json"
	"time"
)

// Verb is what was done, in the past tense.
type Verb string

// The verbs.
const (
	VerbCreated  Verb = "CREATED"
	VerbUpdated  Verb = "UPDATED"
	VerbMoved    Verb = "MOVED"
	VerbLinked   Verb = "LINKED"
	VerbUnlinked Verb = "UNLINKED"
	VerbMeasured Verb = "MEASURED"
	VerbDeleted  Verb = "DELETED"
	VerbFailed   Verb = "FAILED"
)

// Activity is one change: who did what to which object. It is written in the change's own transaction and is the audit
// trail, the feed and the source of live updates.
type Activity struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	ID          ActivityID  `bun:"id,pk"`
	// ActorID is the person; nil when Needle did it, as in a sync pass.
	ActorID *UserID
	// TokenID is the credential used; nil when Needle did it.
	TokenID *APITokenID
	// RequestID ties it to the server's log; empty when no request did it.
	RequestID string
	// Verb is what was done.
	Verb Verb
	// SubjectID is the public id of what it was done to; its prefix tells the noun.
	SubjectID string
	// TeamID is the team concerned; nil when there is none.
	TeamID *TeamID
	// ObjectiveID is the objective concerned; nil when there is none.
	ObjectiveID *ObjectiveID
	// Before holds the changed fields as they were; null for a creation.
	Before json.RawMessage `bun:"type:jsonb"`
	// After holds the changed fields as they are; null for a deletion.
	After json.RawMessage `bun:"type:jsonb"`
	// RecordedAt is when it was done.
	RecordedAt time.Time
}

// IsNode marks Activity as a Node.
func (*Activity) IsNode() {}

// ActivityFilter narrows a list of activity; all given parts must hold.
type ActivityFilter struct {
	And         []*ActivityFilter
	Or          []*ActivityFilter
	Not         *ActivityFilter
	Verb        *Comparator[Verb]
	SubjectID   *StringComparator
	ActorID     *Comparator[UserID]
	TeamID      *Comparator[TeamID]
	ObjectiveID *Comparator[ObjectiveID]
	RecordedAt  *DateComparator
}

// ActivityOrderField is what activity can be ordered by.
type ActivityOrderField string

// ActivityByRecordedAt orders activity by when it was done.
const ActivityByRecordedAt ActivityOrderField = "RECORDED_AT"
