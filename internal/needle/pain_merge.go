package needle

import "time"

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
	// MergedAt is when.
	MergedAt time.Time
	// UndoneBy undid it; nil while it stands.
	UndoneBy *UserID
	// UndoneAt is when it was undone; nil while it stands.
	UndoneAt *time.Time
}

// IsNode marks PainMerge as a Node.
func (*PainMerge) IsNode() {}
