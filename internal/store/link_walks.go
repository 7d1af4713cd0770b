package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// A change of a rule is carried to all work in steps, so that no transaction is long however much there is. Where a walk
// stands is kept on the rules, so that one that was interrupted goes on.

// linkStep is how many items one step of a walk takes.
const linkStep = 1000

// WalkLinkRule lets the rule be carried to all work: the next steps of LinkNextItems do it.
func (s Scope) WalkLinkRule(ctx context.Context, id needle.LinkRuleID) error {
	_, err := s.idb.ExecContext(ctx, `UPDATE link_rules SET walked_through = ?, evaluated_at = NULL WHERE workspace_id = ? AND id = ?`,
		uuid.Nil, s.workspace, id)
	return mapError(err)
}

// LinkNextItems brings the links of the next items in step with the rules that changed, and reports whether items are left
// that these have not been carried to. It goes inside a transaction.
func (s Scope) LinkNextItems(ctx context.Context) (LinkChanges, bool, error) {
	if err := s.SerializeLinks(ctx); err != nil {
		return LinkChanges{}, false, err
	}
	var from *uuid.UUID
	err := s.idb.QueryRowContext(ctx, `SELECT min(walked_through::text)::uuid FROM link_rules WHERE workspace_id = ? AND walked_through IS NOT NULL`,
		s.workspace).Scan(&from)
	if err != nil || from == nil {
		return LinkChanges{}, false, mapError(err)
	}
	var items []needle.BacklogItemID
	err = s.each(ctx, `SELECT id FROM backlog_items WHERE workspace_id = ? AND id > ? ORDER BY id LIMIT ?`,
		[]any{s.workspace, *from, linkStep}, func(rows *sql.Rows) error {
			var id needle.BacklogItemID
			err := rows.Scan(&id)
			items = append(items, id)
			return err
		})
	if err != nil {
		return LinkChanges{}, false, err
	}
	done, err := s.LinkItems(ctx, items)
	if err != nil {
		return done, false, err
	}
	if len(items) == linkStep {
		return done, true, s.walked(ctx, *from, &items[linkStep-1].UUID)
	}
	return done, false, s.walked(ctx, *from, nil)
}

// walked notes that the rules which had been carried to from or beyond have now been carried through to an item; nil is
// the end. A query is evaluated when its tracker was asked, the others now. A rule that somebody is changing is left: its
// walk begins anew.
func (s Scope) walked(ctx context.Context, from uuid.UUID, through *uuid.UUID) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE link_rules SET walked_through = ?0, evaluated_at = CASE WHEN ?0::uuid IS NULL AND kind <> 'QUERY' THEN ?1 ELSE evaluated_at END
		WHERE workspace_id = ?2 AND id IN (
			SELECT id FROM link_rules
			WHERE workspace_id = ?2 AND walked_through >= ?3 AND (?0::uuid IS NULL OR walked_through < ?0::uuid)
			FOR NO KEY UPDATE SKIP LOCKED)`,
		through, s.Now(), s.workspace, from)
	return mapError(err)
}

// LinksDue lists up to limit workspaces in which a change of a rule has not reached all work.
func (s *Store) LinksDue(ctx context.Context, limit int) ([]needle.WorkspaceID, error) {
	var due []needle.WorkspaceID
	// The schedule looks across workspaces; nothing but ids leaves it.
	all := Scope{idb: s.db}
	err := all.each(ctx, `SELECT DISTINCT workspace_id FROM link_rules WHERE walked_through IS NOT NULL LIMIT ?`, []any{limit},
		func(rows *sql.Rows) error {
			var id needle.WorkspaceID
			err := rows.Scan(&id)
			due = append(due, id)
			return err
		})
	return due, err
}

// QueryRules reads the queries at work at a tracker, oldest first.
func (s Scope) QueryRules(ctx context.Context, id needle.ConnectionID) ([]*needle.LinkRule, error) {
	sh := shapeOf[needle.LinkRule](nil)
	return readRows[needle.LinkRule](ctx, s, sh, "SELECT "+sh.columns+` FROM link_rules AS t
		WHERE t.workspace_id = ? AND t.connection_id = ? AND t.kind = ? AND t.enabled ORDER BY t.created_at, t.id`,
		s.workspace, id, needle.LinkByQuery)
}

// QueryDifference compares what a query found in a source with what it covered there before: it returns the items that it
// newly covers and those it no longer does. Issues that are not here, or that nobody's backlog has, are left out.
func (s Scope) QueryDifference(ctx context.Context, rule needle.LinkRuleID, source needle.SourceID, remoteIDs []string) (gained, lost []needle.BacklogItemID, err error) {
	err = s.plain(ctx, `
		SELECT coalesce(f.id, m.item_id), m.item_id IS NULL
		FROM (
			SELECT b.id FROM issues AS i JOIN backlog_items AS b ON b.workspace_id = $1 AND b.issue_id = i.id
			WHERE i.workspace_id = $1 AND i.source_id = $3 AND i.remote_id = ANY($4::text[])
		) AS f FULL JOIN (
			SELECT m.item_id FROM rule_matches AS m JOIN backlog_items AS b ON b.workspace_id = $1 AND b.id = m.item_id
			JOIN issues AS i ON i.workspace_id = $1 AND i.id = b.issue_id
			WHERE m.workspace_id = $1 AND m.rule_id = $2 AND i.source_id = $3
		) AS m ON m.item_id = f.id
		WHERE f.id IS NULL OR m.item_id IS NULL ORDER BY 1`,
		[]any{s.workspace, rule, source, pq.Array(remoteIDs)}, func(rows *sql.Rows) error {
			var id needle.BacklogItemID
			var fresh bool
			err := rows.Scan(&id, &fresh)
			if fresh {
				gained = append(gained, id)
			} else {
				lost = append(lost, id)
			}
			return err
		})
	return gained, lost, err
}

// SaveQueryMatches stores which items a query newly covers and which it no longer does, and brings their links in step. It
// goes inside a transaction.
func (s Scope) SaveQueryMatches(ctx context.Context, rule needle.LinkRuleID, gained, lost []needle.BacklogItemID) (LinkChanges, error) {
	if err := s.SerializeLinks(ctx); err != nil {
		return LinkChanges{}, err
	}
	_, err := s.idb.ExecContext(ctx, `
		WITH gone AS (DELETE FROM rule_matches WHERE workspace_id = ?0 AND rule_id = ?1 AND item_id = ANY(?3::uuid[]))
		INSERT INTO rule_matches (workspace_id, rule_id, item_id) SELECT ?0, ?1, unnest(?2::uuid[]) ON CONFLICT DO NOTHING`,
		s.workspace, rule, uuids(raw(gained)), uuids(raw(lost)))
	if err != nil {
		return LinkChanges{}, mapError(err)
	}
	return s.LinkItems(ctx, append(append([]needle.BacklogItemID(nil), gained...), lost...))
}

// SaveRuleState stores what asking a tracker came to: why it did not answer, or when it did.
func (s Scope) SaveRuleState(ctx context.Context, r *needle.LinkRule) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE link_rules SET state_reason = ?, evaluated_at = ? WHERE workspace_id = ? AND id = ? AND version = ?`,
		r.StateReason, r.EvaluatedAt, s.workspace, r.ID, r.Version)
	return mapError(err)
}

// ForgetMatches lets go of what a rule that was deleted covered.
func (s Scope) ForgetMatches(ctx context.Context, id needle.LinkRuleID) error {
	_, err := s.idb.ExecContext(ctx, `DELETE FROM rule_matches WHERE workspace_id = ? AND rule_id = ?`, s.workspace, id)
	return mapError(err)
}
