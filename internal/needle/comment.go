package needle

import "time"

// Comment is what a person says about something: an objective, a key result, a proposal, a suggestion, a pain point, an
// idea or a backlog item. A thread is a comment and its replies.
type Comment struct {
	Stamp
	ID CommentID `bun:"id,pk"`
	// SubjectID is the public id of what it is about; its prefix tells the noun.
	SubjectID string
	// ObjectiveID is the objective concerned; nil when there is none.
	ObjectiveID *ObjectiveID
	// ThreadID is the comment that opened the thread; its own id when it did.
	ThreadID CommentID
	// Body is what was said, in Markdown; empty once deleted. It is left out of activities, or deleting it would not
	// take it back.
	Body string `json:"-"`
	// EditedAt is when Body last changed; nil when it never did. What it said before is kept.
	EditedAt *time.Time
	// DeletedAt is when its author took it back; nil while it stands.
	DeletedAt *time.Time
	// ResolvedAt is when the thread was settled; nil while it is not, and on replies.
	ResolvedAt *time.Time
	// ResolvedBy settled the thread.
	ResolvedBy *UserID
	// CreatedBy said it.
	CreatedBy UserID
}

// IsNode marks Comment as a Node.
func (*Comment) IsNode() {}

// Opens reports whether the comment opened its thread.
func (c *Comment) Opens() bool { return c.ID == c.ThreadID }

// Deleted reports whether its author took it back.
func (c *Comment) Deleted() bool { return c.DeletedAt != nil }

// Resolved reports whether the thread that the comment opened was settled; false for replies.
func (c *Comment) Resolved() bool { return c.ResolvedAt != nil }

// CanEdit reports whether the viewer may put other words into the comment: nobody but its author.
func (c *Comment) CanEdit(v Viewer) bool { return c.CreatedBy == v.UserID }

// CanDelete reports whether the viewer may take the comment away: its author, and who runs the workspace.
func (c *Comment) CanDelete(v Viewer) bool {
	return c.CanEdit(v) || !RoleAdmin.Outranks(v.Role)
}

// CommentSubject is something that can be commented on, and whom that concerns.
type CommentSubject struct {
	// ID is its public id.
	ID string
	// ObjectiveID is the objective concerned; nil when there is none.
	ObjectiveID *ObjectiveID
	// TeamID is the team concerned; nil when there is none.
	TeamID *TeamID
	// IdeaID is the idea that a backlog item was; its threads go on below the item. Nil for everything else.
	IdeaID *IdeaID
}

// commentable are the prefixes of what can be commented on.
var commentable = []string{
	ObjectivePrefix, KeyResultPrefix, ProposalPrefix, SuggestionPrefix, PainPointPrefix, IdeaPrefix, BacklogItemPrefix,
}

// CommentEdit is what a comment said before it was edited. It is never changed.
type CommentEdit struct {
	// WorkspaceID is the tenant.
	WorkspaceID WorkspaceID `bun:"workspace_id,pk"`
	CommentID   CommentID   `bun:"comment_id,pk"`
	// Version is the comment's when it said so.
	Version int `bun:"version,pk"`
	// Body is what it said.
	Body string
	// WrittenAt is when it began to say so.
	WrittenAt time.Time
	// RecordedAt is when it was edited.
	RecordedAt time.Time
}

// AddCommentInput says something about an object, in a thread of its own or in one that is there.
type AddCommentInput struct {
	SubjectID        string
	ThreadID         *CommentID
	Body             string
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in AddCommentInput) Validate() error {
	c := check{prefix: "input"}
	if !holds(commentable, IDPrefix(in.SubjectID)) {
		c.add("subjectId", CodeInvalidID, "this is not the id of something that can be commented on")
	}
	c.comment("body", in.Body)
	return c.err()
}

// EditCommentInput puts other words into a comment.
type EditCommentInput struct {
	ID               CommentID
	Body             string
	ExpectedVersion  *int
	ClientMutationID *string
}

// Validate returns Errors with the fields that break a rule.
func (in EditCommentInput) Validate() error {
	c := check{prefix: "input"}
	c.comment("body", in.Body)
	return c.err()
}

// comment demands words, and at most 100 mentions among them.
func (c *check) comment(field, body string) {
	c.text(field, body, MaxText)
	if len(Mentions(body)) > MaxFilterList {
		c.add(field, CodeOutOfRange, "a comment may mention at most 100 people")
	}
}

// DeleteCommentInput takes a comment back.
type DeleteCommentInput struct {
	ID               CommentID
	ExpectedVersion  *int
	ClientMutationID *string
}

// ResolveThreadInput settles a thread.
type ResolveThreadInput struct {
	// ID is the comment that opened it.
	ID               CommentID
	ExpectedVersion  *int
	ClientMutationID *string
}

// ReopenThreadInput says that a thread is not settled after all.
type ReopenThreadInput struct {
	// ID is the comment that opened it.
	ID               CommentID
	ExpectedVersion  *int
	ClientMutationID *string
}

// CommentFilter narrows a list of comments; all given parts must hold.
type CommentFilter struct {
	And []*CommentFilter
	Or  []*CommentFilter
	Not *CommentFilter
	// Resolved keeps threads that are settled, or those that are not.
	Resolved  *bool
	CreatedBy *Comparator[UserID]
	CreatedAt *DateComparator
}

// CommentOrderField is what comments can be ordered by.
type CommentOrderField string

// CommentByCreatedAt orders comments by when they were made.
const CommentByCreatedAt CommentOrderField = "CREATED_AT"
