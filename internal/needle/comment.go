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
	// Body is what was said, in Markdown; empty once deleted.
	Body string
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
