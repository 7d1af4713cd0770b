package needle

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
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
}

// ContributionOrderField is what contributions can be ordered by.
type ContributionOrderField string

// The order fields of contributions.
const (
	ContributionByValidFrom ContributionOrderField = "VALID_FROM"
	ContributionByCreatedAt ContributionOrderField = "CREATED_AT"
)

// LinkRule links every item whose issue carries a label to a key result.
type LinkRule struct {
	Stamp
	ID LinkRuleID `bun:"id,pk"`
	// ConnectionID narrows it to one tracker; nil covers all.
	ConnectionID *ConnectionID
	// Label is matched exactly, without case.
	Label string
	// KeyResultID is what such work serves.
	KeyResultID KeyResultID
	// Role is how such work serves it.
	Role ContributionRole
	// Enabled false ends the links it made.
	Enabled bool
	// CreatedBy wrote it.
	CreatedBy UserID
}

// IsNode marks LinkRule as a Node.
func (*LinkRule) IsNode() {}

// CreateLinkRuleInput writes a rule; it links what is there already and what comes.
type CreateLinkRuleInput struct {
	ConnectionID     *ConnectionID
	Label            string
	KeyResultID      KeyResultID
	Role             *ContributionRole
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in CreateLinkRuleInput) Validate() error {
	c := check{prefix: "input"}
	c.text("label", in.Label, MaxTitle)
	return c.err()
}

// UpdateLinkRuleInput changes a rule; absent fields stay, null widens it to every connection.
type UpdateLinkRuleInput struct {
	ID               LinkRuleID
	ConnectionID     graphql.Omittable[*ConnectionID]
	Enabled          *bool
	Role             *ContributionRole
	ExpectedVersion  *int
	ClientMutationID *string
}

// LinkRuleFilter narrows a list of rules; all given parts must hold.
type LinkRuleFilter struct {
	And         []*LinkRuleFilter
	Or          []*LinkRuleFilter
	Not         *LinkRuleFilter
	KeyResultID *Comparator[KeyResultID]
	Label       *StringComparator
	Enabled     *bool
}

// LinkRuleOrderField is what rules can be ordered by.
type LinkRuleOrderField string

// The order fields of rules.
const (
	LinkRuleByLabel     LinkRuleOrderField = "LABEL"
	LinkRuleByCreatedAt LinkRuleOrderField = "CREATED_AT"
)
