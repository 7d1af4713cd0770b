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

// Supersedes reports whether the signature is a later word than another; what was said at one instant is told apart by
// its id, which grows.
func (s *SignOff) Supersedes(other *SignOff) bool {
	if !s.RecordedAt.Equal(other.RecordedAt) {
		return s.RecordedAt.After(other.RecordedAt)
	}
	return s.ID.String() > other.ID.String()
}

// SignOffInput says what a person thinks of the revision that they read; requesting changes wants a reason.
type SignOffInput struct {
	ObjectiveID      ObjectiveID
	Revision         int
	Verdict          SignOffVerdict
	Reason           *string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in SignOffInput) Validate() error {
	c := check{prefix: "input"}
	if in.Revision < 1 {
		c.add("revision", CodeOutOfRange, "revisions count from 1")
	}
	if reason := deref(in.Reason); in.Verdict == SignOffRequestChanges {
		c.text("reason", reason, MaxText)
	} else {
		c.upTo("reason", reason, MaxText)
	}
	return c.err()
}

// SignOffFilter narrows a list of signatures; all given parts must hold.
type SignOffFilter struct {
	And        []*SignOffFilter
	Or         []*SignOffFilter
	Not        *SignOffFilter
	UserID     *Comparator[UserID]
	Function   *Comparator[Function]
	Verdict    *Comparator[SignOffVerdict]
	Revision   *NumberComparator
	RecordedAt *DateComparator
}

// SignOffOrderField is what signatures can be ordered by.
type SignOffOrderField string

// SignOffByRecordedAt orders signatures by when they were given.
const SignOffByRecordedAt SignOffOrderField = "RECORDED_AT"
