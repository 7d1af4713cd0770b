package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// ObjectiveState is where an objective stands.
type ObjectiveState string

// The states of an objective, in order. Only AGREED ones count as active.
const (
	ObjectiveDraft    ObjectiveState = "DRAFT"
	ObjectiveProposed ObjectiveState = "PROPOSED"
	ObjectiveAgreed   ObjectiveState = "AGREED"
	ObjectiveClosed   ObjectiveState = "CLOSED"
)

// ObjectiveOutcome is how a closed objective ended.
type ObjectiveOutcome string

// The outcomes of an objective.
const (
	OutcomeAchieved ObjectiveOutcome = "ACHIEVED"
	OutcomePartly   ObjectiveOutcome = "PARTLY"
	OutcomeMissed   ObjectiveOutcome = "MISSED"
	OutcomeDropped  ObjectiveOutcome = "DROPPED"
)

// Objective is a wanted state of a team in a cycle, in words. People call it by its key, O-7.
type Objective struct {
	Stamp
	ID ObjectiveID `bun:"id,pk"`
	// Number is the counter in the key.
	Number int
	// TeamID is the team that owns it.
	TeamID TeamID
	// CycleID is its time box.
	CycleID CycleID
	// Title states what will be true.
	Title string
	// Description says more; may be empty.
	Description string
	// State is moved by people through objectiveMoves.
	State ObjectiveState
	// Outcome is set when CLOSED.
	Outcome *ObjectiveOutcome
	// Retrospective is what was learnt; empty unless CLOSED.
	Retrospective string
	// ParentObjectiveID is the objective it serves; at most one of the two parents is set.
	ParentObjectiveID *ObjectiveID
	// ParentKeyResultID is the key result it serves.
	ParentKeyResultID *KeyResultID
	// Revision counts changes of what people sign: its texts, its pain points, its key results and their numbers.
	Revision int
	// Score is how far it got, 0 to 1; nil unless CLOSED, and when nothing could be measured.
	Score *float64
	// CarriedFromID is the objective of an earlier cycle that it continues; nil when it is new.
	CarriedFromID *ObjectiveID
	// CreatedBy wrote it first.
	CreatedBy UserID
	// StateChangedAt is when State last moved.
	StateChangedAt time.Time
}

// IsNode marks Objective as a Node.
func (*Objective) IsNode() {}

// Key returns what people call it.
func (o *Objective) Key() string { return formatKey(ObjectiveKey, o.Number) }

// objectiveMoves are the only ways from state to state. AGREED needs signatures besides, which planning.MoveObjective
// asks for; a change of what was signed leads from AGREED back to PROPOSED without anybody asking. What is closed comes
// back as AGREED when it was agreed as it is, and else as PROPOSED, to be signed.
var objectiveMoves = map[ObjectiveState][]ObjectiveState{
	ObjectiveDraft:    {ObjectiveProposed, ObjectiveClosed},
	ObjectiveProposed: {ObjectiveDraft, ObjectiveAgreed, ObjectiveClosed},
	ObjectiveAgreed:   {ObjectiveProposed, ObjectiveClosed},
	ObjectiveClosed:   {ObjectiveProposed, ObjectiveAgreed},
}

// CanMove reports whether the objective may go to the state from where it is.
func (o *Objective) CanMove(to ObjectiveState) bool {
	for _, s := range objectiveMoves[o.State] {
		if s == to {
			return true
		}
	}
	return false
}

// CreateObjectiveInput drafts an objective.
type CreateObjectiveInput struct {
	TeamID            TeamID
	CycleID           CycleID
	Title             string
	Description       *string
	PainPointIDs      []PainPointID
	ParentObjectiveID *ObjectiveID
	ParentKeyResultID *KeyResultID
	ClientMutationID  *string
}

// Validate returns Errors with the fields that break a rule.
func (in CreateObjectiveInput) Validate() error {
	c := check{prefix: "input"}
	c.text("title", in.Title, MaxTitle)
	c.upTo("description", deref(in.Description), MaxText)
	c.oneParent(in.ParentObjectiveID, in.ParentKeyResultID)
	listed(&c, "painPointIds", in.PainPointIDs)
	return c.err()
}

// UpdateObjectiveInput changes an objective; absent fields stay, null clears a parent.
type UpdateObjectiveInput struct {
	ID                ObjectiveID
	Title             *string
	Description       *string
	PainPointIDs      []PainPointID
	ParentObjectiveID graphql.Omittable[*ObjectiveID]
	ParentKeyResultID graphql.Omittable[*KeyResultID]
	ExpectedVersion   *int
	ClientMutationID  *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateObjectiveInput) Validate() error {
	c := check{prefix: "input"}
	if in.Title != nil {
		c.text("title", *in.Title, MaxTitle)
	}
	c.upTo("description", deref(in.Description), MaxText)
	c.oneParent(in.ParentObjectiveID.Value(), in.ParentKeyResultID.Value())
	if p := in.ParentObjectiveID.Value(); p != nil && *p == in.ID {
		c.add("parentObjectiveId", CodeInvalid, "an objective cannot serve itself")
	}
	listed(&c, "painPointIds", in.PainPointIDs)
	return c.err()
}

func (c *check) oneParent(objective *ObjectiveID, keyResult *KeyResultID) {
	if objective != nil && keyResult != nil {
		c.add("parentKeyResultId", CodeInvalid, "an objective serves an objective or a key result, not both")
	}
}

// MoveObjectiveInput moves an objective to another state; closing wants an outcome, and what was learnt.
type MoveObjectiveInput struct {
	ID               ObjectiveID
	To               ObjectiveState
	Outcome          *ObjectiveOutcome
	Retrospective    *string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in MoveObjectiveInput) Validate() error {
	c := check{prefix: "input"}
	if in.To == ObjectiveClosed && in.Outcome == nil {
		c.add("outcome", CodeRequired, "closing an objective needs its outcome")
	}
	if in.To != ObjectiveClosed && in.Outcome != nil {
		c.add("outcome", CodeInvalid, "only a closed objective has an outcome")
	}
	if in.Outcome != nil && in.To == ObjectiveClosed {
		c.retrospective(*in.Outcome, in.Retrospective)
	} else {
		c.upTo("retrospective", deref(in.Retrospective), MaxText)
	}
	return c.err()
}

// ObjectiveFilter narrows a list of objectives; all given parts must hold.
type ObjectiveFilter struct {
	And       []*ObjectiveFilter
	Or        []*ObjectiveFilter
	Not       *ObjectiveFilter
	ID        *Comparator[ObjectiveID]
	TeamID    *Comparator[TeamID]
	CycleID   *Comparator[CycleID]
	Title     *StringComparator
	State     *Comparator[ObjectiveState]
	CreatedAt *DateComparator
	UpdatedAt *DateComparator
	// PainPoints keeps objectives that address some or no such pain point.
	PainPoints *PainPointCollectionFilter
	// KeyResults keeps objectives that have some or no such key result.
	KeyResults *KeyResultCollectionFilter
}

// ObjectiveCollectionFilter asks whether related objectives exist.
type ObjectiveCollectionFilter struct{ Some, None *ObjectiveFilter }

// PainPointCollectionFilter asks whether related pain points exist.
type PainPointCollectionFilter struct{ Some, None *PainPointFilter }

// KeyResultCollectionFilter asks whether related key results exist.
type KeyResultCollectionFilter struct{ Some, None *KeyResultFilter }

// ContributionCollectionFilter asks whether related contributions exist.
type ContributionCollectionFilter struct{ Some, None *ContributionFilter }

// ObjectiveOrderField is what objectives can be ordered by.
type ObjectiveOrderField string

// The order fields of objectives.
const (
	ObjectiveByNumber    ObjectiveOrderField = "NUMBER"
	ObjectiveByTitle     ObjectiveOrderField = "TITLE"
	ObjectiveByCreatedAt ObjectiveOrderField = "CREATED_AT"
	ObjectiveByUpdatedAt ObjectiveOrderField = "UPDATED_AT"
)
