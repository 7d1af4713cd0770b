package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// StatusCategory is the neutral status of work, whatever a tracker calls it.
type StatusCategory string

// The status categories. DROPPED is "closed, but not done".
const (
	StatusTodo       StatusCategory = "TODO"
	StatusInProgress StatusCategory = "IN_PROGRESS"
	StatusDone       StatusCategory = "DONE"
	StatusDropped    StatusCategory = "DROPPED"
)

// Stage is how far a piece of work is on its way from idea to verdict. A tracker's "done" only reaches DELIVERED.
type Stage string

// The stages, in order.
const (
	StageProposed   Stage = "PROPOSED"
	StageAccepted   Stage = "ACCEPTED"
	StageInProgress Stage = "IN_PROGRESS"
	StageDelivered  Stage = "DELIVERED"
	StageMeasuring  Stage = "MEASURING"
	StageVerdict    Stage = "VERDICT"
	StageClosed     Stage = "CLOSED"
)

// Moscow is a priority class of the MoSCoW method.
type Moscow string

// The classes.
const (
	MoscowMust   Moscow = "MUST"
	MoscowShould Moscow = "SHOULD"
	MoscowCould  Moscow = "COULD"
	MoscowWont   Moscow = "WONT"
)

// BacklogItem is committed or candidate work of a team, native or mirrored from an Issue. People call it by its key, B-101.
type BacklogItem struct {
	Stamp
	ID BacklogItemID `bun:"id,pk"`
	// Number is the counter in the key.
	Number int
	// TeamID is the team that does it.
	TeamID TeamID
	// IssueID is the tracker's record it mirrors; nil when native.
	IssueID *IssueID
	// Title says what is done.
	Title string
	// Description says more; may be empty.
	Description string
	// Status is where the work stands.
	Status StatusCategory
	// Stage is how far people and trackers say it is on its way. DELIVERED work is MEASURING or at VERDICT by its links,
	// which is never stored.
	Stage Stage
	// Moscow is its present priority class; nil when not classed.
	Moscow *Moscow
	// Effort is the estimate in the team's unit; nil when not estimated.
	Effort *float64
	// ParentID is the epic; nil at the top.
	ParentID *BacklogItemID
	// StartedAt is when it was first in progress; nil before.
	StartedAt *time.Time
	// DeliveredAt is the last move into DONE; nil while not done.
	DeliveredAt *time.Time
	// CreatedBy wrote it; nil when a tracker did.
	CreatedBy *UserID
}

// IsNode marks BacklogItem as a Node.
func (*BacklogItem) IsNode() {}

// Key returns what people call it.
func (b *BacklogItem) Key() string { return formatKey(BacklogItemKey, b.Number) }

// StageFor returns the stage that a status leads to from an earlier stage. Done work that was closed stays so unless it
// is reopened.
func StageFor(status StatusCategory, earlier Stage) Stage {
	switch status {
	case StatusInProgress:
		return StageInProgress
	case StatusDone:
		if earlier == StageClosed {
			return StageClosed
		}
		return StageDelivered
	case StatusDropped:
		return StageClosed
	default:
		if earlier == StageProposed {
			return StageProposed
		}
		return StageAccepted
	}
}

// MoveTo sets the status as of at and what follows from it: stage, start and delivery. It reports whether the
// status changed.
func (b *BacklogItem) MoveTo(status StatusCategory, at time.Time) bool {
	if b.Status == status {
		return false
	}
	b.Stage = StageFor(status, b.Stage)
	b.Status = status
	if status == StatusInProgress && b.StartedAt == nil {
		b.StartedAt = &at
	}
	b.DeliveredAt = nil
	if status == StatusDone {
		b.DeliveredAt = &at
	}
	return true
}

// Close closes done work, or takes that back. Work that is not done answers CONFLICT.
func (b *BacklogItem) Close(closed bool) error {
	if b.Status != StatusDone {
		return Conflict("input.closed", "only work that is done is closed by hand; this is "+string(b.Status))
	}
	b.Stage = StageDelivered
	if closed {
		b.Stage = StageClosed
	}
	return nil
}

// ItemTransition is one move of an item between statuses; the history is append-only.
type ItemTransition struct {
	// ItemID moved.
	ItemID BacklogItemID
	// From is the earlier status; nil for the first.
	From *StatusCategory `bun:"from_status"`
	// To is the status reached.
	To StatusCategory `bun:"to_status"`
	// OccurredAt is when it moved.
	OccurredAt time.Time
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
	// SupersededAt is when Needle learnt that it had been otherwise; nil while it holds.
	SupersededAt *time.Time `bun:"-"`
}

// KnownAt reports whether the move was known at an instant, and not yet found to have been otherwise.
func (t *ItemTransition) KnownAt(at time.Time) bool {
	return !t.RecordedAt.After(at) && (t.SupersededAt == nil || t.SupersededAt.After(at))
}

// CreateBacklogItemInput writes a native item.
type CreateBacklogItemInput struct {
	TeamID           TeamID
	Title            string
	Description      *string
	Effort           *float64
	ParentID         *BacklogItemID
	Moscow           *Moscow
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CreateBacklogItemInput) Validate() error {
	c := check{prefix: "input"}
	c.text("title", in.Title, MaxTitle)
	c.upTo("description", deref(in.Description), MaxText)
	c.effort(in.Effort)
	return c.err()
}

// UpdateBacklogItemInput changes an item; absent fields stay, null clears effort, parent or class. A mirrored item's
// title, description and status belong to its tracker.
type UpdateBacklogItemInput struct {
	ID          BacklogItemID
	Title       *string
	Description *string
	Status      *StatusCategory
	Effort      graphql.Omittable[*float64]
	ParentID    graphql.Omittable[*BacklogItemID]
	Moscow      graphql.Omittable[*Moscow]
	// Closed true closes done work, false takes that back.
	Closed           *bool
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateBacklogItemInput) Validate() error {
	c := check{prefix: "input"}
	if in.Title != nil {
		c.text("title", *in.Title, MaxTitle)
	}
	c.upTo("description", deref(in.Description), MaxText)
	c.effort(in.Effort.Value())
	if p := in.ParentID.Value(); p != nil && *p == in.ID {
		c.add("parentId", CodeInvalid, "an item cannot be its own parent")
	}
	return c.err()
}

func (c *check) effort(v *float64) {
	if v != nil && !(*v >= 0 && *v <= 1e6) {
		c.add("effort", CodeOutOfRange, "an estimate lies between 0 and 1000000")
	}
}

// BacklogItemFilter narrows a list of items; all given parts must hold.
type BacklogItemFilter struct {
	And         []*BacklogItemFilter
	Or          []*BacklogItemFilter
	Not         *BacklogItemFilter
	ID          *Comparator[BacklogItemID]
	TeamID      *Comparator[TeamID]
	Title       *StringComparator
	Status      *Comparator[StatusCategory]
	Stage       *Comparator[Stage]
	Moscow      *Comparator[Moscow]
	ParentID    *Comparator[BacklogItemID]
	DeliveredAt *DateComparator
	CreatedAt   *DateComparator
	UpdatedAt   *DateComparator
	// Mirrored true keeps items that mirror an issue, false native ones.
	Mirrored *bool
	// Contributions keeps items that serve some or no such key result.
	Contributions *ContributionCollectionFilter
}

// BacklogItemOrderField is what items can be ordered by.
type BacklogItemOrderField string

// The order fields of items.
const (
	BacklogItemByNumber    BacklogItemOrderField = "NUMBER"
	BacklogItemByUpdatedAt BacklogItemOrderField = "UPDATED_AT"
	BacklogItemByCreatedAt BacklogItemOrderField = "CREATED_AT"
	BacklogItemByTitle     BacklogItemOrderField = "TITLE"
)
