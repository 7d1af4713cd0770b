package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// ComputedAttributions reads, of some key results, the attributions that were computed under a version of the rules and
// count at an instant; the others are missing from the answer. It reads when their trackers were read last, too.
func (s Scope) ComputedAttributions(ctx context.Context, ids []needle.KeyResultID, rules int, at time.Time) (map[needle.KeyResultID]*needle.ComputedAttributions, error) {
	out := make(map[needle.KeyResultID]*needle.ComputedAttributions, len(ids))
	err := s.each(ctx, `
		SELECT t.key_result_id, t.rules, t.facts, t.answer, t.computed_at, t.holds_until, coalesce(trackers.unread, false), trackers.read_at
		FROM computed_attributions AS t
		LEFT JOIN LATERAL (
			SELECT bool_or(reads.started_at IS NULL) AS unread, min(reads.started_at) AS read_at
			FROM (SELECT DISTINCT i.source_id FROM contributions AS c
				JOIN backlog_items AS b ON b.workspace_id = c.workspace_id AND b.id = c.item_id
				JOIN issues AS i ON i.workspace_id = b.workspace_id AND i.id = b.issue_id
				WHERE c.workspace_id = t.workspace_id AND c.key_result_id = t.key_result_id AND c.valid_to IS NULL AND c.valid_from <= ?3) AS mirrors
			LEFT JOIN LATERAL (`+lastWhole("t.workspace_id", "mirrors.source_id", "?3")+`) AS reads ON true
		) AS trackers ON true
		WHERE t.workspace_id = ?0 AND t.key_result_id = ANY(?1::uuid[]) AND t.rules = ?2 AND t.computed_at <= ?3
			AND (t.holds_until IS NULL OR t.holds_until > ?3)
			AND NOT EXISTS (SELECT 1 FROM attribution_marks AS m WHERE m.workspace_id = t.workspace_id AND m.key_result_id = t.key_result_id)`,
		[]any{s.workspace, uuids(distinct(raw(ids))), rules, at}, func(rows *sql.Rows) error {
			c := new(needle.ComputedAttributions)
			var unread bool
			err := rows.Scan(&c.KeyResultID, &c.Rules, &c.Facts, &c.Answer, &c.ComputedAt, &c.HoldsUntil, &unread, &c.TrackerReadAt)
			if unread {
				c.TrackerReadAt = new(time.Time)
			}
			out[c.KeyResultID] = c
			return err
		})
	return out, err
}

// DueKeyResult is a key result whose attributions are to be computed.
type DueKeyResult struct {
	WorkspaceID needle.WorkspaceID
	KeyResultID needle.KeyResultID
}

// DueAttributions lists up to limit key results of all workspaces that something was written of since their attributions
// were computed, or whose attributions no longer count. Those of newer rules than the caller's are another's, of whom there
// are some while servers are brought up to date one by one.
func (s *Store) DueAttributions(ctx context.Context, rules, limit int) ([]DueKeyResult, error) {
	return s.keyResultsDue(ctx, `
		SELECT workspace_id, key_result_id FROM (
			SELECT workspace_id, key_result_id FROM attribution_marks
			UNION SELECT workspace_id, key_result_id FROM computed_attributions WHERE holds_until <= ?0
			UNION SELECT workspace_id, key_result_id FROM computed_attributions WHERE rules < ?1
		) AS due ORDER BY workspace_id, key_result_id LIMIT ?2`, s.now(), rules, limit)
}

// AllAttributions lists up to limit key results of all workspaces in the order of their ids, from behind one on.
func (s *Store) AllAttributions(ctx context.Context, behind DueKeyResult, limit int) ([]DueKeyResult, error) {
	return s.keyResultsDue(ctx, `SELECT workspace_id, id FROM key_results WHERE (workspace_id, id) > (?, ?)
		ORDER BY workspace_id, id LIMIT ?`, behind.WorkspaceID, behind.KeyResultID, limit)
}

// keyResultsDue reads the workspace and id of key results. It looks across workspaces; nothing but these leaves it.
func (s *Store) keyResultsDue(ctx context.Context, query string, args ...any) ([]DueKeyResult, error) {
	var due []DueKeyResult
	err := Scope{idb: s.db}.each(ctx, query, args, func(rows *sql.Rows) error {
		var d DueKeyResult
		err := rows.Scan(&d.WorkspaceID, &d.KeyResultID)
		due = append(due, d)
		return err
	})
	return due, err
}

// Claim is what stood of the computed attributions of some key results before their facts were read. Whatever is written
// after it was taken either is in the facts or leaves a mark that the claim does not know.
type Claim struct {
	// versions are those of the rows that there were.
	versions map[needle.KeyResultID]int
	// marks are those that stood.
	marks map[needle.KeyResultID][]int64
	// Counted are the rows that counted: no mark stood for them, and time had not changed them.
	Counted map[needle.KeyResultID]*needle.ComputedAttributions
}

// ClaimAttributions notes what stands of the computed attributions of key results. It locks nothing.
func (s Scope) ClaimAttributions(ctx context.Context, ids []needle.KeyResultID, rules int, now time.Time) (Claim, error) {
	c := Claim{versions: map[needle.KeyResultID]int{}, marks: map[needle.KeyResultID][]int64{}}
	var err error
	if c.Counted, err = s.ComputedAttributions(ctx, ids, rules, now); err != nil {
		return c, err
	}
	err = s.each(ctx, `
		SELECT k.id, coalesce(t.version, 0), m.id FROM key_results AS k
		LEFT JOIN computed_attributions AS t ON t.workspace_id = k.workspace_id AND t.key_result_id = k.id
		LEFT JOIN attribution_marks AS m ON m.workspace_id = k.workspace_id AND m.key_result_id = k.id
		WHERE k.workspace_id = ? AND k.id = ANY(?::uuid[])`, []any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
		var id needle.KeyResultID
		var version int
		var mark *int64
		err := rows.Scan(&id, &version, &mark)
		c.versions[id] = version
		if mark != nil {
			c.marks[id] = append(c.marks[id], *mark)
		}
		return err
	})
	return c, err
}

// SaveComputedAttributions stores attributions that were computed from facts read after the claim, and takes away the marks
// that it knows; it returns how many were stored. Rows that somebody else stored meanwhile are left as they are, with
// their marks.
func (s Scope) SaveComputedAttributions(ctx context.Context, rows []*needle.ComputedAttributions, c Claim) (int, error) {
	saved := 0
	err := s.InTx(ctx, func(ctx context.Context, tx Scope) error {
		ids, versions := make([]string, len(rows)), make([]int64, len(rows))
		rules, facts, answers := make([]int64, len(rows)), make([][]byte, len(rows)), make([]string, len(rows))
		computed, until := make([]string, len(rows)), make([]sql.NullString, len(rows))
		for i, r := range rows {
			ids[i], versions[i], rules[i] = r.KeyResultID.UUID.String(), int64(c.versions[r.KeyResultID]), int64(r.Rules)
			facts[i], answers[i], computed[i] = r.Facts, string(r.Answer), r.ComputedAt.UTC().Format(time.RFC3339Nano)
			if r.HoldsUntil != nil {
				until[i] = sql.NullString{String: r.HoldsUntil.UTC().Format(time.RFC3339Nano), Valid: true}
			}
		}
		var known []int64
		err := tx.plain(ctx, `
			INSERT INTO computed_attributions AS t (workspace_id, key_result_id, rules, facts, answer, computed_at, holds_until, version)
			SELECT $1, n.id, n.rules, n.facts, n.answer, n.computed_at, n.holds_until, n.version + 1
			FROM unnest($2::uuid[], $3::bigint[], $4::bytea[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::bigint[])
				AS n(id, rules, facts, answer, computed_at, holds_until, version)
			ORDER BY n.id
			ON CONFLICT (workspace_id, key_result_id) DO UPDATE SET rules = excluded.rules, facts = excluded.facts, answer = excluded.answer,
				computed_at = excluded.computed_at, holds_until = excluded.holds_until, version = excluded.version
			WHERE t.version = excluded.version - 1
			RETURNING t.key_result_id`,
			[]any{
				s.workspace, pq.Array(ids), pq.Array(rules), pq.Array(facts), pq.Array(answers), pq.Array(computed), pq.Array(until), pq.Array(versions),
			}, func(rows *sql.Rows) error {
				var id uuid.UUID
				err := rows.Scan(&id)
				known = append(known, c.marks[needle.KeyResultID{UUID: id}]...)
				saved++
				return err
			})
		if err != nil || len(known) == 0 {
			return err
		}
		return tx.plain(ctx, "DELETE FROM attribution_marks WHERE workspace_id = $1 AND id = ANY($2::bigint[])",
			[]any{s.workspace, pq.Array(known)}, func(*sql.Rows) error { return nil })
	})
	return saved, err
}
