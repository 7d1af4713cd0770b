package needle

import (
	"time"

	"github.com/google/uuid"
)

// ContributionRole is how work serves a key result.
type ContributionRole string

// The roles: DRIVES moves it, ENABLES lets other work move it, GUARDS keeps it from falling, LEARNS finds out how.
const (
	RoleDrives  ContributionRole = "DRIVES"
	RoleEnables ContributionRole = "ENABLES"
	RoleGuards  ContributionRole = "GUARDS"
	RoleLearns  ContributionRole = "LEARNS"
)

// Origin is who or what linked work to a key result.
type Origin string

// The origins, strongest first: a link of a stronger origin is never overwritten by a weaker one.
const (
	OriginPerson Origin = "PERSON"
	OriginText   Origin = "TEXT"
	OriginRule   Origin = "RULE"
	OriginEpic   Origin = "EPIC"
)

var originRank = map[Origin]int{OriginPerson: 4, OriginText: 3, OriginRule: 2, OriginEpic: 1}

// Outranks reports whether o may overwrite a link of the other origin.
func (o Origin) Outranks(other Origin) bool { return originRank[o] > originRank[other] }

// Contribution links a backlog item to a key result it is meant to serve. Every version of it is kept.
type Contribution struct {
	Stamp
	ID ContributionID `bun:"id,pk"`
	// ItemID is the work.
	ItemID BacklogItemID
	// KeyResultID is what it serves.
	KeyResultID KeyResultID
	Bet
	// Origin is who or what linked them.
	Origin Origin
	// AuthorID is the person; nil when a rule or text did.
	AuthorID *UserID
	// RuleID is the rule; nil unless Origin is RULE.
	RuleID *LinkRuleID
	// EpicID is the item right above, whose link is inherited; nil unless Origin is EPIC.
	EpicID *BacklogItemID
	// ValidFrom is when the link began to hold.
	ValidFrom time.Time
	// ValidTo is when it ended; nil while it holds.
	ValidTo *time.Time
}

// IsNode marks Contribution as a Node.
func (*Contribution) IsNode() {}

// ContributionVersion is a contribution as one version states it; the history is append-only.
type ContributionVersion struct {
	// Contribution is the link as this version has it: its Version is the version's number, its bet, origin and author
	// are the version's own, and its ValidFrom is when this version began to hold. ValidTo is not read.
	Contribution
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
	// Ended is true when the link no longer holds from ValidFrom on.
	Ended bool
}

// LinkVersion is one version of a link as people read its history: what it said from ValidFrom on, and who said so.
type LinkVersion struct {
	WorkspaceID WorkspaceID
	// ID orders versions that were recorded at the same instant.
	ID uuid.UUID `bun:"id,pk"`
	// ContributionID is the link.
	ContributionID ContributionID
	// ItemID and KeyResultID are what it joins.
	ItemID      BacklogItemID
	KeyResultID KeyResultID
	Bet
	// Origin is who or what said so.
	Origin Origin
	// AuthorID, RuleID and EpicID name it, as in Contribution.
	AuthorID *UserID
	RuleID   *LinkRuleID
	EpicID   *BacklogItemID
	// ValidFrom is when this version began to hold.
	ValidFrom time.Time
	// Ended is true when the link no longer holds from ValidFrom on.
	Ended bool
	// RecordedAt is when Needle learnt it.
	RecordedAt time.Time
}

// LinkVersionFilter narrows the versions of a link; all given parts must hold.
type LinkVersionFilter struct {
	And    []*LinkVersionFilter
	Or     []*LinkVersionFilter
	Not    *LinkVersionFilter
	Origin *Comparator[Origin]
	// Ended true keeps versions that say that the link ended.
	Ended *bool
}

// LinkVersionOrderField is what versions of a link can be ordered by.
type LinkVersionOrderField string

// LinkVersionByRecordedAt orders versions by when Needle learnt them.
const LinkVersionByRecordedAt LinkVersionOrderField = "RECORDED_AT"

// LinkHistory asks for the links of a piece of work as they were known at an instant.
type LinkHistory struct {
	// KeyResultID keeps links to one key result; nil keeps all.
	KeyResultID *KeyResultID
	// AsOf is the instant.
	AsOf time.Time
	// Ended keeps links that ended by then as well.
	Ended bool
}

// Bet is what is expected of a contribution before anyone can know.
type Bet struct {
	// Role is how the work serves the key result.
	Role ContributionRole
	// ExpectedLow is the least expected change, in the key result's unit and signed; nil when not said.
	ExpectedLow *float64
	// ExpectedHigh is the most expected change.
	ExpectedHigh *float64
	// LagMinDays is the fewest days after delivery until it shows; nil takes the key result's.
	LagMinDays *int
	// LagMaxDays is the most days.
	LagMaxDays *int
	// Note says why; may be empty.
	Note string
}

// BetInput is a Bet as a caller writes it.
type BetInput struct {
	Role         *ContributionRole
	ExpectedLow  *float64
	ExpectedHigh *float64
	LagMinDays   *int
	LagMaxDays   *int
	Note         *string
}

// Bet returns the input as a Bet; the role defaults to DRIVES.
func (in BetInput) Bet() Bet {
	role := RoleDrives
	if in.Role != nil {
		role = *in.Role
	}
	return Bet{
		Role: role, ExpectedLow: in.ExpectedLow, ExpectedHigh: in.ExpectedHigh,
		LagMinDays: in.LagMinDays, LagMaxDays: in.LagMaxDays, Note: deref(in.Note),
	}
}

// Validate returns Errors with the fields that break a rule; paths start with prefix.
func (b Bet) Validate(prefix string) error {
	c := check{prefix: prefix}
	c.finite("expectedLow", b.ExpectedLow)
	c.finite("expectedHigh", b.ExpectedHigh)
	if (b.ExpectedLow == nil) != (b.ExpectedHigh == nil) {
		c.add("expectedHigh", CodeRequired, "an expected range has two ends")
	}
	if b.ExpectedLow != nil && b.ExpectedHigh != nil && *b.ExpectedLow > *b.ExpectedHigh {
		c.add("expectedHigh", CodeInvalid, "the high end is not below the low end")
	}
	c.lag("lagMinDays", b.LagMinDays)
	c.lag("lagMaxDays", b.LagMaxDays)
	if b.LagMinDays != nil && b.LagMaxDays != nil && *b.LagMinDays > *b.LagMaxDays {
		c.add("lagMaxDays", CodeInvalid, "the longest lag is not below the shortest")
	}
	c.upTo("note", b.Note, MaxText)
	return c.err()
}

func (c *check) lag(field string, days *int) {
	if days != nil {
		c.between(field, *days, 0, 730)
	}
}

// LinkInput links an item to a key result by hand. Linking again changes the bet.
type LinkInput struct {
	ItemID           BacklogItemID
	KeyResultID      KeyResultID
	Bet              *BetInput
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in LinkInput) Validate() error { return deref(in.Bet).Bet().Validate("input.bet") }

// UnlinkInput ends a link; its history stays.
type UnlinkInput struct {
	ContributionID   ContributionID
	ExpectedVersion  *int
	ClientMutationID *string
}

// ContributionFilter narrows a list of contributions; all given parts must hold.
type ContributionFilter struct {
	And         []*ContributionFilter
	Or          []*ContributionFilter
	Not         *ContributionFilter
	ItemID      *Comparator[BacklogItemID]
	KeyResultID *Comparator[KeyResultID]
	Role        *Comparator[ContributionRole]
	Origin      *Comparator[Origin]
	// Item keeps links whose work passes.
	Item *BacklogItemFilter
	// Ended true keeps links that no longer hold; absent or false keeps those that do.
	Ended *bool
	// Container true keeps links of work below which other work serves the same key result, which counts leave out; false
	// keeps those that count.
	Container *bool
}

// ContributionOrderField is what contributions can be ordered by.
type ContributionOrderField string

// The order fields of contributions.
const (
	ContributionByValidFrom ContributionOrderField = "VALID_FROM"
	ContributionByCreatedAt ContributionOrderField = "CREATED_AT"
)
