package needle

import (
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// LinkRuleKind is what a link rule looks at.
type LinkRuleKind string

// The kinds of link rules.
const (
	// LinkByLabel compares the labels of an issue, whole and without case.
	LinkByLabel LinkRuleKind = "LABEL"
	// LinkByQuery asks the tracker in its own search language.
	LinkByQuery LinkRuleKind = "QUERY"
	// LinkByPath compares the key of an issue's source with a glob, without case.
	LinkByPath LinkRuleKind = "PATH"
	// LinkByEpic compares the keys and ids of all that lies above a piece of work, without case.
	LinkByEpic LinkRuleKind = "EPIC"
)

// MaxPattern bounds what a rule compares with, in characters; an index holds it.
const MaxPattern = 500

// LinkRule links the work that it covers to a key result.
type LinkRule struct {
	Stamp
	ID LinkRuleID `bun:"id,pk"`
	// ConnectionID narrows it to one tracker; nil covers all. A QUERY always has one.
	ConnectionID *ConnectionID
	// Kind is what it looks at.
	Kind LinkRuleKind
	// Pattern is what it compares with: a label, a text in the tracker's search language, a glob, or a key or id.
	Pattern string
	// KeyResultID is what such work serves.
	KeyResultID KeyResultID
	// Bet is how such work serves it, and what is expected of each piece.
	Bet
	// Enabled false ends the links it made.
	Enabled bool
	// CreatedBy wrote it.
	CreatedBy UserID
	// StateReason says why the tracker does not answer a QUERY, in words a person can act on; empty when all is well.
	StateReason string
	// EvaluatedAt is when all that it covers was last linked by it, and for a QUERY when the tracker was last asked; nil
	// while a change of it is still on its way.
	EvaluatedAt *time.Time
	// DeletedAt is when somebody took it away; nil while it is there. The history of links still names it.
	DeletedAt *time.Time
}

// IsNode marks LinkRule as a Node.
func (*LinkRule) IsNode() {}

// Validate returns Errors for what no rule can say; paths start with prefix.
func (r *LinkRule) Validate(prefix string) error {
	c := check{prefix: prefix}
	c.text("pattern", r.Pattern, MaxPattern)
	if r.Kind == LinkByPath && len(c.errs) == 0 {
		c.glob("pattern", r.Pattern)
	}
	if r.Kind == LinkByQuery && r.ConnectionID == nil {
		c.add("connectionId", CodeRequired, "a query is asked at one tracker; say at which")
	}
	bet := prefix
	if bet != "" {
		bet += "."
	}
	if err := r.Bet.Validate(bet + "bet"); err != nil {
		c.errs = append(c.errs, UserErrors(err)...)
	}
	if r.Role == RoleLearns && r.ExpectedLow != nil {
		c.add("bet.expectedLow", CodeInvalid, "work that learns is not expected to move the key result; leave the range out")
	}
	return c.err()
}

// CleanPattern is a pattern as it is kept: without what the database cannot hold and without blanks around it.
func CleanPattern(pattern string) string { return strings.TrimSpace(Clean(pattern)) }

// CreateLinkRuleInput writes a rule; it links what is there already and what comes.
type CreateLinkRuleInput struct {
	ConnectionID     *ConnectionID
	Kind             *LinkRuleKind
	Pattern          string
	KeyResultID      KeyResultID
	Bet              *BetInput
	ClientMutationID *string
}

// Rule returns the rule that the input describes, cleaned, with nothing but what a caller says.
func (in CreateLinkRuleInput) Rule() *LinkRule {
	return &LinkRule{
		ConnectionID: in.ConnectionID, Kind: *or(in.Kind, new(LinkByLabel)), Pattern: CleanPattern(in.Pattern),
		KeyResultID: in.KeyResultID, Bet: cleanBet(in.Bet), Enabled: true,
	}
}

// Validate returns Errors with the fields that break a rule.
func (in CreateLinkRuleInput) Validate() error { return in.Rule().Validate("input") }

// UpdateLinkRuleInput changes a rule; absent fields stay, null widens it to every connection.
type UpdateLinkRuleInput struct {
	ID               LinkRuleID
	ConnectionID     graphql.Omittable[*ConnectionID]
	Pattern          *string
	KeyResultID      *KeyResultID
	Bet              *BetInput
	Enabled          *bool
	ExpectedVersion  *int
	ClientMutationID *string
}

// Change makes a rule what the input says.
func (in UpdateLinkRuleInput) Change(r *LinkRule) {
	if v, ok := in.ConnectionID.ValueOK(); ok {
		r.ConnectionID = v
	}
	if in.Pattern != nil {
		r.Pattern = CleanPattern(*in.Pattern)
	}
	if in.KeyResultID != nil {
		r.KeyResultID = *in.KeyResultID
	}
	if in.Bet != nil {
		r.Bet = cleanBet(in.Bet)
	}
	if in.Enabled != nil {
		r.Enabled = *in.Enabled
	}
}

// DeleteLinkRuleInput takes a rule away and ends the links it made.
type DeleteLinkRuleInput struct {
	ID               LinkRuleID
	ExpectedVersion  *int
	ClientMutationID *string
}

// PreviewLinkRuleInput describes a rule that is not written, or a change of one that is.
type PreviewLinkRuleInput struct {
	// ID is the rule that would be changed; nil for a new one.
	ID           *LinkRuleID
	ConnectionID *ConnectionID
	Kind         *LinkRuleKind
	Pattern      string
	KeyResultID  KeyResultID
	Bet          *BetInput
}

// Rule returns the rule that the input describes.
func (in PreviewLinkRuleInput) Rule() *LinkRule {
	return CreateLinkRuleInput{
		ConnectionID: in.ConnectionID, Kind: in.Kind, Pattern: in.Pattern, KeyResultID: in.KeyResultID, Bet: in.Bet,
	}.Rule()
}

func cleanBet(in *BetInput) Bet {
	bet := deref(in).Bet()
	bet.Note = Clean(bet.Note)
	return bet
}

// LinkEffect is what a rule would do to one piece of work.
type LinkEffect string

// The effects of a rule.
const (
	// EffectLinks: there is no link, and there would be one.
	EffectLinks LinkEffect = "LINKS"
	// EffectChanges: there is a link, and it would say something else or be somebody else's.
	EffectChanges LinkEffect = "CHANGES"
	// EffectEnds: there is a link, and it would end.
	EffectEnds LinkEffect = "ENDS"
	// EffectStays: the link is already as the rule would make it.
	EffectStays LinkEffect = "STAYS"
	// EffectLeaves: the rule covers it, and something stronger decides.
	EffectLeaves LinkEffect = "LEAVES"
)

// LinkObstacle is what keeps a rule from linking work that it covers.
type LinkObstacle string

// The obstacles.
const (
	// ObstaclePersonLinked: a person linked the two.
	ObstaclePersonLinked LinkObstacle = "PERSON_LINKED"
	// ObstaclePersonUnlinked: a person ended the link.
	ObstaclePersonUnlinked LinkObstacle = "PERSON_UNLINKED"
	// ObstacleText: the text of the issue declares the link.
	ObstacleText LinkObstacle = "TEXT"
	// ObstacleRule: a narrower or older rule covers the two.
	ObstacleRule LinkObstacle = "RULE"
)

// LinkRulePreview is what a rule would do.
type LinkRulePreview struct {
	// Counts of pieces of work, by what would happen to their link. Links, Changes and Ends count what is inherited from
	// epics, too.
	Covered, Links, Changes, Ends, Stays, Leaves int
	// Items is one page of them, by key, those that stay as they are left out.
	Items []*PreviewedLink
	// PageInfo tells what lies before and after.
	PageInfo *PageInfo
}

// PreviewedLink is what a rule would do to one piece of work.
type PreviewedLink struct {
	// ItemID is the work.
	ItemID BacklogItemID
	// KeyResultID is what the link serves.
	KeyResultID KeyResultID
	// Number is the counter in the item's key.
	Number int
	// Effect is what would happen.
	Effect LinkEffect
	// Origin is what the link would come from; nil unless there would be one by the rule, or inherited.
	Origin *Origin
	// Obstacle is what keeps the rule from it; nil unless Effect is LEAVES.
	Obstacle *LinkObstacle
	// RuleID is the rule that stands in the way; nil unless Obstacle is RULE.
	RuleID *LinkRuleID
}

// LinkRuleConflict is another rule that covers the same work for the same key result and says something else of it.
type LinkRuleConflict struct {
	// OtherID is the other rule.
	OtherID LinkRuleID
	// Items is how many pieces of work both cover.
	Items int
	// Wins is true when the rule asked about goes before the other.
	Wins bool
}

// LinkRuleFilter narrows a list of rules; all given parts must hold.
type LinkRuleFilter struct {
	And         []*LinkRuleFilter
	Or          []*LinkRuleFilter
	Not         *LinkRuleFilter
	KeyResultID *Comparator[KeyResultID]
	Kind        *Comparator[LinkRuleKind]
	Pattern     *StringComparator
	Enabled     *bool
}

// LinkRuleOrderField is what rules can be ordered by.
type LinkRuleOrderField string

// The order fields of rules.
const (
	LinkRuleByPattern   LinkRuleOrderField = "PATTERN"
	LinkRuleByCreatedAt LinkRuleOrderField = "CREATED_AT"
)
