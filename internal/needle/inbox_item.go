package needle

import (
	"time"

	"github.com/google/uuid"
)

// InboxKind is why something waits for a person.
type InboxKind string

// The kinds. The noun of the subject follows from the kind.
const (
	InboxSignOff          InboxKind = "SIGN_OFF"          // an objective
	InboxChangesRequested InboxKind = "CHANGES_REQUESTED" // a signature
	InboxMention          InboxKind = "MENTION"           // a comment
	InboxCheckIn          InboxKind = "CHECK_IN"          // a key result
	InboxSuggestion       InboxKind = "SUGGESTION"        // a suggestion
	InboxProposal         InboxKind = "PROPOSAL"          // a proposal
	InboxVote             InboxKind = "VOTE"              // a vote
	InboxIdeaDecided      InboxKind = "IDEA_DECIDED"      // an idea
)

// InboxItem is something that waits for a person. It is worked out from what is there and goes away once done.
type InboxItem struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	ID          InboxItemID `bun:"id,pk"`
	// UserID is whom it waits for.
	UserID UserID
	// Kind is why.
	Kind InboxKind
	// Subject is the UUID of what it is about; Kind tells the noun.
	Subject uuid.UUID
	// ObjectiveID is the objective concerned; nil when there is none.
	ObjectiveID *ObjectiveID
	// Since is when it began to wait.
	Since time.Time
	// ReadAt is when the person saw it; nil while they have not.
	ReadAt *time.Time
}

// IsNode marks InboxItem as a Node.
func (*InboxItem) IsNode() {}
