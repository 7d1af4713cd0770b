package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// Backlog items that mirror issues are read and written a page at a time, in a constant number of statements.

// MirrorsOf reads, and inside a transaction holds, the item that mirrors each issue; issues without one are missing
// from the answer.
func (s Scope) MirrorsOf(ctx context.Context, ids []needle.IssueID) (map[needle.IssueID]*needle.BacklogItem, error) {
	sh := shapeOf[needle.BacklogItem](nil)
	rows, err := readRows[needle.BacklogItem](ctx, s, sh, "SELECT "+sh.columns+
		" FROM backlog_items AS t WHERE t.workspace_id = ? AND t.issue_id = ANY(?::uuid[]) ORDER BY t.id"+s.lockClause(),
		s.workspace, uuids(distinct(raw(ids))))
	found := make(map[needle.IssueID]*needle.BacklogItem, len(rows))
	for _, item := range rows {
		found[*item.IssueID] = item
	}
	return found, err
}

// NextNumbers counts a people's key up by n and returns the first of the n numbers; they follow each other.
func (s Scope) NextNumbers(ctx context.Context, letters string, n int) (int, error) {
	var last int
	err := s.idb.QueryRowContext(ctx, `
		INSERT INTO counters (workspace_id, letters, value) VALUES (?, ?, ?)
		ON CONFLICT (workspace_id, letters) DO UPDATE SET value = counters.value + EXCLUDED.value
		RETURNING value`, s.workspace, letters, n).Scan(&last)
	return last - n + 1, mapError(err)
}

// InsertMirrors stores new items that mirror issues and returns the ids of those that were stored: an issue that
// somebody else mirrored at the same moment keeps the item it has.
func (s Scope) InsertMirrors(ctx context.Context, items []*needle.BacklogItem) (map[needle.BacklogItemID]bool, error) {
	stored := make(map[needle.BacklogItemID]bool, len(items))
	if len(items) == 0 {
		return stored, nil
	}
	now := s.Now()
	var ids, teams, issues, titles, descriptions, statuses, stages []string
	var numbers []int64
	var efforts []sql.NullFloat64
	var started, delivered []sql.NullString
	for _, b := range items {
		if b.IssueID == nil {
			return nil, fmt.Errorf("mirroring an issue: item %s has none", b.Key())
		}
		ids, teams, issues = append(ids, b.ID.Raw().String()), append(teams, b.TeamID.Raw().String()), append(issues, b.IssueID.Raw().String())
		numbers, titles, descriptions = append(numbers, int64(b.Number)), append(titles, b.Title), append(descriptions, b.Description)
		statuses, stages = append(statuses, string(b.Status)), append(stages, string(b.Stage))
		var effort sql.NullFloat64
		if b.Effort != nil {
			effort = sql.NullFloat64{Float64: *b.Effort, Valid: true}
		}
		efforts = append(efforts, effort)
		started, delivered = append(started, nullInstant(b.StartedAt)), append(delivered, nullInstant(b.DeliveredAt))
	}
	err := s.plain(ctx, `
		INSERT INTO backlog_items (workspace_id, id, number, team_id, issue_id, title, description, status, stage, effort,
			started_at, delivered_at, created_at, updated_at, version)
		SELECT $1, n.*, $2, $2, 1
		FROM unnest($3::uuid[], $4::int[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[], $11::float8[],
			$12::timestamptz[], $13::timestamptz[]) AS n
		ON CONFLICT (workspace_id, issue_id) DO NOTHING
		RETURNING id`,
		[]any{
			s.workspace, now, pq.Array(ids), pq.Array(numbers), pq.Array(teams), pq.Array(issues), pq.Array(titles), pq.Array(descriptions),
			pq.Array(statuses), pq.Array(stages), pq.Array(efforts), pq.Array(started), pq.Array(delivered),
		}, func(r *sql.Rows) error {
			var id needle.BacklogItemID
			err := r.Scan(&id)
			stored[id] = true
			return err
		})
	return stored, err
}

// UpdateMirrors stores what follows from the issues of items read by MirrorsOf: text, status, stage and the two times.
func (s Scope) UpdateMirrors(ctx context.Context, items []*needle.BacklogItem) error {
	if len(items) == 0 {
		return nil
	}
	var ids, titles, descriptions, statuses, stages []string
	var started, delivered []sql.NullString
	for _, b := range items {
		ids, titles, descriptions = append(ids, b.ID.Raw().String()), append(titles, b.Title), append(descriptions, b.Description)
		statuses, stages = append(statuses, string(b.Status)), append(stages, string(b.Stage))
		started, delivered = append(started, nullInstant(b.StartedAt)), append(delivered, nullInstant(b.DeliveredAt))
	}
	return s.plain(ctx, `
		UPDATE backlog_items AS b SET title = n.title, description = n.description, status = n.status, stage = n.stage,
			started_at = n.started_at, delivered_at = n.delivered_at, updated_at = $2, version = b.version + 1
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[])
			AS n(id, title, description, status, stage, started_at, delivered_at)
		WHERE b.workspace_id = $1 AND b.id = n.id`,
		[]any{
			s.workspace, s.Now(), pq.Array(ids), pq.Array(titles), pq.Array(descriptions), pq.Array(statuses), pq.Array(stages),
			pq.Array(started), pq.Array(delivered),
		}, func(*sql.Rows) error { return nil })
}

// AppendTransitions adds moves to the histories of items.
func (s Scope) AppendTransitions(ctx context.Context, moves []needle.ItemTransition) error {
	if len(moves) == 0 {
		return nil
	}
	var ids, items, to, occurred, recorded []string
	var from []sql.NullString
	for _, m := range moves {
		ids, items = append(ids, uuid.Must(uuid.NewV7()).String()), append(items, m.ItemID.Raw().String())
		var earlier sql.NullString
		if m.From != nil {
			earlier = sql.NullString{String: string(*m.From), Valid: true}
		}
		from, to = append(from, earlier), append(to, string(m.To))
		occurred, recorded = append(occurred, instantText(m.OccurredAt)), append(recorded, instantText(m.RecordedAt))
	}
	return s.plain(ctx, `
		INSERT INTO item_transitions (workspace_id, id, item_id, from_status, to_status, occurred_at, recorded_at)
		SELECT $1, n.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[]) AS n`,
		[]any{s.workspace, pq.Array(ids), pq.Array(items), pq.Array(from), pq.Array(to), pq.Array(occurred), pq.Array(recorded)},
		func(*sql.Rows) error { return nil })
}

// InsertActivities stores many changes that one transaction made.
func (s Scope) InsertActivities(ctx context.Context, rows []*needle.Activity) error {
	if len(rows) == 0 {
		return nil
	}
	return s.insert(ctx, &rows)
}

// MoveMirror lets the item that mirrors one issue mirror another: its history and links stay with the work when a tracker
// gives it a new identity. When a younger item mirrors that one already, because a pass met the new identity before the
// move was known, the two change places, so that the links stay with what is alive. Otherwise, or done twice, it does
// nothing. It goes inside a transaction.
func (s Scope) MoveMirror(ctx context.Context, from, to needle.IssueID) error {
	// An issue has one item at most at any moment, so the younger one steps aside first.
	var aside uuid.NullUUID
	err := s.idb.QueryRowContext(ctx, `
		UPDATE backlog_items AS b SET issue_id = NULL WHERE b.workspace_id = ?0 AND b.issue_id = ?2
			AND EXISTS (SELECT 1 FROM backlog_items AS o WHERE o.workspace_id = ?0 AND o.issue_id = ?1 AND o.id < b.id)
		RETURNING b.id`, s.workspace, from, to).Scan(&aside)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return mapError(err)
	}
	if _, err := s.idb.ExecContext(ctx, `
		UPDATE backlog_items SET issue_id = ?2, updated_at = ?3, version = version + 1
		WHERE workspace_id = ?0 AND issue_id = ?1 AND NOT EXISTS (SELECT 1 FROM backlog_items WHERE workspace_id = ?0 AND issue_id = ?2)`,
		s.workspace, from, to, s.Now()); err != nil || !aside.Valid {
		return mapError(err)
	}
	_, err = s.idb.ExecContext(ctx, `
		UPDATE backlog_items SET issue_id = ?, updated_at = ?, version = version + 1 WHERE workspace_id = ? AND id = ?`,
		from, s.Now(), s.workspace, aside.UUID)
	return mapError(err)
}

// AdoptParents puts the items of the issues, and of those that name one of them as their parent, below the items of their
// parents at the tracker, which may name them by key alone. A parent that no backlog has is none, and so is one that the
// tracker took away; a parent that a person gave to an item whose issue has none stays. It takes one statement.
func (s Scope) AdoptParents(ctx context.Context, ids []needle.IssueID) error {
	_, err := s.idb.ExecContext(ctx, `
		WITH page AS MATERIALIZED (
			SELECT id, connection_id, remote_id, remote_key FROM issues WHERE workspace_id = ?0 AND id = ANY(?1::uuid[])
		), child AS MATERIALIZED (
			SELECT i.id, i.connection_id, i.parent_remote_id, i.parent_remote_key
			FROM page JOIN issues AS i ON i.workspace_id = ?0 AND i.id = page.id
			UNION
			SELECT i.id, i.connection_id, i.parent_remote_id, i.parent_remote_key
			FROM page JOIN issues AS i ON i.workspace_id = ?0 AND i.connection_id = page.connection_id
				AND i.parent_remote_id = page.remote_id AND i.parent_remote_id <> ''
			UNION
			SELECT i.id, i.connection_id, i.parent_remote_id, i.parent_remote_key
			FROM page JOIN issues AS i ON i.workspace_id = ?0 AND i.connection_id = page.connection_id
				AND i.parent_remote_key = page.remote_key AND i.parent_remote_key <> '' AND i.parent_remote_id = ''
		), parent AS (
			SELECT c.id, p.id AS parent_id FROM child AS c JOIN issues AS p ON p.workspace_id = ?0 AND p.connection_id = c.connection_id
				AND p.remote_id = c.parent_remote_id AND p.id <> c.id
			UNION ALL
			SELECT c.id, p.id FROM child AS c JOIN issues AS p ON p.workspace_id = ?0 AND p.remote_key = c.parent_remote_key
				AND p.connection_id = c.connection_id AND p.id <> c.id
			WHERE c.parent_remote_id = '' AND c.parent_remote_key <> '' AND p.gone_at IS NULL
		), wanted AS (
			SELECT DISTINCT ON (b.id) b.id, up.id AS parent_id
			FROM child AS c JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.issue_id = c.id
			LEFT JOIN parent AS p ON p.id = c.id
			LEFT JOIN backlog_items AS up ON up.workspace_id = ?0 AND up.issue_id = p.parent_id
			ORDER BY b.id, up.id
		)
		UPDATE backlog_items AS b SET parent_id = w.parent_id, parent_mirrored = w.parent_id IS NOT NULL, updated_at = ?2
		FROM wanted AS w WHERE b.workspace_id = ?0 AND b.id = w.id
			AND ((w.parent_id IS NOT NULL AND (b.parent_id IS DISTINCT FROM w.parent_id OR NOT b.parent_mirrored))
				OR (w.parent_id IS NULL AND b.parent_mirrored))`,
		s.workspace, uuids(distinct(raw(ids))), s.Now())
	return mapError(err)
}

// ParentMirrored reports whether the tracker, not a person, named the parent of an item.
func (s Scope) ParentMirrored(ctx context.Context, id needle.BacklogItemID) (bool, error) {
	var mirrored bool
	err := s.idb.QueryRowContext(ctx, `SELECT parent_mirrored FROM backlog_items WHERE workspace_id = ? AND id = ?`, s.workspace, id).Scan(&mirrored)
	return mirrored, mapError(err)
}
