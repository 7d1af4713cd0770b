package needle

import "time"

// OfferState is where something that was offered stands: a proposal or a suggestion.
type OfferState string

// The states of an offer.
const (
	OfferOpen      OfferState = "OPEN"
	OfferAccepted  OfferState = "ACCEPTED"
	OfferDeclined  OfferState = "DECLINED"
	OfferWithdrawn OfferState = "WITHDRAWN"
)

// Offer is what proposals and suggestions have in common: somebody offers, somebody decides.
type Offer struct {
	// State is where it stands.
	State OfferState
	// Reason says why it was declined; empty otherwise.
	Reason string
	// DecidedBy accepted, declined or withdrew it; nil while OPEN.
	DecidedBy *UserID
	// DecidedAt is when; nil while OPEN.
	DecidedAt *time.Time
	// CreatedBy offered it.
	CreatedBy UserID
}

// Input returns the goal as a caller writes it.
func (g Goal) Input() GoalInput {
	return GoalInput{Baseline: g.Baseline, Target: g.Target, Stretch: g.Stretch, BandLow: g.BandLow, BandHigh: g.BandHigh}
}

// CanWithdraw reports whether the viewer may take the offer back: nobody but who made it.
func (o *Offer) CanWithdraw(v Viewer) bool { return o.CreatedBy == v.UserID }

// Proposal is a key result that somebody offers for an objective. Accepting it writes the key result.
type Proposal struct {
	Stamp
	ID ProposalID `bun:"id,pk"`
	// ObjectiveID is what it would measure.
	ObjectiveID ObjectiveID
	// Title, Wording, Kind, Direction, Indicator and Unit are as in KeyResult.
	Title     string
	Wording   string
	Kind      KeyResultKind
	Direction Direction
	Indicator Indicator
	Unit      string
	Goal
	// Rationale says why this should be measured; may be empty.
	Rationale string
	Offer
	// KeyResultID is the key result it became; nil unless ACCEPTED.
	KeyResultID *KeyResultID
}

// IsNode marks Proposal as a Node.
func (*Proposal) IsNode() {}

// ProposeKeyResultInput offers a key result for an objective. A MILESTONE's numbers default to 0 and 1.
type ProposeKeyResultInput struct {
	ObjectiveID      ObjectiveID
	Title            string
	Wording          *string
	Kind             *KeyResultKind
	Direction        *Direction
	Indicator        *Indicator
	Unit             *string
	Goal             GoalInput
	Rationale        *string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule; those of the key result are checked on it.
func (in ProposeKeyResultInput) Validate() error {
	c := check{prefix: "input"}
	c.upTo("rationale", deref(in.Rationale), MaxText)
	return c.err()
}

// AcceptProposalInput makes a proposal a key result, and says what a proposal leaves open.
type AcceptProposalInput struct {
	ID               ProposalID
	OwnerID          *UserID
	Weight           *float64
	CadenceDays      *int
	ExpectedVersion  *int
	ClientMutationID *string
}

// DeclineProposalInput says that a proposal is not taken up, and why.
type DeclineProposalInput struct {
	ID               ProposalID
	Reason           string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in DeclineProposalInput) Validate() error {
	c := check{prefix: "input"}
	c.text("reason", in.Reason, MaxText)
	return c.err()
}

// WithdrawProposalInput takes one's own proposal back.
type WithdrawProposalInput struct {
	ID               ProposalID
	ExpectedVersion  *int
	ClientMutationID *string
}

// ProposalFilter narrows a list of proposals; all given parts must hold.
type ProposalFilter struct {
	And       []*ProposalFilter
	Or        []*ProposalFilter
	Not       *ProposalFilter
	State     *Comparator[OfferState]
	CreatedBy *Comparator[UserID]
	CreatedAt *DateComparator
}

// ProposalOrderField is what proposals can be ordered by.
type ProposalOrderField string

// ProposalByCreatedAt orders proposals by when they were made.
const ProposalByCreatedAt ProposalOrderField = "CREATED_AT"
