package needle

import "time"

// Stamp is what every stored noun carries: its tenant, its age and its optimistic version.
type Stamp struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	// CreatedAt is when Needle learnt of the object.
	CreatedAt time.Time
	// UpdatedAt is when it last changed.
	UpdatedAt time.Time
	// Version counts changes from 1; a caller may demand the one it read.
	Version int
}

// Touch marks the row as changed at now and returns the version it had.
func (s *Stamp) Touch(now time.Time) (was int) {
	was = s.Version
	s.UpdatedAt = now
	s.Version++
	return was
}

// Workspace is the tenant: every row belongs to exactly one, and nothing refers across.
type Workspace struct {
	ID WorkspaceID `bun:"id,pk"`
	// Name is what people call it.
	Name string
	// Slug is its short name in addresses, unique on the server.
	Slug string
	Policy
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int
}

// Policy is what a workspace demands before an objective is agreed, when evidence counts, and by what gaps are told.
type Policy struct {
	// SignOffTeam is how many people of function TEAM must approve.
	SignOffTeam int
	// SignOffLeader is how many people of function LEADER must approve.
	SignOffLeader int
	// SignOffStakeholder is how many people of function STAKEHOLDER must approve.
	SignOffStakeholder int
	// SignOffCustomerFacing is how many people of function CUSTOMER_FACING must approve.
	SignOffCustomerFacing int
	// ReopenOnChange is true when a change of an agreed objective makes it PROPOSED again.
	ReopenOnChange bool
	// FreshDays is how long evidence speaks for the present, in days.
	FreshDays int
	// EvidenceNeeded is how many fresh pieces make a pain point EVIDENCED.
	EvidenceNeeded int
	AttributionPolicy
}

// DefaultPolicy returns what a new workspace demands: the team, its leader and one stakeholder sign, every change is
// signed anew, two pieces of evidence of the last 90 days count, and the thresholds are those of DefaultAttributionPolicy.
func DefaultPolicy() Policy {
	return Policy{
		SignOffTeam: 1, SignOffLeader: 1, SignOffStakeholder: 1, ReopenOnChange: true, FreshDays: 90, EvidenceNeeded: 2,
		AttributionPolicy: DefaultAttributionPolicy(),
	}
}

// Touch marks the row as changed at now and returns the version it had.
func (w *Workspace) Touch(now time.Time) (was int) {
	was = w.Version
	w.UpdatedAt = now
	w.Version++
	return was
}

// IsNode marks Workspace as a Node.
func (*Workspace) IsNode() {}

// Required returns how many people of the function must approve an objective.
func (p Policy) Required(f Function) int {
	switch f {
	case FunctionTeam:
		return p.SignOffTeam
	case FunctionLeader:
		return p.SignOffLeader
	case FunctionStakeholder:
		return p.SignOffStakeholder
	case FunctionCustomerFacing:
		return p.SignOffCustomerFacing
	default:
		return 0
	}
}

// WorkspacePolicyInput changes the policy; absent fields stay.
type WorkspacePolicyInput struct {
	SignOffTeam           *int
	SignOffLeader         *int
	SignOffStakeholder    *int
	SignOffCustomerFacing *int
	ReopenOnChange        *bool
	FreshDays             *int
	EvidenceNeeded        *int
	StaleTrackerDays      *int
	KeepRunningShare      *float64
	RecentDays            *int
	MostKeyResults        *int
	DeadBetShare          *float64
	FewestCycleTimes      *int
}

// UpdateWorkspaceInput changes the workspace; absent fields stay.
type UpdateWorkspaceInput struct {
	Name             *string
	Policy           *WorkspacePolicyInput
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in UpdateWorkspaceInput) Validate() error {
	c := check{prefix: "input"}
	if in.Name != nil {
		c.text("name", *in.Name, MaxName)
	}
	if p := in.Policy; p != nil {
		c.within("policy.signOffTeam", p.SignOffTeam, 0, 100)
		c.within("policy.signOffLeader", p.SignOffLeader, 0, 100)
		c.within("policy.signOffStakeholder", p.SignOffStakeholder, 0, 100)
		c.within("policy.signOffCustomerFacing", p.SignOffCustomerFacing, 0, 100)
		c.within("policy.freshDays", p.FreshDays, 1, 3660)
		c.within("policy.evidenceNeeded", p.EvidenceNeeded, 1, 100)
		c.within("policy.staleTrackerDays", p.StaleTrackerDays, 1, 366)
		c.share("policy.keepRunningShare", p.KeepRunningShare)
		c.within("policy.recentDays", p.RecentDays, 1, 366)
		c.within("policy.mostKeyResults", p.MostKeyResults, 1, 100)
		c.share("policy.deadBetShare", p.DeadBetShare)
		c.within("policy.fewestCycleTimes", p.FewestCycleTimes, 1, 100)
	}
	return c.err()
}

// within is between for a number that may be absent.
func (c *check) within(field string, value *int, low, high int) {
	if value != nil {
		c.between(field, *value, low, high)
	}
}
