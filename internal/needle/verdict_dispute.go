package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// VerdictDispute is a person's word that a verdict is wrong, and why. It changes no verdict: both are kept.
type VerdictDispute struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID      `bun:"workspace_id,pk"`
	ID          VerdictDisputeID `bun:"id,pk"`
	// ContributionID is the link whose verdict is disputed.
	ContributionID ContributionID
	// Verdict is what the person read and disputes, even if other facts lead to another one by now.
	Verdict Verdict
	// Reason says why.
	Reason string
	// AuthorID disputes it.
	AuthorID UserID
	// RecordedAt is when.
	RecordedAt time.Time
	// WithdrawnAt is when its author withdrew it; nil while it is open.
	WithdrawnAt *time.Time
}

// IsNode marks VerdictDispute as a Node.
func (*VerdictDispute) IsNode() {}

// CanWithdraw reports whether the viewer may withdraw the dispute: only its author may.
func (d *VerdictDispute) CanWithdraw(v Viewer) bool { return d.AuthorID == v.UserID }

// DisputeVerdictInput disputes the verdict that the caller read.
type DisputeVerdictInput struct {
	ContributionID   ContributionID
	Verdict          Verdict
	Reason           string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in DisputeVerdictInput) Validate() error {
	c := check{prefix: "input"}
	c.text("reason", in.Reason, MaxText)
	return c.err()
}

// WithdrawDisputeInput withdraws a dispute; that it was raised stays known.
type WithdrawDisputeInput struct {
	ID               VerdictDisputeID
	ClientMutationID *string
}

// VerdictDisputeFilter narrows a list of disputes; all given parts must hold.
type VerdictDisputeFilter struct {
	And        []*VerdictDisputeFilter
	Or         []*VerdictDisputeFilter
	Not        *VerdictDisputeFilter
	Verdict    *Comparator[Verdict]
	AuthorID   *Comparator[UserID]
	RecordedAt *DateComparator
	// Withdrawn true keeps disputes that were withdrawn, null keeps all; absent or false keeps open ones.
	Withdrawn graphql.Omittable[*bool]
}

// VerdictDisputeOrderField is what disputes can be ordered by.
type VerdictDisputeOrderField string

// VerdictDisputeByRecordedAt orders disputes by when they were raised.
const VerdictDisputeByRecordedAt VerdictDisputeOrderField = "RECORDED_AT"
