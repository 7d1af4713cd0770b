package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// What trackers remember of issues is asked for only where it matters, one issue at a time, so who wants it is noted on
// the issue: a pass that dies, or that is told to wait, loses nothing.

// serves tells issues i whose item serves a key result.
const serves = `EXISTS (SELECT 1 FROM backlog_items AS b JOIN contributions AS c ON c.workspace_id = b.workspace_id AND c.item_id = b.id
	WHERE b.workspace_id = i.workspace_id AND b.issue_id = i.id AND c.valid_to IS NULL)`

// WantHistories notes that the histories of those issues are wanted whose items serve a key result.
func (s Scope) WantHistories(ctx context.Context, issues []needle.IssueID) error {
	if len(issues) == 0 {
		return nil
	}
	_, err := s.idb.ExecContext(ctx, `UPDATE issues AS i SET history_wanted_at = ? WHERE i.workspace_id = ? AND i.id = ANY(?::uuid[]) AND `+serves,
		s.Now(), s.workspace, uuids(distinct(raw(issues))))
	return mapError(err)
}

// WantMissedHistories notes that the histories of issues are wanted that are done, that were linked since, and that were
// never asked for theirs.
func (s Scope) WantMissedHistories(ctx context.Context, connection needle.ConnectionID) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE issues AS i SET history_wanted_at = ?0
		WHERE i.workspace_id = ?1 AND i.connection_id = ?2 AND i.status = 'DONE' AND i.gone_at IS NULL AND i.history_wanted_at IS NULL
			AND i.id IN (SELECT b.issue_id FROM contributions AS c
				JOIN backlog_items AS b ON b.workspace_id = c.workspace_id AND b.id = c.item_id
				WHERE c.workspace_id = ?1 AND c.valid_to IS NULL AND b.issue_id IS NOT NULL)
			AND NOT EXISTS (SELECT 1 FROM issue_histories AS h WHERE h.workspace_id = i.workspace_id AND h.issue_id = i.id)`,
		s.Now(), s.workspace, connection)
	return mapError(err)
}

// WantedHistory is an issue whose history is wanted.
type WantedHistory struct {
	IssueID             needle.IssueID
	RemoteID, RemoteKey string
	// Since is when it was wanted last.
	Since time.Time
}

// WantedHistories lists up to limit issues of a connection whose histories are wanted, longest wanted first.
func (s Scope) WantedHistories(ctx context.Context, connection needle.ConnectionID, limit int) ([]WantedHistory, error) {
	var out []WantedHistory
	err := s.each(ctx, `
		SELECT id, remote_id, remote_key, history_wanted_at FROM issues
		WHERE workspace_id = ? AND connection_id = ? AND history_wanted_at IS NOT NULL ORDER BY history_wanted_at, id LIMIT ?`,
		[]any{s.workspace, connection, limit}, func(r *sql.Rows) error {
			var w WantedHistory
			err := r.Scan(&w.IssueID, &w.RemoteID, &w.RemoteKey, &w.Since)
			out = append(out, w)
			return err
		})
	return out, err
}

// WantedHistory reads whether the history of an issue is wanted; nil when it is not.
func (s Scope) WantedHistory(ctx context.Context, issue needle.IssueID) (*WantedHistory, error) {
	var out *WantedHistory
	err := s.each(ctx, `SELECT id, remote_id, remote_key, history_wanted_at FROM issues
		WHERE workspace_id = ? AND id = ? AND history_wanted_at IS NOT NULL`, []any{s.workspace, issue}, func(r *sql.Rows) error {
		out = new(WantedHistory)
		return r.Scan(&out.IssueID, &out.RemoteID, &out.RemoteKey, &out.Since)
	})
	return out, err
}

// SettleHistory notes that a wanted history was read, or cannot be; one that was wanted again since stays wanted.
func (s Scope) SettleHistory(ctx context.Context, w WantedHistory) error {
	_, err := s.idb.ExecContext(ctx, `UPDATE issues SET history_wanted_at = NULL WHERE workspace_id = ? AND id = ? AND history_wanted_at = ?`,
		s.workspace, w.IssueID, w.Since)
	return mapError(err)
}

// PostponeHistory puts a wanted history behind the others.
func (s Scope) PostponeHistory(ctx context.Context, w WantedHistory) error {
	_, err := s.idb.ExecContext(ctx, `UPDATE issues SET history_wanted_at = ? WHERE workspace_id = ? AND id = ? AND history_wanted_at IS NOT NULL`,
		s.Now(), s.workspace, w.IssueID)
	return mapError(err)
}

// SaveHistory stores what a tracker remembers of an issue, in place of what it told before.
func (s Scope) SaveHistory(ctx context.Context, issue needle.IssueID, steps []needle.StateChange) error {
	if steps == nil {
		steps = []needle.StateChange{}
	}
	text, err := json.Marshal(steps)
	if err != nil {
		return fmt.Errorf("encoding a history: %w", err)
	}
	return s.plain(ctx, `
		INSERT INTO issue_histories (workspace_id, issue_id, steps, read_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace_id, issue_id) DO UPDATE SET steps = EXCLUDED.steps, read_at = EXCLUDED.read_at`,
		[]any{s.workspace, issue, string(text), s.Now()}, func(*sql.Rows) error { return nil })
}

// HistoriesOf reads what trackers remember of issues; issues that were never asked for are missing from the answer.
func (s Scope) HistoriesOf(ctx context.Context, issues []needle.IssueID) (map[needle.IssueID][]needle.StateChange, error) {
	out := map[needle.IssueID][]needle.StateChange{}
	err := s.each(ctx, `SELECT issue_id, steps FROM issue_histories WHERE workspace_id = ? AND issue_id = ANY(?::uuid[])`,
		[]any{s.workspace, uuids(distinct(raw(issues)))}, func(r *sql.Rows) error {
			var id needle.IssueID
			var text []byte
			if err := r.Scan(&id, &text); err != nil {
				return err
			}
			steps := []needle.StateChange{}
			err := json.Unmarshal(text, &steps)
			out[id] = steps
			return err
		})
	return out, err
}

// MoveID is the place of a move in the history of its item.
type MoveID = uuid.UUID

// Move is a move of an item that holds, with its place in the history.
type Move struct {
	ID MoveID
	needle.ItemTransition
}

// holds tells transitions m that were not found to have been otherwise.
const holds = `NOT EXISTS (SELECT 1 FROM superseded_transitions AS x WHERE x.workspace_id = m.workspace_id AND x.transition_id = m.id)`

// MovesOf reads the moves of items that hold, oldest first.
func (s Scope) MovesOf(ctx context.Context, items []needle.BacklogItemID) (map[needle.BacklogItemID][]Move, error) {
	out := make(map[needle.BacklogItemID][]Move, len(items))
	err := s.each(ctx, `
		SELECT m.id, m.item_id, m.from_status, m.to_status, m.occurred_at, m.recorded_at FROM item_transitions AS m
		WHERE m.workspace_id = ? AND m.item_id = ANY(?::uuid[]) AND `+holds+`
		ORDER BY m.item_id, m.occurred_at, m.recorded_at, m.id`,
		[]any{s.workspace, uuids(distinct(raw(items)))}, func(r *sql.Rows) error {
			var m Move
			err := r.Scan(&m.ID, &m.ItemID, &m.From, &m.To, &m.OccurredAt, &m.RecordedAt)
			out[m.ItemID] = append(out[m.ItemID], m)
			return err
		})
	return out, err
}

// SupersedeMoves notes that moves turned out to have been otherwise, at the instant at which those in their place are
// recorded: at no instant are both known. They stay in the history, for what was believed.
func (s Scope) SupersedeMoves(ctx context.Context, moves []MoveID, at time.Time) error {
	if len(moves) == 0 {
		return nil
	}
	texts := make([]string, len(moves))
	for i, id := range moves {
		texts[i] = id.String()
	}
	return s.plain(ctx, `INSERT INTO superseded_transitions (workspace_id, transition_id, superseded_at)
		SELECT $1, n.id, $2 FROM unnest($3::uuid[]) AS n(id)`,
		[]any{s.workspace, at, pq.Array(texts)}, func(*sql.Rows) error { return nil })
}
