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
	// State is moved by people through ideaMoves.
	State IdeaState
	// Reason says why it was parked, and reaches its author; empty unless PARKED.
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

// ideaMoves are the only ways from state to state. What an idea became stays what it is: nothing leads out of PROMOTED.
var ideaMoves = map[IdeaState][]IdeaState{
	IdeaOpen:      {IdeaExploring, IdeaPromoted, IdeaParked},
	IdeaExploring: {IdeaPromoted, IdeaParked},
	IdeaParked:    {IdeaOpen},
}

// CanMove reports whether the idea may go to the state from where it is.
func (i *Idea) CanMove(to IdeaState) bool { return holds(ideaMoves[i.State], to) }

// Undecided reports whether it is still open what becomes of the idea.
func (i *Idea) Undecided() bool { return i.State == IdeaOpen || i.State == IdeaExploring }

// CanEdit reports whether the viewer may change the idea's texts: its author may, and those who decide on ideas.
func (i *Idea) CanEdit(v Viewer) bool { return i.CreatedBy == v.UserID || v.May(ActDecideIdea) }

// RaiseIdeaInput raises an idea for a pain point or a key result, exactly one of the two.
type RaiseIdeaInput struct {
	Title            string
	Description      *string
	PainPointID      *PainPointID
	KeyResultID      *KeyResultID
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in RaiseIdeaInput) Validate() error {
	c := check{prefix: "input"}
	c.text("title", in.Title, MaxTitle)
	c.upTo("description", deref(in.Description), MaxText)
	switch {
	case in.PainPointID == nil && in.KeyResultID == nil:
		c.add("painPointId", CodeRequired, "an idea is for a pain point or a key result")
	case in.PainPointID != nil && in.KeyResultID != nil:
		c.add("keyResultId", CodeInvalid, "an idea is for a pain point or a key result, not both")
	}
	return c.err()
}

// UpdateIdeaInput changes an idea's texts; absent fields stay.
type UpdateIdeaInput struct {
	ID               IdeaID
	Title            *string
	Description      *string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateIdeaInput) Validate() error {
	c := check{prefix: "input"}
	if in.Title != nil {
		c.text("title", *in.Title, MaxTitle)
	}
	c.upTo("description", deref(in.Description), MaxText)
	return c.err()
}

// ExploreIdeaInput says that somebody looks into an idea.
type ExploreIdeaInput struct {
	ID               IdeaID
	ExpectedVersion  *int
	ClientMutationID *string
}

// ParkIdeaInput puts an idea aside, and says why.
type ParkIdeaInput struct {
	ID               IdeaID
	Reason           string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in ParkIdeaInput) Validate() error {
	c := check{prefix: "input"}
	c.text("reason", in.Reason, MaxText)
	return c.err()
}

// ReopenIdeaInput takes up a parked idea again.
type ReopenIdeaInput struct {
	ID               IdeaID
	ExpectedVersion  *int
	ClientMutationID *string
}

// PromoteIdeaInput makes an idea a backlog item of a team. Absent texts are the idea's own; absent link is true, and
// links the item to the idea's key result, where it has one.
type PromoteIdeaInput struct {
	ID               IdeaID
	TeamID           TeamID
	Title            *string
	Description      *string
	Effort           *float64
	ParentID         *BacklogItemID
	Moscow           *Moscow
	Link             *bool
	ExpectedVersion  *int
	ClientMutationID *string
}

// Item returns the input for the item that the idea becomes.
func (in PromoteIdeaInput) Item(i *Idea) CreateBacklogItemInput {
	title, description := i.Title, i.Description
	if in.Title != nil {
		title = *in.Title
	}
	if in.Description != nil {
		description = *in.Description
	}
	return CreateBacklogItemInput{
		TeamID: in.TeamID, Title: title, Description: &description, Effort: in.Effort, ParentID: in.ParentID, Moscow: in.Moscow,
	}
}

// Validate returns Errors with the fields that break a rule.
func (in PromoteIdeaInput) Validate() error {
	c := check{prefix: "input"}
	if in.Title != nil {
		c.text("title", *in.Title, MaxTitle)
	}
	c.upTo("description", deref(in.Description), MaxText)
	c.effort(in.Effort)
	return c.err()
}

// IdeaFilter narrows a list of ideas; all given parts must hold.
type IdeaFilter struct {
	And         []*IdeaFilter
	Or          []*IdeaFilter
	Not         *IdeaFilter
	ID          *Comparator[IdeaID]
	Title       *StringComparator
	State       *Comparator[IdeaState]
	PainPointID *Comparator[PainPointID]
	KeyResultID *Comparator[KeyResultID]
	CreatedBy   *Comparator[UserID]
	CreatedAt   *DateComparator
	UpdatedAt   *DateComparator
	// Text keeps ideas with this in their title or description, whatever the case.
	Text *string
	// PainPoint keeps ideas for such a pain point.
	PainPoint *PainPointFilter
	// KeyResult keeps ideas for such a key result.
	KeyResult *KeyResultFilter
}

// IdeaOrderField is what ideas can be ordered by.
type IdeaOrderField string

// The order fields of ideas.
const (
	IdeaByTitle     IdeaOrderField = "TITLE"
	IdeaByCreatedAt IdeaOrderField = "CREATED_AT"
	IdeaByUpdatedAt IdeaOrderField = "UPDATED_AT"
)
