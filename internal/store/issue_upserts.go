package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"
	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"github.com/needle-okr/needle/internal/needle"
)

// Writing a page of issues is a constant number of statements, whatever the size of the page. Values travel as one
// array per column, not inlined by bun: descriptions of a hundred kilobytes would be escaped and parsed again.

// IssueOutcome is what became of an issue that a tracker showed.
type IssueOutcome string

// The outcomes. An issue is unchanged when its row says the same already or something newer.
const (
	IssueInserted  IssueOutcome = "INSERTED"
	IssueUpdated   IssueOutcome = "UPDATED"
	IssueUnchanged IssueOutcome = "UNCHANGED"
)

// UpsertIssues stores issues of one connection as a tracker showed them, guarded so that an older state never replaces
// a newer one and an equal one writes nothing. The outcomes lie parallel to rows; each row's ID and StateChangedAt become
// the stored ones, the ID zero where another process stored the issue at the same moment. The same remote id may occur twice.
func (s Scope) UpsertIssues(ctx context.Context, connection needle.ConnectionID, rows []*needle.Issue) ([]IssueOutcome, error) {
	outcomes := slices.Repeat([]IssueOutcome{IssueUnchanged}, len(rows))
	var beside errgroup.Group
	hashes := make([][]byte, len(rows))
	beside.Go(func() error { return contentHashes(rows, hashes) })
	known, err := s.knownIssues(ctx, connection, rows)
	if err := errors.Join(err, beside.Wait()); err != nil {
		return nil, err
	}
	place := make(map[string]int, len(rows)) // of the newest of each remote id
	for i, row := range rows {
		if j, twice := place[row.RemoteID]; !twice || !before(row, rows[j]) {
			place[row.RemoteID] = i
		}
		row.ID = known[row.RemoteID].id
	}
	changed, fresh := make([]hashed, 0, len(rows)), 0
	for _, i := range sortedValues(place) {
		k, there := known[rows[i].RemoteID]
		if there && !k.accepts(rows[i], hashes[i]) {
			continue
		}
		if changed = append(changed, hashed{rows[i], hashes[i]}); !there {
			fresh++
		}
	}
	if len(changed) == 0 {
		return outcomes, nil
	}
	stored, err := s.storeIssues(ctx, connection, changed, fresh == len(changed))
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		if got, ok := stored[row.RemoteID]; ok {
			row.ID, row.StateChangedAt = got.id, got.moved.UTC()
			if place[row.RemoteID] == i {
				outcomes[i] = got.outcome
			}
		}
	}
	return outcomes, nil
}

// AnalyzeIssues gathers statistics on what passes fill. On tables that were empty a moment ago the database takes any
// index for as good as the right one, and each reference that it checks would read the whole workspace. Tables that are
// analyzed already, and those of another owner, are passed over.
func (s *Store) AnalyzeIssues(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, "ANALYZE (SKIP_LOCKED) issues, backlog_items, item_transitions, contributions")
	return mapError(err)
}

// before reports whether a is an older observation than b.
func before(a, b *needle.Issue) bool {
	if !a.RemoteUpdatedAt.Equal(b.RemoteUpdatedAt) {
		return a.RemoteUpdatedAt.Before(b.RemoteUpdatedAt)
	}
	return a.ObservedAt.Before(b.ObservedAt)
}

// sortedValues orders the rows to write by remote id: two pages that overlap lock their rows in the same order.
func sortedValues(place map[string]int) []int {
	keys := make([]string, 0, len(place))
	for k := range place {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	values := make([]int, len(keys))
	for i, k := range keys {
		values[i] = place[k]
	}
	return values
}

// MarkIssueGone makes a tombstone of an issue that a request begun at seen did not find. It reports false, and
// changes nothing, when the issue is unknown, gone already, or was seen by a later request.
func (s Scope) MarkIssueGone(ctx context.Context, connection needle.ConnectionID, remoteID string, seen time.Time) (bool, error) {
	return s.MarkIssueMoved(ctx, connection, remoteID, "", seen)
}

// MarkIssueMoved is MarkIssueGone for an issue that lives on, under another key, where the connection does not read.
func (s Scope) MarkIssueMoved(ctx context.Context, connection needle.ConnectionID, remoteID, to string, seen time.Time) (bool, error) {
	fresh := false
	err := s.plain(ctx, `
		WITH was AS (
			SELECT id, gone_at FROM issues WHERE workspace_id = $1 AND connection_id = $2 AND remote_id = $5 FOR NO KEY UPDATE
		)
		UPDATE issues AS i SET gone_at = coalesce(i.gone_at, $4), moved_to = $6, observed_at = $4, updated_at = $3, version = i.version + 1
		FROM was WHERE i.workspace_id = $1 AND i.id = was.id AND `+observed+` < $4
		RETURNING was.gone_at IS NULL`,
		[]any{s.workspace, connection, s.Now(), seen, remoteID, to},
		func(r *sql.Rows) error { return r.Scan(&fresh) })
	return fresh, err
}

// plain runs a statement with real arguments, $1 and so on, past bun's inlining, and calls row for every row.
func (s Scope) plain(ctx context.Context, query string, args []any, row func(*sql.Rows) error) error {
	switch idb := s.idb.(type) {
	case bun.Tx:
		return eachOf(ctx, idb.Tx, query, args, row)
	case *bun.DB:
		return eachOf(ctx, idb.DB, query, args, row)
	default:
		return fmt.Errorf("running a statement: no plain connection behind a %T", s.idb)
	}
}

// IssueOf reads the issue of a connection by the tracker's id. It answers NOT_FOUND.
func (s Scope) IssueOf(ctx context.Context, connection needle.ConnectionID, remoteID string) (*needle.Issue, error) {
	sh := shapeOf[needle.Issue](nil)
	rows, err := readRows[needle.Issue](ctx, s, sh, "SELECT "+sh.columns+
		" FROM issues AS t WHERE t.workspace_id = ? AND t.connection_id = ? AND t.remote_id = ?", s.workspace, connection, remoteID)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, needle.NotFound("", "issue")
	}
	return rows[0], nil
}

// IssueTwins reads up to limit living issues of a connection, outside one of its sources, that were opened at one of these
// moments.
func (s Scope) IssueTwins(ctx context.Context, connection needle.ConnectionID, outside needle.SourceID, opened []time.Time, limit int) ([]*needle.Issue, error) {
	times := make([]string, len(opened))
	for i, at := range opened {
		times[i] = instantText(at)
	}
	var twins []*needle.Issue
	err := s.plain(ctx, `
		SELECT i.id, i.source_id, i.remote_id, i.remote_key FROM issues AS i
		JOIN sources AS o ON o.workspace_id = i.workspace_id AND o.id = i.source_id AND o.removed_at IS NULL
		WHERE i.workspace_id = $1 AND i.connection_id = $2 AND i.source_id <> $3 AND i.gone_at IS NULL
			AND i.remote_created_at = ANY($4::timestamptz[]) ORDER BY i.id LIMIT $5`,
		[]any{s.workspace, connection, outside, pq.Array(times), limit}, func(r *sql.Rows) error {
			one := new(needle.Issue)
			err := r.Scan(&one.ID, &one.SourceID, &one.RemoteID, &one.RemoteKey)
			twins = append(twins, one)
			return err
		})
	return twins, err
}

// KnownIssues returns those of some remote ids that issues of a connection bear, tombstones among them.
func (s Scope) KnownIssues(ctx context.Context, connection needle.ConnectionID, remoteIDs []string) ([]string, error) {
	var known []string
	err := s.plain(ctx, `SELECT remote_id FROM issues WHERE workspace_id = $1 AND connection_id = $2 AND remote_id = ANY($3::text[])`,
		[]any{s.workspace, connection, pq.Array(remoteIDs)}, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			known = append(known, id)
			return err
		})
	return known, err
}
