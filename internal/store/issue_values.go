package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// issueColumns are the columns of an issue that are written, and their types in an array.
var issueColumns = []struct{ name, kind string }{
	{"remote_id", "text"},
	{"remote_key", "text"},
	{"url", "text"},
	{"title", "text"},
	{"body", "text"},
	{"type", "text"},
	{"raw_type", "text"},
	{"status", "text"},
	{"raw_state", "text"},
	{"raw_reason", "text"},
	{"parent_remote_id", "text"},
	{"parent_remote_key", "text"},
	{"tracker_type", "text"},
	{"tracker_status", "text"},
	{"source_id", "uuid"},
	{"labels", "jsonb"},
	{"assignees", "jsonb"},
	{"estimate", "float8"},
	{"remote_created_at", "timestamptz"},
	{"remote_updated_at", "timestamptz"},
	{"remote_closed_at", "timestamptz"},
	{"observed_at", "timestamptz"},
	{"content_hash", "bytea"},
	{"id", "uuid"},
	{"state_changed_at", "timestamptz"},
}

// hashed is an issue with its content hash.
type hashed struct {
	*needle.Issue

	hash []byte
}

// valuesOf are the columns of an issue, as texts where that is what the database reads anyway.
func valuesOf(row hashed) ([]any, error) {
	labels, err := jsonList(row.Labels)
	if err != nil {
		return nil, err
	}
	assignees, err := jsonList(row.Assignees)
	if err != nil {
		return nil, err
	}
	return []any{
		row.RemoteID, row.RemoteKey, row.URL, row.Title, row.Body, string(row.Type), row.RawType, string(row.Status),
		row.RawState, row.RawReason, row.ParentRemoteID, row.ParentRemoteKey, string(row.TrackerType), string(row.TrackerStatus),
		row.SourceID.Raw().String(), labels, assignees, orNull(row.Estimate), instantText(row.RemoteCreatedAt),
		instantText(row.RemoteUpdatedAt), nullInstant(row.RemoteClosedAt), instantText(row.ObservedAt), `\x` + hex.EncodeToString(row.hash), needle.NewIssueID().Raw().String(),
		instantText(row.StateChangedAt),
	}, nil
}

func jsonList(list []string) (string, error) {
	if list == nil {
		return "[]", nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("encoding a list: %w", err)
	}
	return string(text), nil
}

func orNull(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

func nullInstant(t *time.Time) sql.NullString {
	if t == nil {
		return sql.NullString{}
	}
	return sql.NullString{String: instantText(*t), Valid: true}
}

type storedIssue struct {
	id      needle.IssueID
	outcome IssueOutcome
	moved   time.Time
}

// upsertIssues is the statement that writes issues, some of which are there. Arguments 1 to 3 are the same for all rows.
var upsertIssues = func() string {
	var names, arrays, set []string
	for i, c := range issueColumns {
		names, arrays = append(names, c.name), append(arrays, fmt.Sprintf("$%d::%s[]", i+4, c.kind))
		if !slices.Contains([]string{"remote_id", "id", "state_changed_at"}, c.name) {
			set = append(set, c.name+" = EXCLUDED."+c.name)
		}
	}
	// A change that is not one of state leaves the time of the last.
	set = append(set, `state_changed_at = CASE WHEN (i.raw_state, i.raw_reason, i.tracker_status, i.remote_closed_at) IS DISTINCT FROM
			(EXCLUDED.raw_state, EXCLUDED.raw_reason, EXCLUDED.tracker_status, EXCLUDED.remote_closed_at)
			THEN EXCLUDED.state_changed_at ELSE i.state_changed_at END`)
	all := strings.Join(names, ", ")
	return `
	INSERT INTO issues AS i (workspace_id, connection_id, created_at, updated_at, version, ` + all + `)
	SELECT $1, $2, $3, $3, 1, n.* FROM unnest(` + strings.Join(arrays, ", ") + `) AS n(` + all + `)
	ON CONFLICT (workspace_id, connection_id, remote_id) DO UPDATE SET ` + strings.Join(set, ", ") + `,
		gone_at = NULL, moved_to = '', updated_at = EXCLUDED.updated_at, version = i.version + 1
	WHERE ` + newer + `
	RETURNING i.remote_id, i.id, i.xmax = 0, i.state_changed_at`
}()

// storeIssues writes issues and returns those that were written by remote id. They are fresh when none of them was there.
func (s Scope) storeIssues(ctx context.Context, connection needle.ConnectionID, issues []hashed, fresh bool) (map[string]storedIssue, error) {
	if fresh && len(issues) >= copyFrom {
		if c, able := s.copiesOf(connection, issues); able {
			return c.stored, s.copyIssues(ctx, c.rows)
		}
	}
	rows := make([][]any, len(issues))
	for i, issue := range issues {
		var err error
		if rows[i], err = valuesOf(issue); err != nil {
			return nil, err
		}
	}
	return s.writeIssues(ctx, connection, rows)
}

// writeIssues writes issues of which some are there, and returns those that were written by remote id.
func (s Scope) writeIssues(ctx context.Context, connection needle.ConnectionID, rows [][]any) (map[string]storedIssue, error) {
	args := []any{s.workspace, connection, s.Now()}
	for i := range issueColumns {
		column := make([]any, len(rows))
		for j, row := range rows {
			column[j] = row[i]
		}
		args = append(args, pq.Array(column))
	}
	stored := make(map[string]storedIssue, len(rows))
	err := s.plain(ctx, upsertIssues, args, func(r *sql.Rows) error {
		var remote string
		var fresh bool
		got := storedIssue{outcome: IssueUpdated}
		err := r.Scan(&remote, &got.id, &fresh, &got.moved)
		if fresh {
			got.outcome = IssueInserted
		}
		stored[remote] = got
		return err
	})
	return stored, err
}
