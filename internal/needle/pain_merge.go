package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// PainMerge says that one pain point is a duplicate of another. Evidence and reports stay where they were entered and
// count for the one that remains, so undoing a merge loses nothing.
type PainMerge struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	ID          PainMergeID `bun:"id,pk"`
	// FromID is the duplicate.
	FromID PainPointID
	// IntoID is the one that remains.
	IntoID PainPointID
	// Note says why; may be empty.
	Note string
	// MergedBy merged them.
	MergedBy UserID
	// RecordedAt is when.
	RecordedAt time.Time
	// UndoneBy undid it; nil while it stands.
	UndoneBy *UserID
	// UndoneAt is when it was undone; nil while it stands.
	UndoneAt *time.Time
}

// IsNode marks PainMerge as a Node.
func (*PainMerge) IsNode() {}

// MergePainPointsInput says that one pain point is a duplicate of another.
type MergePainPointsInput struct {
	// From is the duplicate.
	From PainPointID
	// Into is the one that remains.
	Into PainPointID
	Note *string
	// ExpectedVersion is the duplicate's.
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in MergePainPointsInput) Validate() error {
	c := check{prefix: "input"}
	if in.From == in.Into {
		c.add("into", CodeInvalid, "a pain point cannot be merged into itself")
	}
	c.upTo("note", deref(in.Note), MaxText)
	return c.err()
}

// UndoMergeInput names a merge by itself or by the duplicate; exactly one of the two.
type UndoMergeInput struct {
	MergeID          *PainMergeID
	PainPointID      *PainPointID
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UndoMergeInput) Validate() error {
	c := check{prefix: "input"}
	switch {
	case in.MergeID == nil && in.PainPointID == nil:
		c.add("mergeId", CodeRequired, "this needs the merge or the duplicate")
	case in.MergeID != nil && in.PainPointID != nil:
		c.add("painPointId", CodeInvalid, "this takes the merge or the duplicate, not both")
	}
	return c.err()
}

// PainMergeFilter narrows a list of merges; all given parts must hold.
type PainMergeFilter struct {
	And []*PainMergeFilter
	Or  []*PainMergeFilter
	Not *PainMergeFilter
	// Undone true keeps merges that were undone, false those that stand, nil both; absent keeps those that stand.
	Undone     graphql.Omittable[*bool] `json:",omitzero"`
	RecordedAt *DateComparator
}

// PainMergeOrderField is what merges can be ordered by.
type PainMergeOrderField string

// PainMergeByRecordedAt orders merges by when they were made.
const PainMergeByRecordedAt PainMergeOrderField = "RECORDED_AT"
