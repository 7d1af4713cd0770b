package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// A mapping and the issues that are read by it change together: whoever stores issues shares the mapping until its
// transaction ends, and whoever writes or applies one has it alone. So no issue is stored by a mapping that was replaced
// and that nobody applies any more.

func mappingLock(connection needle.ConnectionID) string { return "mapping/" + connection.String() }

// HoldMapping reads the mapping of a connection and keeps others from writing it until the transaction ends. A connection
// without one answers NoMapping.
func (s Scope) HoldMapping(ctx context.Context, connection needle.ConnectionID) (*needle.Mapping, error) {
	if err := s.share(ctx, mappingLock(connection)); err != nil {
		return nil, err
	}
	found, err := s.MappingsOf(ctx, []needle.ConnectionID{connection})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// LockMapping is HoldMapping for who writes it, and waits for transactions that hold it. through is the remote id up to
// which it was applied.
func (s Scope) LockMapping(ctx context.Context, connection needle.ConnectionID) (m *needle.Mapping, through string, err error) {
	if err := s.Serialize(ctx, mappingLock(connection)); err != nil {
		return nil, "", err
	}
	m = needle.NoMapping(connection)
	sh := shapeOf[needle.Mapping](nil)
	err = s.each(ctx, "SELECT t.applied_through, "+sh.columns+" FROM mappings AS t WHERE t.workspace_id = ? AND t.connection_id = ?",
		[]any{s.workspace, connection}, func(r *sql.Rows) error { return sh.scan(r, m, &through) })
	return m, through, err
}

// MappingsOf reads the mapping of each connection; the answer lies parallel to ids, NoMapping where there is none.
func (s Scope) MappingsOf(ctx context.Context, ids []needle.ConnectionID) ([]*needle.Mapping, error) {
	sh := shapeOf[needle.Mapping](nil)
	rows, err := readRows[needle.Mapping](ctx, s, sh, "SELECT "+sh.columns+
		" FROM mappings AS t WHERE t.workspace_id = ? AND t.connection_id = ANY(?::uuid[])", s.workspace, uuids(distinct(raw(ids))))
	found := make(map[needle.ConnectionID]*needle.Mapping, len(rows))
	for _, m := range rows {
		found[m.ConnectionID] = m
	}
	out := make([]*needle.Mapping, len(ids))
	for i, id := range ids {
		if out[i] = found[id]; out[i] == nil {
			out[i] = needle.NoMapping(id)
		}
	}
	return out, err
}

// SaveMapping stores a mapping that was read by LockMapping and counts its version up. anew makes it begin to be applied
// again: then all issues of the connection are pending.
func (s Scope) SaveMapping(ctx context.Context, m *needle.Mapping, anew bool) error {
	now := s.Now()
	if m.Version == 0 {
		// Until it is applied, nothing waits for it.
		m.WorkspaceID, m.CreatedAt, m.AppliedAt = s.workspace, now, &now
	}
	m.Touch(now)
	if anew {
		err := s.idb.QueryRowContext(ctx, `SELECT count(*) FROM issues WHERE workspace_id = ? AND connection_id = ?`,
			s.workspace, m.ConnectionID).Scan(&m.Pending)
		if err != nil {
			return mapError(err)
		}
		if m.AppliedAt = nil; m.Pending == 0 {
			m.AppliedAt = &now
		}
	}
	states, err := json.Marshal(m.States)
	if err != nil {
		return fmt.Errorf("encoding states: %w", err)
	}
	types, err := json.Marshal(m.Types)
	if err != nil {
		return fmt.Errorf("encoding types: %w", err)
	}
	labels, err := jsonList(m.ItemLabels)
	if err != nil {
		return err
	}
	return s.plain(ctx, `
		INSERT INTO mappings AS m (workspace_id, connection_id, states, types, item_policy, item_labels, applied_at, pending,
			created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (workspace_id, connection_id) DO UPDATE SET states = EXCLUDED.states, types = EXCLUDED.types,
			item_policy = EXCLUDED.item_policy, item_labels = EXCLUDED.item_labels, applied_at = EXCLUDED.applied_at, pending = EXCLUDED.pending,
			applied_through = CASE WHEN $12 THEN '' ELSE m.applied_through END, updated_at = EXCLUDED.updated_at, version = EXCLUDED.version`,
		[]any{
			s.workspace, m.ConnectionID, string(states), string(types), m.ItemPolicy, labels, m.AppliedAt, m.Pending, m.CreatedAt, now,
			m.Version, anew,
		}, func(*sql.Rows) error { return nil })
}

// AdvanceMapping notes that n more issues, up to a remote id, were read by the mapping; ended says that they were the last.
func (s Scope) AdvanceMapping(ctx context.Context, connection needle.ConnectionID, through string, n int, ended bool) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE mappings SET applied_through = ?0, pending = CASE WHEN ?1 THEN 0 ELSE greatest(pending - ?2, 0) END,
			applied_at = CASE WHEN ?1 THEN ?3::timestamptz END
		WHERE workspace_id = ?4 AND connection_id = ?5`, through, ended, n, s.Now(), s.workspace, connection)
	return mapError(err)
}

// PendingMappings lists up to limit mappings of all workspaces that are not applied, oldest first.
func (s *Store) PendingMappings(ctx context.Context, limit int) ([]DueConnection, error) {
	return s.dueConnections(ctx, `SELECT workspace_id, connection_id, updated_at FROM mappings WHERE applied_at IS NULL
		ORDER BY updated_at, connection_id LIMIT ?`, limit)
}

// IssuesFrom reads, and inside a transaction holds, up to limit issues of a connection behind a remote id, tombstones
// among them.
func (s Scope) IssuesFrom(ctx context.Context, connection needle.ConnectionID, after string, limit int) ([]*needle.Issue, error) {
	sh := shapeOf[needle.Issue](nil)
	return readRows[needle.Issue](ctx, s, sh, "SELECT "+sh.columns+` FROM issues AS t
		WHERE t.workspace_id = ? AND t.connection_id = ? AND t.remote_id > ? ORDER BY t.remote_id LIMIT ?`+s.lockClause(),
		s.workspace, connection, after, limit)
}

// UpdateMeanings stores the status and type of issues as a mapping reads them.
func (s Scope) UpdateMeanings(ctx context.Context, issues []*needle.Issue) error {
	if len(issues) == 0 {
		return nil
	}
	var ids, statuses, types []string
	for _, i := range issues {
		ids, statuses, types = append(ids, i.ID.Raw().String()), append(statuses, string(i.Status)), append(types, string(i.Type))
	}
	return s.plain(ctx, `
		UPDATE issues AS i SET status = n.status, type = n.type, updated_at = $2, version = i.version + 1
		FROM unnest($3::uuid[], $4::text[], $5::text[]) AS n(id, status, type) WHERE i.workspace_id = $1 AND i.id = n.id`,
		[]any{s.workspace, s.Now(), pq.Array(ids), pq.Array(statuses), pq.Array(types)}, func(*sql.Rows) error { return nil })
}

// maxExamples is how many examples a preview shows of a word.
const maxExamples = 5

// StateGroup is the issues of a connection that are in one state, as far as they and their items agree.
type StateGroup struct {
	RawState, RawReason   string
	TrackerStatus, Status needle.StatusCategory
	// Item is the status of their items; empty when they have none.
	Item     needle.StatusCategory
	Issues   int
	Examples []needle.IssueID
}

// StateGroups counts the issues of a connection by their state, the commonest first.
func (s Scope) StateGroups(ctx context.Context, connection needle.ConnectionID) ([]StateGroup, error) {
	var out []StateGroup
	err := s.plain(ctx, `
		SELECT i.raw_state, i.raw_reason, i.tracker_status, i.status, coalesce(b.status, ''), count(*),
			(array_agg(i.id ORDER BY i.remote_updated_at DESC, i.id))[1:$3]
		FROM issues AS i LEFT JOIN backlog_items AS b ON b.workspace_id = i.workspace_id AND b.issue_id = i.id
		WHERE i.workspace_id = $1 AND i.connection_id = $2
		GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC, 1, 2, 3, 4, 5`,
		[]any{s.workspace, connection, maxExamples}, func(r *sql.Rows) error {
			var g StateGroup
			var examples pq.StringArray
			err := r.Scan(&g.RawState, &g.RawReason, &g.TrackerStatus, &g.Status, &g.Item, &g.Issues, &examples)
			if err == nil {
				g.Examples, err = issueIDs(examples)
			}
			out = append(out, g)
			return err
		})
	return out, err
}

// TypeGroup is the issues of a connection that have one type.
type TypeGroup struct {
	RawType           string
	TrackerType, Type needle.IssueType
	Issues            int
	Examples          []needle.IssueID
}

// TypeGroups counts the issues of a connection by their type, the commonest first.
func (s Scope) TypeGroups(ctx context.Context, connection needle.ConnectionID) ([]TypeGroup, error) {
	var out []TypeGroup
	err := s.plain(ctx, `
		SELECT i.raw_type, i.tracker_type, i.type, count(*), (array_agg(i.id ORDER BY i.remote_updated_at DESC, i.id))[1:$3]
		FROM issues AS i WHERE i.workspace_id = $1 AND i.connection_id = $2
		GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3`,
		[]any{s.workspace, connection, maxExamples}, func(r *sql.Rows) error {
			var g TypeGroup
			var examples pq.StringArray
			err := r.Scan(&g.RawType, &g.TrackerType, &g.Type, &g.Issues, &examples)
			if err == nil {
				g.Examples, err = issueIDs(examples)
			}
			out = append(out, g)
			return err
		})
	return out, err
}

func issueIDs(texts []string) ([]needle.IssueID, error) {
	out := make([]needle.IssueID, len(texts))
	for i, text := range texts {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("reading an id: %w", err)
		}
		out[i].UUID = id
	}
	return out, nil
}
