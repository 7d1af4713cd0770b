package needle

import "time"

// Participant is a person who takes part in writing an objective, and the side they speak for.
type Participant struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	ObjectiveID ObjectiveID `bun:"objective_id,pk"`
	UserID      UserID      `bun:"user_id,pk"`
	// Function is the side the person speaks for here.
	Function Function
	// MustSign is true for people whose approval the objective needs by name, whatever the policy says.
	MustSign bool
	// InvitedBy is who asked them; themselves when they joined.
	InvitedBy UserID
	// InvitedAt is when.
	InvitedAt time.Time
	// LeftAt is when they stopped taking part; nil while they do.
	LeftAt *time.Time
}
