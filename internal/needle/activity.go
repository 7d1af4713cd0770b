package needle

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	VerbVoted    Verb = "VOTED"
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

// NewActivity describes a change at an instant. viewer is nil when Needle itself did it. before and after are the
// subject's two states, nil for none; only the fields that differ are kept.
func NewActivity(workspace WorkspaceID, viewer *Viewer, verb Verb, subject fmt.Stringer, before, after any, at time.Time) (*Activity, error) {
	a := &Activity{WorkspaceID: workspace, ID: NewActivityID(), Verb: verb, SubjectID: subject.String(), RecordedAt: at}
	if viewer != nil {
		a.ActorID, a.RequestID = &viewer.UserID, viewer.RequestID
		if !viewer.TokenID.IsZero() {
			a.TokenID = &viewer.TokenID
		}
	}
	was, err := fieldsOf(before)
	if err != nil {
		return nil, err
	}
	is, err := fieldsOf(after)
	if err != nil {
		return nil, err
	}
	for name, value := range was {
		if other, both := is[name]; both && bytes.Equal(value, other) {
			delete(was, name)
			delete(is, name)
		}
	}
	if a.Before, err = objectOf(was); err != nil {
		return nil, err
	}
	a.After, err = objectOf(is)
	return a, err
}

// bookkeeping is left out of activities: it changes with everything.
var bookkeeping = []string{"WorkspaceID", "CreatedAt", "UpdatedAt", "Version"}

func fieldsOf(state any) (map[string]json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if state == nil {
		return fields, nil
	}
	text, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("describing a change: %w", err)
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("describing a change: %w", err)
	}
	for _, name := range bookkeeping {
		delete(fields, name)
	}
	return fields, nil
}

func objectOf(fields map[string]json.RawMessage) (json.RawMessage, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	return json.Marshal(fields)
}

// ActivityFilter narrows a list of activity; all given parts must hold.
type ActivityFilter struct {
	And         []*ActivityFilter
	Or          []*ActivityFilter
	Not         *ActivityFilter
	Verb        *Comparator[Verb]
	SubjectID   *StringComparator
	SubjectType *Comparator[SubjectType]
	ActorID     *Comparator[UserID]
	TeamID      *Comparator[TeamID]
	ObjectiveID *Comparator[ObjectiveID]
	RecordedAt  *DateComparator
}

// ActivityOrderField is what activity can be ordered by.
type ActivityOrderField string

// ActivityByRecordedAt orders activity by when it was done.
const ActivityByRecordedAt ActivityOrderField = "RECORDED_AT"
