package needle

import "time"

// IdeaState is where an idea stands.
type IdeaState string

// The states of an idea.
const (
	IdeaOpen      IdeaState = "OPEN"
	IdeaExploring IdeaState = "EXPLORING"
	IdeaPromoted  IdeaState = "PROMOTED"
	IdeaParked    IdeaState = "PARKED"
)

// Idea is a solution that anyone proposes, for a pain point or a key result.
type Idea struct {
	Stamp
	ID IdeaID `bun:"id,pk"`
	// Title says it in one line.
	Title string
	// Description says more; may be empty.
	Description string
	// PainPointID is the pain it would end; exactly one of the two is set.
	PainPointID *PainPointID
	// KeyResultID is the key result it would move.
	KeyResultID *KeyResultID
	// State is where it stands.
	State IdeaState
	// Reason says why it was parked, and reaches its author; may be empty otherwise.
	Reason string
	// ItemID is the backlog item it became; nil unless PROMOTED.
	ItemID *BacklogItemID
	// DecidedBy moved it last; nil while nobody did.
	DecidedBy *UserID
	// StateChangedAt is when State last moved.
	StateChangedAt time.Time
	// CreatedBy raised it.
	CreatedBy UserID
}

// IsNode marks Idea as a Node.
func (*Idea) IsNode() {}
