package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// VoteList asks for a list of votes.
type VoteList = needle.ListArgs[needle.VoteFilter, needle.VoteOrderField]

var votes = listing[needle.Vote, needle.VoteFilter, needle.VoteOrderField]{
	orders: map[needle.VoteOrderField]orderKey[needle.Vote]{
		needle.VoteByCreatedAt: byTime("created_at", func(r *needle.Vote) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.VoteByCreatedAt, needle.Desc),
	filter: voteFilter,
	id:     func(row *needle.Vote) uuid.UUID { return row.ID.UUID },
}

func voteFilter(w *where, f *needle.VoteFilter) {
	compare(w, "id", f.ID)
	w.text("subject_id", f.SubjectID)
	compare(w, "objective_id", f.ObjectiveID)
	compare(w, "state", f.State)
	w.flag("hidden", f.Hidden)
	compare(w, "created_by", f.CreatedBy)
	w.date("created_at", f.CreatedAt)
	w.date("closed_at", f.ClosedAt)
	nest(w, f.And, f.Or, f.Not, voteFilter)
}

// Votes reads one page of votes. Malformed arguments answer coded Errors.
func (s Scope) Votes(ctx context.Context, q VoteList) (*needle.Page[*needle.Vote], error) {
	return votes.page(ctx, s, q)
}

// VotesBySubject reads one page of votes about each object, which are given by their public ids.
func (s Scope) VotesBySubject(ctx context.Context, subjects []string, q VoteList) ([]*needle.Page[*needle.Vote], error) {
	return votes.pagesBy(ctx, s, relation{column: "t.subject_id"}, subjectKeys(subjects), q)
}

// FirstVotes reads the oldest vote about each object; objects without one are missing from the answer.
func (s Scope) FirstVotes(ctx context.Context, subjects []string) (map[string]*needle.Vote, error) {
	sh := shapeOf[needle.Vote](nil)
	rows, err := readRows[needle.Vote](ctx, s, sh, "SELECT DISTINCT ON (t.subject_id) "+sh.columns+
		" FROM votes AS t WHERE t.workspace_id = ? AND t.subject_id = ANY(?::text[]) ORDER BY t.subject_id, t.created_at, t.id",
		s.workspace, subjectKeys(subjects).array)
	found := make(map[string]*needle.Vote, len(rows))
	for _, v := range rows {
		found[v.SubjectID] = v
	}
	return found, err
}

// VotesByID reads votes; the answer lies parallel to ids, nil where there is none.
func (s Scope) VotesByID(ctx context.Context, ids []needle.VoteID) ([]*needle.Vote, error) {
	return votes.byIDs(ctx, s, raw(ids))
}

// Vote reads one vote, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Vote(ctx context.Context, id needle.VoteID) (*needle.Vote, error) {
	return votes.one(ctx, s, id.UUID, "vote")
}

// InsertVote stores a new vote. It answers CONFLICT when one about the same thing is open.
func (s Scope) InsertVote(ctx context.Context, row *needle.Vote) error { return s.insert(ctx, row) }

// UpdateVote stores a changed vote. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateVote(ctx context.Context, row *needle.Vote) error { return s.update(ctx, row) }
