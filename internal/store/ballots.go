package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// BallotList asks for a list of ballots.
type BallotList = needle.ListArgs[needle.BallotFilter, needle.BallotOrderField]

var ballots = listing[needle.Ballot, needle.BallotFilter, needle.BallotOrderField]{
	orders: map[needle.BallotOrderField]orderKey[needle.Ballot]{
		needle.BallotByValue:     {"value", "bigint", func(r *needle.Ballot) string { return strconv.Itoa(r.Value) }},
		needle.BallotByCreatedAt: byTime("created_at", func(r *needle.Ballot) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.BallotByCreatedAt, needle.Asc),
	filter: ballotFilter,
	id:     func(row *needle.Ballot) uuid.UUID { return row.ID.UUID },
}

func ballotFilter(w *where, f *needle.BallotFilter) {
	compare(w, "user_id", f.UserID)
	compare(w, "function", f.Function)
	w.number("value", f.Value)
	w.date("created_at", f.CreatedAt)
	nest(w, f.And, f.Or, f.Not, ballotFilter)
}

// Ballots of a hidden vote that is open are secret, even from owners: no method here returns one to anybody but the
// person who cast it, and none counts them by anything but their vote.

// shown is the condition that everybody may see a ballot; § stands for it.
const shown = `EXISTS (SELECT 1 FROM votes AS v WHERE v.workspace_id = §workspace_id AND v.id = §vote_id AND (v.state = 'CLOSED' OR NOT v.hidden))`

// ballotsSeenBy lists the ballots that a person may see. Whatever the caller's filter says is asked of these alone.
func ballotsSeenBy(viewer needle.UserID) *listing[needle.Ballot, needle.BallotFilter, needle.BallotOrderField] {
	seen := ballots
	seen.filter = func(w *where, f *needle.BallotFilter) {
		w.and("(§user_id = ? OR "+shown+")", viewer)
		ballotFilter(w, f)
	}
	return &seen
}

// BallotsByVote reads one page of the ballots of each vote that the viewer may see.
func (s Scope) BallotsByVote(ctx context.Context, viewer needle.UserID, parents []needle.VoteID, q BallotList) ([]*needle.Page[*needle.Ballot], error) {
	return below(ctx, s, ballotsSeenBy(viewer), relation{column: "t.vote_id"}, parents, q)
}

// BallotsByID reads ballots that the viewer may see; the answer lies parallel to ids, nil where there is none.
func (s Scope) BallotsByID(ctx context.Context, viewer needle.UserID, ids []needle.BallotID) ([]*needle.Ballot, error) {
	rows, err := s.readBallots(ctx, "§id = ANY(?::uuid[]) AND (§user_id = ? OR "+shown+")", uuids(distinct(raw(ids))), viewer)
	found := make(map[needle.BallotID]*needle.Ballot, len(rows))
	for _, b := range rows {
		found[b.ID] = b
	}
	out := make([]*needle.Ballot, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, err
}

// OwnBallots reads the viewer's ballot in each vote; votes without one are missing from the answer.
func (s Scope) OwnBallots(ctx context.Context, viewer needle.UserID, ids []needle.VoteID) (map[needle.VoteID]*needle.Ballot, error) {
	rows, err := s.readBallots(ctx, "§vote_id = ANY(?::uuid[]) AND §user_id = ?", uuids(distinct(raw(ids))), viewer)
	found := make(map[needle.VoteID]*needle.Ballot, len(rows))
	for _, b := range rows {
		found[b.VoteID] = b
	}
	return found, err
}

// ShownBallots reads all ballots of each vote, oldest first; votes that keep them hidden are missing from the answer.
func (s Scope) ShownBallots(ctx context.Context, ids []needle.VoteID) (map[needle.VoteID][]*needle.Ballot, error) {
	rows, err := s.readBallots(ctx, "§vote_id = ANY(?::uuid[]) AND "+shown, uuids(distinct(raw(ids))))
	found := make(map[needle.VoteID][]*needle.Ballot, len(ids))
	for _, b := range rows {
		found[b.VoteID] = append(found[b.VoteID], b)
	}
	return found, err
}

// readBallots reads ballots by a condition, oldest first.
func (s Scope) readBallots(ctx context.Context, condition string, args ...any) ([]*needle.Ballot, error) {
	w := newWhere("t", s.Now())
	w.and("§workspace_id = ?", s.workspace)
	w.and(condition, args...)
	sh := shapeOf[needle.Ballot](nil)
	return readRows[needle.Ballot](ctx, s, sh, "SELECT "+sh.columns+" FROM ballots AS t WHERE "+w.String()+" ORDER BY t.created_at, t.id", w.args...)
}

// Turnouts counts the ballots of each vote, hidden or not; votes without one are missing from the answer.
func (s Scope) Turnouts(ctx context.Context, ids []needle.VoteID) (map[needle.VoteID]int, error) {
	found := make(map[needle.VoteID]int, len(ids))
	err := s.each(ctx, "SELECT vote_id, count(*) FROM ballots WHERE workspace_id = ? AND vote_id = ANY(?::uuid[]) GROUP BY vote_id",
		[]any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
			var id needle.VoteID
			var n int
			err := rows.Scan(&id, &n)
			found[id] = n
			return err
		})
	return found, err
}

// SideOf returns the side a person speaks for in writing an objective; empty when they take no part in it.
func (s Scope) SideOf(ctx context.Context, user needle.UserID, objective needle.ObjectiveID) (needle.Function, error) {
	var side needle.Function
	err := s.idb.QueryRowContext(ctx, `
		SELECT function FROM participants WHERE workspace_id = ? AND objective_id = ? AND user_id = ? AND left_at IS NULL`,
		s.workspace, objective, user).Scan(&side)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return side, mapError(err)
}

// InsertBallot stores a new ballot.
func (s Scope) InsertBallot(ctx context.Context, row *needle.Ballot) error { return s.insert(ctx, row) }

// UpdateBallot stores a changed ballot. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateBallot(ctx context.Context, row *needle.Ballot) error { return s.update(ctx, row) }

// DeleteBallot removes a ballot: what was taken back before a vote closed is nobody's business afterwards.
func (s Scope) DeleteBallot(ctx context.Context, id needle.BallotID) error {
	_, err := s.idb.ExecContext(ctx, "DELETE FROM ballots WHERE workspace_id = ? AND id = ?", s.workspace, id)
	return mapError(err)
}
