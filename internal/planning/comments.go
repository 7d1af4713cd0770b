package planning

import (
	"context"
	"strings"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// AddComment says something about an object of the workspace, in a thread of its own or in one that is there. A reply to
// a reply goes to its thread, and a reply in a thread that was settled reopens it. Whoever the comment mentions is
// stored with it; people whom nobody knows answer INVALID.
func (p *Planner) AddComment(ctx context.Context, in needle.AddCommentInput) (*needle.Comment, error) {
	var c *needle.Comment
	err := p.change(ctx, needle.ActComment, in, func(ctx context.Context, a act) error {
		subject, err := a.CommentSubject(ctx, in.SubjectID)
		if err != nil {
			return onto("input.subjectId", err)
		}
		if subject.ObjectiveID != nil && subject.TeamID != nil {
			if err := a.join(ctx, &needle.Objective{ID: *subject.ObjectiveID, TeamID: *subject.TeamID}, a.viewer); err != nil {
				return err
			}
		}
		c = &needle.Comment{
			Stamp: a.Stamp(), ID: needle.NewCommentID(), SubjectID: subject.ID, ObjectiveID: subject.ObjectiveID,
			Body: needle.Clean(in.Body), CreatedBy: a.viewer.UserID,
		}
		c.ThreadID = c.ID
		var thread *needle.Comment
		if in.ThreadID != nil {
			if thread, err = a.thread(ctx, *in.ThreadID, subject); err != nil {
				return err
			}
			c.ThreadID, c.SubjectID = thread.ID, thread.SubjectID
		}
		if err := a.InsertComment(ctx, c); err != nil {
			return err
		}
		if err := a.mention(ctx, c); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbCreated, c.ID, nil, c, about{subject.TeamID, subject.ObjectiveID}); err != nil {
			return err
		}
		if thread == nil || !thread.Resolved() {
			return nil
		}
		return a.settleThread(ctx, thread, nil)
	})
	return c, err
}

// EditComment puts other words into one's own comment; what it said before is kept. Whom it mentions follows.
func (p *Planner) EditComment(ctx context.Context, in needle.EditCommentInput) (*needle.Comment, error) {
	var c *needle.Comment
	err := p.change(ctx, needle.ActComment, in, func(ctx context.Context, a act) error {
		var err error
		if c, err = a.comment(ctx, in.ID, in.ExpectedVersion); err != nil {
			return err
		}
		if !c.CanEdit(a.viewer) {
			return needle.Invalid("input.id", needle.CodeForbidden, "you may edit your own comments only")
		}
		if c.Deleted() {
			return needle.Conflict("input.id", "this comment was deleted")
		}
		body := needle.Clean(in.Body)
		if body == c.Body {
			return needle.Invalid("input.body", needle.CodeInvalid, "this is what the comment says already")
		}
		before, now := *c, a.Now()
		edit := &needle.CommentEdit{
			WorkspaceID: a.WorkspaceID(), CommentID: c.ID, Version: c.Version, Body: c.Body,
			WrittenAt: or(c.EditedAt, c.CreatedAt), RecordedAt: now,
		}
		c.Body, c.EditedAt = body, &now
		if err := a.InsertCommentEdit(ctx, edit); err != nil {
			return err
		}
		if err := a.UpdateComment(ctx, c); err != nil {
			return err
		}
		if err := a.mention(ctx, c); err != nil {
			return err
		}
		return a.recordComment(ctx, needle.VerbUpdated, before, c)
	})
	return c, err
}

// DeleteComment takes a comment back: its author's, or anybody's for who runs the workspace. Its words are gone, its
// place in the thread stays.
func (p *Planner) DeleteComment(ctx context.Context, in needle.DeleteCommentInput) (*needle.Comment, error) {
	var c *needle.Comment
	err := p.change(ctx, needle.ActComment, nil, func(ctx context.Context, a act) error {
		var err error
		if c, err = a.comment(ctx, in.ID, in.ExpectedVersion); err != nil {
			return err
		}
		if !c.CanDelete(a.viewer) {
			return needle.Invalid("input.id", needle.CodeForbidden, "you may delete your own comments only")
		}
		if c.Deleted() {
			return needle.Conflict("input.id", "this comment was deleted already")
		}
		before, now := *c, a.Now()
		c.Body, c.DeletedAt = "", &now
		if err := a.UpdateComment(ctx, c); err != nil {
			return err
		}
		if err := a.mention(ctx, c); err != nil {
			return err
		}
		return a.recordComment(ctx, needle.VerbDeleted, before, c)
	})
	return c, err
}

// ResolveThread settles a thread. One that is settled answers CONFLICT.
func (p *Planner) ResolveThread(ctx context.Context, in needle.ResolveThreadInput) (*needle.Comment, error) {
	return p.moveThread(ctx, in.ID, in.ExpectedVersion, true)
}

// ReopenThread says that a thread is not settled after all. One that is open answers CONFLICT.
func (p *Planner) ReopenThread(ctx context.Context, in needle.ReopenThreadInput) (*needle.Comment, error) {
	return p.moveThread(ctx, in.ID, in.ExpectedVersion, false)
}

func (p *Planner) moveThread(ctx context.Context, id needle.CommentID, expected *int, resolved bool) (*needle.Comment, error) {
	var c *needle.Comment
	err := p.change(ctx, needle.ActComment, nil, func(ctx context.Context, a act) error {
		var err error
		if c, err = a.comment(ctx, id, expected); err != nil {
			return err
		}
		switch {
		case !c.Opens():
			return needle.Invalid("input.id", needle.CodeInvalid, "this is a reply; a thread is settled by the comment that opened it")
		case resolved && c.Resolved():
			return needle.Conflict("input.id", "this thread is resolved already")
		case !resolved && !c.Resolved():
			return needle.Conflict("input.id", "this thread is open already")
		case !resolved:
			return a.settleThread(ctx, c, nil)
		}
		now := a.Now()
		return a.settleThread(ctx, c, &now)
	})
	return c, err
}

// settleThread resolves a thread at an instant, or reopens it when there is none.
func (a act) settleThread(ctx context.Context, c *needle.Comment, at *time.Time) error {
	before := *c
	c.ResolvedAt, c.ResolvedBy = at, nil
	if at != nil {
		c.ResolvedBy = &a.viewer.UserID
	}
	if err := a.UpdateComment(ctx, c); err != nil {
		return err
	}
	return a.recordComment(ctx, needle.VerbMoved, before, c)
}

// comment reads a comment that is about to change.
func (a act) comment(ctx context.Context, id needle.CommentID, expected *int) (*needle.Comment, error) {
	c, err := a.Comment(ctx, id)
	if err != nil {
		return nil, at("input.id", err)
	}
	return c, current(c.Version, expected)
}

// thread finds the comment that opened the thread of a comment. It must be about the subject, or about the idea that
// the subject was.
func (a act) thread(ctx context.Context, id needle.CommentID, subject *needle.CommentSubject) (*needle.Comment, error) {
	const field = "input.threadId"
	c, err := a.Comment(ctx, id)
	if err != nil {
		return nil, at(field, err)
	}
	if !c.Opens() {
		if c, err = a.Comment(ctx, c.ThreadID); err != nil {
			return nil, err
		}
	}
	if c.SubjectID != subject.ID && (subject.IdeaID == nil || c.SubjectID != subject.IdeaID.String()) {
		return nil, needle.Invalid(field, needle.CodeInvalid, "this thread is about something else")
	}
	return c, nil
}

// mention stores whom a comment mentions. People whom nobody knows answer INVALID with their names.
func (a act) mention(ctx context.Context, c *needle.Comment) error {
	mentions := needle.Mentions(c.Body)
	ids := make([]needle.UserID, len(mentions))
	for i, m := range mentions {
		ids[i] = m.UserID
	}
	people, err := a.UsersByID(ctx, ids)
	if err != nil {
		return err
	}
	var unknown []string
	for i, u := range people {
		if u == nil {
			unknown = append(unknown, "@"+mentions[i].Name)
		}
	}
	if len(unknown) > 0 {
		return needle.Invalid("input.body", needle.CodeInvalid, "this mentions people who are not in the workspace: "+strings.Join(unknown, ", "))
	}
	return a.SetMentions(ctx, c.ID, ids)
}

// recordComment records a change of a comment, as what concerns the team and the objective of its subject.
func (a act) recordComment(ctx context.Context, verb needle.Verb, before any, c *needle.Comment) error {
	subject, err := a.CommentSubject(ctx, c.SubjectID)
	if err != nil {
		return err
	}
	return a.record(ctx, verb, c.ID, before, c, about{subject.TeamID, subject.ObjectiveID})
}
