package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/needle-okr/needle/internal/needle"
)

// ClockSlack is how far the clocks of two processes may differ. What was noted further ahead than that was noted by a
// clock that was wrong, and is older than anything seen now.
const ClockSlack = time.Minute

// observed is when a row i was observed, by a clock that can be believed. $3 is the moment.
var observed = fmt.Sprintf(`(CASE WHEN i.observed_at <= $3::timestamptz + interval '%d seconds' THEN i.observed_at ELSE '-infinity' END)`,
	int(ClockSlack/time.Second))

// newer is the guard: whether an observation may replace a row i. Of two living states the one changed later wins, then
// the one observed later. A tombstone is undone only by an observation that began after it, and not by one that shows an
// older state than the row. $3 is the moment.
var newer = `CASE WHEN i.gone_at IS NULL
	THEN (EXCLUDED.remote_updated_at, EXCLUDED.observed_at) > (i.remote_updated_at, ` + observed + `)
	ELSE EXCLUDED.observed_at > ` + observed + ` AND EXCLUDED.remote_updated_at >= i.remote_updated_at END`

// knownIssue is what the pre-check reads of a row.
type knownIssue struct {
	id        needle.IssueID
	updated   time.Time
	observed  time.Time
	gone      bool
	unchanged []byte // the hash of what is stored
}

// accepts is the guard and the comparison of contents, before anything is sent.
func (k knownIssue) accepts(row *needle.Issue, hash []byte) bool {
	if k.gone {
		return row.ObservedAt.After(k.observed) && !row.RemoteUpdatedAt.Before(k.updated)
	}
	if bytes.Equal(hash, k.unchanged) {
		return false
	}
	if row.RemoteUpdatedAt.Equal(k.updated) {
		return row.ObservedAt.After(k.observed)
	}
	return row.RemoteUpdatedAt.After(k.updated)
}

// knownIssues reads what is stored of the issues; it is all that an unchanged page costs. Each is looked up by itself: given
// a list, the database would rather read the whole table until that is large.
func (s Scope) knownIssues(ctx context.Context, connection needle.ConnectionID, rows []*needle.Issue) (map[string]knownIssue, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.RemoteID
	}
	known, believable := make(map[string]knownIssue, len(rows)), s.Now().Add(ClockSlack)
	err := s.plain(ctx, `
		SELECT i.remote_id, i.id, i.remote_updated_at, i.observed_at, i.gone_at IS NOT NULL, i.content_hash
		FROM unnest($3::text[]) AS n(remote_id) CROSS JOIN LATERAL (
			SELECT * FROM issues WHERE workspace_id = $1 AND connection_id = $2 AND remote_id = n.remote_id LIMIT 1
		) AS i`,
		[]any{s.workspace, connection, pq.Array(ids)}, func(r *sql.Rows) error {
			var remote string
			var k knownIssue
			err := r.Scan(&remote, &k.id, &k.updated, &k.observed, &k.gone, &k.unchanged)
			if k.observed.After(believable) {
				k.observed = time.Time{}
			}
			known[remote] = k
			return err
		})
	return known, err
}
