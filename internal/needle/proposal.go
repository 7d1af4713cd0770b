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
	// Reason says why it was declined or withdrawn; may be empty otherwise.
	Reason string
	// DecidedBy accepted, declined or withdrew it; nil while OPEN.
	DecidedBy *UserID
	// DecidedAt is when; nil while OPEN.
	DecidedAt *time.Time
	// CreatedBy offered it.
	CreatedBy UserID
}

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
