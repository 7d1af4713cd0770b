package needle

import "time"

// SignOffVerdict is what a person says of an objective that was proposed.
type SignOffVerdict string

// The verdicts.
const (
	SignOffApprove        SignOffVerdict = "APPROVE"
	SignOffRequestChanges SignOffVerdict = "REQUEST_CHANGES"
)

// SignOff is a person's signature under one revision of an objective, or what they want changed first. It is never
// changed: a person's latest about the present revision stands.
type SignOff struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	ID          SignOffID   `bun:"id,pk"`
	// ObjectiveID is what was signed.
	ObjectiveID ObjectiveID
	// UserID signed.
	UserID UserID
	// Function is the side the person spoke for.
	Function Function
	// Revision is the objective's that the person read.
	Revision int
	// Verdict is what they said.
	Verdict SignOffVerdict
	// Reason says why; required with REQUEST_CHANGES.
	Reason string
	// RecordedAt is when.
	RecordedAt time.Time
}

// IsNode marks SignOff as a Node.
func (*SignOff) IsNode() {}
