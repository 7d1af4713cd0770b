package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// CommentList asks for a list of comments.
type CommentList = needle.ListArgs[needle.CommentFilter, needle.CommentOrderField]

var comments = listing[needle.Comment, needle.CommentFilter, needle.CommentOrderField]{
	orders: map[needle.CommentOrderField]orderKey[needle.Comment]{
		needle.CommentByCreatedAt: byTime("created_at", func(r *needle.Comment) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.CommentByCreatedAt, needle.Asc),
	filter: commentFilter,
	id:     func(row *needle.Comment) uuid.UUID { return row.ID.UUID },
}

func commentFilter(w *where, f *needle.CommentFilter) {
	w.flag("resolved_at IS NOT NULL", f.Resolved)
	compare(w, "created_by", f.CreatedBy)
	w.date("created_at", f.CreatedAt)
	nest(w, f.And, f.Or, f.Not, commentFilter)
}

// opens is what tells comments that open a thread from replies.
const opens = "t.id = t.thread_id"

// CommentsBySubject reads one page of the threads about each of some objects, by the comments that opened them.
func (s Scope) CommentsBySubject(ctx context.Context, subjects []string, q CommentList) ([]*needle.Page[*needle.Comment], error) {
	return comments.pagesBy(ctx, s, relation{condition: "t.subject_id = k.id AND " + opens}, subjectKeys(subjects), q)
}

// CommentsByItem reads one page of the threads about each backlog item and about the idea that it was.
func (s Scope) CommentsByItem(ctx context.Context, items []needle.BacklogItemID, q CommentList) ([]*needle.Page[*needle.Comment], error) {
	ideas, err := s.ideasOfItems(ctx, items)
	if err != nil {
		return nil, err
	}
	subjects := make([]string, len(items))
	for i, id := range items {
		subjects[i] = strings.TrimSpace(id.String() + " " + ideas[id])
	}
	return comments.pagesBy(ctx, s, relation{condition: "t.subject_id = ANY(string_to_array(k.id, ' ')) AND " + opens}, subjectKeys(subjects), q)
}

// ideasOfItems finds the public ids of the ideas that became backlog items.
func (s Scope) ideasOfItems(ctx context.Context, items []needle.BacklogItemID) (map[needle.BacklogItemID]string, error) {
	found := map[needle.BacklogItemID]string{}
	err := s.each(ctx, "SELECT item_id, id FROM ideas WHERE workspace_id = ? AND item_id = ANY(?::uuid[])",
		[]any{s.workspace, uuids(raw(items))}, func(rows *sql.Rows) error {
			var item needle.BacklogItemID
			var idea needle.IdeaID
			err := rows.Scan(&item, &idea)
			found[item] = idea.String()
			return err
		})
	return found, err
}

// RepliesByThread reads one page of what was answered in the thread that each comment opened.
func (s Scope) RepliesByThread(ctx context.Context, threads []needle.CommentID, q CommentList) ([]*needle.Page[*needle.Comment], error) {
	return below(ctx, s, &comments, relation{condition: "t.thread_id = k.id AND NOT " + opens}, threads, q)
}

// CommentsByID reads comments; the answer lies parallel to ids, nil where there is none.
func (s Scope) CommentsByID(ctx context.Context, ids []needle.CommentID) ([]*needle.Comment, error) {
	return comments.byIDs(ctx, s, raw(ids))
}

// Comment reads one comment, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Comment(ctx context.Context, id needle.CommentID) (*needle.Comment, error) {
	return comments.one(ctx, s, id.UUID, "comment")
}

// InsertComment stores a new comment.
func (s Scope) InsertComment(ctx context.Context, row *needle.Comment) error {
	return s.insert(ctx, row)
}

// UpdateComment stores a changed comment. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateComment(ctx context.Context, row *needle.Comment) error {
	return s.update(ctx, row)
}

// InsertCommentEdit keeps what a comment said before it is edited.
func (s Scope) InsertCommentEdit(ctx context.Context, row *needle.CommentEdit) error {
	return s.insert(ctx, row)
}

// CommentEdits reads what many comments said before they were edited, oldest first; nothing of deleted ones.
func (s Scope) CommentEdits(ctx context.Context, ids []needle.CommentID) (map[needle.CommentID][]*needle.CommentEdit, error) {
	sh := shapeOf[needle.CommentEdit](nil)
	rows, err := readRows[needle.CommentEdit](ctx, s, sh, "SELECT "+sh.columns+` FROM comment_edits AS t
		JOIN comments AS c ON c.workspace_id = t.workspace_id AND c.id = t.comment_id AND c.deleted_at IS NULL
		WHERE t.workspace_id = ? AND t.comment_id = ANY(?::uuid[]) ORDER BY t.comment_id, t.version`,
		s.workspace, uuids(distinct(raw(ids))))
	out := make(map[needle.CommentID][]*needle.CommentEdit, len(ids))
	for _, e := range rows {
		out[e.CommentID] = append(out[e.CommentID], e)
	}
	return out, err
}

// SetMentions replaces whom a comment mentions; who is mentioned still was so from the first time on.
func (s Scope) SetMentions(ctx context.Context, id needle.CommentID, people []needle.UserID) error {
	if _, err := s.idb.ExecContext(ctx, `
		DELETE FROM comment_mentions WHERE workspace_id = ? AND comment_id = ? AND NOT user_id = ANY(?::uuid[])`,
		s.workspace, id, uuids(raw(people))); err != nil {
		return mapError(err)
	}
	_, err := s.idb.ExecContext(ctx, `
		INSERT INTO comment_mentions (workspace_id, comment_id, user_id, created_at)
		SELECT ?, ?, u, ? FROM unnest(?::uuid[]) AS u ON CONFLICT DO NOTHING`,
		s.workspace, id, s.Now(), uuids(distinct(raw(people))))
	return mapError(err)
}

// MentionsByComment reads the people whom many comments mention, by name.
func (s Scope) MentionsByComment(ctx context.Context, ids []needle.CommentID) (map[needle.CommentID][]*needle.User, error) {
	sh := shapeOf[needle.User](nil)
	var of needle.CommentID
	scanner := newScanner[needle.User](sh, &of)
	out := make(map[needle.CommentID][]*needle.User, len(ids))
	err := s.each(ctx, "SELECT m.comment_id, "+sh.columns+` FROM comment_mentions AS m
		JOIN users AS t ON t.workspace_id = m.workspace_id AND t.id = m.user_id
		WHERE m.workspace_id = ? AND m.comment_id = ANY(?::uuid[]) ORDER BY t.name, t.id`,
		[]any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
			u, err := scanner.next(rows)
			out[of] = append(out[of], u)
			return err
		})
	return out, err
}
