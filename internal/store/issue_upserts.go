package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/uptrace/bun"

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
	known, err := s.knownIssues(ctx, connection, rows)
	if err != nil {
		return nil, err
	}
	place := make(map[string]int, len(rows)) // of the newest of each remote id
	for i, row := range rows {
		if j, twice := place[row.RemoteID]; !twice || !before(row, rows[j]) {
			place[row.RemoteID] = i
		}
		row.ID = known[row.RemoteID].id
	}
	changed := newIssueColumns(len(rows))
	for _, i := range sortedValues(place) {
		row := rows[i]
		hash, err := contentHash(row)
		if err != nil {
			return nil, err
		}
		if k, there := known[row.RemoteID]; !there || k.accepts(row, hash) {
			if err := changed.add(row, hash); err != nil {
				return nil, err
			}
		}
	}
	if changed.len() == 0 {
		return outcomes, nil
	}
	stored, err := s.upsertColumns(ctx, connection, changed)
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

// contentHash tells two states of an issue apart. When it was observed is not among what counts, nor when an undated one
// was written down.
func contentHash(row *needle.Issue) ([]byte, error) {
	content := *row
	content.Stamp, content.ID, content.ObservedAt, content.GoneAt = needle.Stamp{}, needle.IssueID{}, time.Time{}, nil
	// What the tracker says counts, not what a mapping makes of it.
	content.Status, content.Type = content.TrackerStatus, content.TrackerType
	content.TrackerStatus, content.TrackerType, content.StateChangedAt = "", "", time.Time{}
	if content.Undated {
		if content.RemoteCreatedAt.Equal(content.RemoteUpdatedAt) {
			content.RemoteCreatedAt = time.Time{}
		}
		content.RemoteUpdatedAt = time.Time{}
	}
	text, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("fingerprinting an issue: %w", err)
	}
	sum := sha256.Sum256(text)
	return sum[:], nil
}

// issueColumns are rows turned by ninety degrees: one slice per column.
type issueColumns struct {
	ids, sources                                         []string
	texts                                                [14][]string // see add for which is which
	estimates                                            []sql.NullFloat64
	labels, assignees, created, updated, moved, observed []string
	closed                                               []sql.NullString
	hashes                                               [][]byte
}

func newIssueColumns(room int) *issueColumns {
	c := &issueColumns{}
	for i := range c.texts {
		c.texts[i] = make([]string, 0, room)
	}
	return c
}

func (c *issueColumns) len() int { return len(c.ids) }

func (c *issueColumns) add(row *needle.Issue, hash []byte) error {
	labels, err := jsonList(row.Labels)
	if err != nil {
		return err
	}
	assignees, err := jsonList(row.Assignees)
	if err != nil {
		return err
	}
	c.ids = append(c.ids, needle.NewIssueID().Raw().String())
	c.sources = append(c.sources, row.SourceID.Raw().String())
	for i, text := range [...]string{
		row.RemoteID, row.RemoteKey, row.URL, row.Title, row.Body, string(row.Type), row.RawType, string(row.Status),
		row.RawState, row.RawReason, row.ParentRemoteID, row.ParentRemoteKey, string(row.TrackerType), string(row.TrackerStatus),
	} {
		c.texts[i] = append(c.texts[i], text)
	}
	c.labels, c.assignees = append(c.labels, labels), append(c.assignees, assignees)
	var estimate sql.NullFloat64
	if row.Estimate != nil {
		estimate = sql.NullFloat64{Float64: *row.Estimate, Valid: true}
	}
	c.estimates = append(c.estimates, estimate)
	c.created = append(c.created, instantText(row.RemoteCreatedAt))
	c.updated = append(c.updated, instantText(row.RemoteUpdatedAt))
	c.closed = append(c.closed, nullInstant(row.RemoteClosedAt))
	c.moved = append(c.moved, instantText(row.StateChangedAt))
	c.observed = append(c.observed, instantText(row.ObservedAt))
	c.hashes = append(c.hashes, hash)
	return nil
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

// issueTexts are the columns of issueColumns.texts.
var issueTexts = []string{
	"remote_id", "remote_key", "url", "title", "body", "type", "raw_type", "status", "raw_state", "raw_reason", "parent_remote_id",
	"parent_remote_key", "tracker_type", "tracker_status",
}

// upsertIssues is the one statement that writes issues. Arguments 1 to 3 are the same for all rows.
var upsertIssues = func() string {
	texts := strings.Join(issueTexts, ", ")
	rest := "source_id, labels, assignees, estimate, remote_created_at, remote_updated_at, remote_closed_at, observed_at, content_hash"
	var set []string
	for _, column := range append(slices.Clone(issueTexts[1:]), strings.Split(rest, ", ")...) {
		set = append(set, column+" = EXCLUDED."+column)
	}
	// A change that is not one of state leaves the time of the last.
	set = append(set, `state_changed_at = CASE WHEN (i.raw_state, i.raw_reason, i.tracker_status, i.remote_closed_at) IS DISTINCT FROM
			(EXCLUDED.raw_state, EXCLUDED.raw_reason, EXCLUDED.tracker_status, EXCLUDED.remote_closed_at)
			THEN EXCLUDED.state_changed_at ELSE i.state_changed_at END`)
	var arrays []string
	for i := range issueTexts {
		arrays = append(arrays, fmt.Sprintf("$%d::text[]", i+4))
	}
	return `
	INSERT INTO issues AS i (workspace_id, connection_id, id, ` + texts + `, ` + rest + `, state_changed_at, created_at, updated_at, version)
	SELECT $1, $2, n.id, n.` + strings.Join(issueTexts, ", n.") + `, n.source_id, n.labels::jsonb, n.assignees::jsonb, n.estimate,
		n.remote_created_at, n.remote_updated_at, n.remote_closed_at, n.observed_at, n.content_hash, n.state_changed_at, $3, $3, 1
	FROM unnest(` + strings.Join(arrays, ", ") + `, $18::uuid[], $19::uuid[], $20::text[], $21::text[], $22::float8[],
		$23::timestamptz[], $24::timestamptz[], $25::timestamptz[], $26::timestamptz[], $27::bytea[], $28::timestamptz[])
		AS n(` + texts + `, id, ` + rest + `, state_changed_at)
	ON CONFLICT (workspace_id, connection_id, remote_id) DO UPDATE SET ` + strings.Join(set, ", ") + `,
		gone_at = NULL, moved_to = '', updated_at = EXCLUDED.updated_at, version = i.version + 1
	WHERE ` + newer + `
	RETURNING i.remote_id, i.id, i.xmax = 0, i.state_changed_at`
}()

func (s Scope) upsertColumns(ctx context.Context, connection needle.ConnectionID, c *issueColumns) (map[string]storedIssue, error) {
	args := []any{s.workspace, connection, s.Now()}
	for _, column := range c.texts {
		args = append(args, pq.Array(column))
	}
	args = append(args, pq.Array(c.ids), pq.Array(c.sources), pq.Array(c.labels), pq.Array(c.assignees), pq.Array(c.estimates),
		pq.Array(c.created), pq.Array(c.updated), pq.Array(c.closed), pq.Array(c.observed), pq.Array(c.hashes), pq.Array(c.moved))
	stored := make(map[string]storedIssue, c.len())
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
