package needle

import (
	"strconv"
	"time"

	"github.com/google/uuid"
)

// InboxKind is why something waits for a person.
type InboxKind string

// The kinds. The noun of the subject follows from the kind.
const (
	InboxSignOff          InboxKind = "SIGN_OFF"          // an objective
	InboxChangesRequested InboxKind = "CHANGES_REQUESTED" // a signature
	InboxMention          InboxKind = "MENTION"           // a comment
	InboxCheckIn          InboxKind = "CHECK_IN"          // a key result
	InboxSuggestion       InboxKind = "SUGGESTION"        // a suggestion
	InboxProposal         InboxKind = "PROPOSAL"          // a proposal
	InboxVote             InboxKind = "VOTE"              // a vote
	InboxIdeaDecided      InboxKind = "IDEA_DECIDED"      // an idea
)

// InboxItem is something that waits for a person. It is worked out from what is there and goes away once done.
type InboxItem struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	ID          InboxItemID `bun:"id,pk"`
	// UserID is whom it waits for.
	UserID UserID
	// Kind is why.
	Kind InboxKind
	// Subject is the UUID of what it is about; Kind tells the noun.
	Subject uuid.UUID
	// ObjectiveID is the objective concerned; nil when there is none.
	ObjectiveID *ObjectiveID
	// Since is when it began to wait; nobody is shown what begins to wait later.
	Since time.Time
	// ReadAt is when the person saw it; nil while they have not.
	ReadAt *time.Time
}

// IsNode marks InboxItem as a Node.
func (*InboxItem) IsNode() {}

// inboxPrefixes are what the ids of the subjects of each kind start with.
var inboxPrefixes = map[InboxKind]string{
	InboxSignOff: ObjectivePrefix, InboxChangesRequested: SignOffPrefix, InboxMention: CommentPrefix,
	InboxCheckIn: KeyResultPrefix, InboxSuggestion: SuggestionPrefix, InboxProposal: ProposalPrefix,
	InboxVote: VotePrefix, InboxIdeaDecided: IdeaPrefix,
}

// SubjectID returns the public id of what it is about.
func (i *InboxItem) SubjectID() string { return formatID(inboxPrefixes[i.Kind], i.Subject) }

// SentenceNames lists the public ids of what the Sentence names besides its subject, which is nil when it is gone.
func (i *InboxItem) SentenceNames(subject Node) []string {
	var ids []string
	if i.ObjectiveID != nil {
		ids = append(ids, i.ObjectiveID.String())
	}
	if author := authorOf(subject); author != nil {
		ids = append(ids, author.String())
	}
	if idea, ok := subject.(*Idea); ok && idea.ItemID != nil {
		ids = append(ids, idea.ItemID.String())
	}
	return append(ids, Whole(subject)...)
}

// authorOf returns who made something wait; nil when nobody did, or it is gone.
func authorOf(n Node) *UserID {
	switch n := n.(type) {
	case *SignOff:
		return &n.UserID
	case *Comment:
		return &n.CreatedBy
	case *Suggestion:
		return &n.CreatedBy
	case *Proposal:
		return &n.CreatedBy
	default:
		return nil
	}
}

// Sentence says in one plain sentence what waits at now. subject is what it is about, nil when it is gone; names are what
// SentenceNames asked for.
func (i *InboxItem) Sentence(subject Node, names Names, now time.Time) string {
	who, on := "Somebody", i.on(subject, names)
	if author := authorOf(subject); author != nil {
		who = capital(names.Of(author.String()))
	}
	switch i.Kind {
	case InboxSignOff:
		return "Sign off " + i.title(subject)
	case InboxChangesRequested:
		return who + " asks for changes of " + on
	case InboxMention:
		return who + " mentions you on " + on
	case InboxCheckIn:
		return capital(i.title(subject)) + " " + late(now.Sub(i.Since))
	case InboxSuggestion:
		return who + " suggests a change of " + on
	case InboxProposal:
		if p, ok := subject.(*Proposal); ok {
			return who + " proposes " + quoted(p.Title) + " for " + on
		}
		return who + " proposes a key result for " + on
	case InboxVote:
		if v, ok := subject.(*Vote); ok {
			return "Vote on " + on + ": " + short(v.Question, longestReason)
		}
		return "Vote on " + on
	case InboxIdeaDecided:
		return ideaDecided(subject, names)
	default:
		return "Something waits"
	}
}

// title is the subject's key and title, its noun when it is gone.
func (i *InboxItem) title(subject Node) string {
	if title := TitleOf(subject); title != "" {
		return title
	}
	return Names(nil).Of(i.SubjectID())
}

// on is what the subject belongs to, the objective concerned when the subject is gone.
func (i *InboxItem) on(subject Node, names Names) string {
	if whole := Whole(subject); len(whole) > 0 {
		return names.Of(whole[0])
	}
	if i.ObjectiveID != nil {
		return names.Of(i.ObjectiveID.String())
	}
	return "something"
}

// late says how long a check-in is overdue, in whole days.
func late(by time.Duration) string {
	switch days := int(by / (24 * time.Hour)); days {
	case 0:
		return "is due for a check-in"
	case 1:
		return "is 1 day overdue"
	default:
		return "is " + strconv.Itoa(days) + " days overdue"
	}
}

func ideaDecided(subject Node, names Names) string {
	idea, ok := subject.(*Idea)
	switch {
	case !ok:
		return "Your idea was decided on"
	case idea.ItemID != nil:
		return "Your idea " + quoted(idea.Title) + " became " + names.Of(idea.ItemID.String())
	default:
		return "Your idea " + quoted(idea.Title) + " was parked: " + short(idea.Reason, longestReason)
	}
}

// MarkInboxReadInput says that the viewer has seen things that wait for them.
type MarkInboxReadInput struct {
	IDs              []InboxItemID
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in MarkInboxReadInput) Validate() error { return inboxIDs(in.IDs) }

// MarkInboxUnreadInput says that the viewer wants to see things again.
type MarkInboxUnreadInput struct {
	IDs              []InboxItemID
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in MarkInboxUnreadInput) Validate() error { return inboxIDs(in.IDs) }

func inboxIDs(ids []InboxItemID) error {
	c := check{prefix: "input"}
	if len(ids) == 0 {
		c.add("ids", CodeRequired, "name at least one")
	}
	listed(&c, "ids", ids)
	return c.err()
}

// MarkAllInboxReadInput says that the viewer has seen everything that waits, or everything of some kinds.
type MarkAllInboxReadInput struct {
	// Kinds are what was seen; nil means all, and an empty list means none.
	Kinds            []InboxKind
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in MarkAllInboxReadInput) Validate() error {
	c := check{prefix: "input"}
	listed(&c, "kinds", in.Kinds)
	return c.err()
}

// InboxItemFilter narrows a list of what waits; all given parts must hold.
type InboxItemFilter struct {
	And         []*InboxItemFilter
	Or          []*InboxItemFilter
	Not         *InboxItemFilter
	Kind        *Comparator[InboxKind]
	ObjectiveID *Comparator[ObjectiveID]
	Since       *DateComparator
	// Read true keeps what the person has seen, false what they have not.
	Read *bool
}

// InboxItemOrderField is what things that wait can be ordered by.
type InboxItemOrderField string

// The order fields of what waits.
const (
	InboxItemBySince InboxItemOrderField = "SINCE"
	InboxItemByKind  InboxItemOrderField = "KIND"
)
