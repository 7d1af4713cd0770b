package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// BacklinkList asks for a list of backlinks.
type BacklinkList = needle.ListArgs[needle.BacklinkFilter, needle.BacklinkOrderField]

var backlinks = listing[needle.Backlink, needle.BacklinkFilter, needle.BacklinkOrderField]{
	orders: map[needle.BacklinkOrderField]orderKey[needle.Backlink]{
		needle.BacklinkByChangedAt: byTime("changed_at", func(r *needle.Backlink) time.Time { return r.ChangedAt }),
	},
	usual:  order(needle.BacklinkByChangedAt, needle.Desc),
	filter: backlinkFilter,
	id:     func(row *needle.Backlink) uuid.UUID { return row.IssueID.UUID },
	key:    "issue_id",
}

func backlinkFilter(w *where, f *needle.BacklinkFilter) {
	compare(w, "state", f.State)
	w.date("changed_at", f.ChangedAt)
	nest(w, f.And, f.Or, f.Not, backlinkFilter)
}

// BacklinksByConnection reads one page of backlinks of each connection.
func (s Scope) BacklinksByConnection(ctx context.Context, parents []needle.ConnectionID, q BacklinkList) ([]*needle.Page[*needle.Backlink], error) {
	return below(ctx, s, &backlinks, relation{column: "t.connection_id"}, parents, q)
}

// BacklinksByIssue reads the backlink of each issue; the answer lies parallel to ids, nil where there is none.
func (s Scope) BacklinksByIssue(ctx context.Context, ids []needle.IssueID) ([]*needle.Backlink, error) {
	sh := shapeOf[needle.Backlink](nil)
	rows, err := readRows[needle.Backlink](ctx, s, sh, "SELECT "+sh.columns+
		" FROM backlinks AS t WHERE t.workspace_id = ? AND t.issue_id = ANY(?::uuid[])", s.workspace, uuids(distinct(raw(ids))))
	found := make(map[needle.IssueID]*needle.Backlink, len(rows))
	for _, row := range rows {
		found[row.IssueID] = row
	}
	out := make([]*needle.Backlink, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, err
}

// ServingIssue is a living issue whose work serves key results.
type ServingIssue struct {
	// ID is the issue.
	ID needle.IssueID
	// URL leads to it at its tracker; may be empty.
	URL string
	// ItemNumber is the counter in the key of its item.
	ItemNumber int
	// Status is where the work stands.
	Status needle.StatusCategory
	// DeliveredAt is when it was delivered; nil while it was not.
	DeliveredAt *time.Time
	// Links are what it serves, each key result once.
	Links []ServingLink
}

// ServingLink is one key result that work serves, and the bet on it.
type ServingLink struct {
	KeyResultID needle.KeyResultID
	needle.Bet
}

// ServingIssues reads the next living issues of a connection whose work serves a key result, by id.
func (s Scope) ServingIssues(ctx context.Context, connection needle.ConnectionID, after needle.IssueID, limit int) ([]*ServingIssue, error) {
	return s.servingIssues(ctx, "i.connection_id = ?1 AND i.id > ?2", limit, connection, after)
}

// ServingIssue reads one issue if it lives and its work serves a key result; nil otherwise.
func (s Scope) ServingIssue(ctx context.Context, id needle.IssueID) (*ServingIssue, error) {
	found, err := s.servingIssues(ctx, "i.id = ?1", 1, id, nil)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

func (s Scope) servingIssues(ctx context.Context, which string, limit int, first, second any) ([]*ServingIssue, error) {
	var out []*ServingIssue
	err := s.each(ctx, `
		WITH page AS (
			SELECT i.id, i.url, b.id AS item_id, b.number, b.status, b.delivered_at
			FROM issues AS i JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.issue_id = i.id
			WHERE i.workspace_id = ?0 AND i.gone_at IS NULL AND `+which+`
				AND EXISTS (SELECT 1 FROM contributions AS c WHERE c.workspace_id = ?0 AND c.item_id = b.id AND c.valid_to IS NULL)
			ORDER BY i.id LIMIT ?3
		)
		SELECT p.id, p.url, p.number, p.status, p.delivered_at,
			c.key_result_id, c.role, c.expected_low, c.expected_high, c.lag_min_days, c.lag_max_days
		FROM page AS p JOIN contributions AS c ON c.workspace_id = ?0 AND c.item_id = p.item_id AND c.valid_to IS NULL
		ORDER BY p.id, c.key_result_id`, []any{s.workspace, first, second, limit}, func(r *sql.Rows) error {
		var one ServingIssue
		var link ServingLink
		err := r.Scan(&one.ID, &one.URL, &one.ItemNumber, &one.Status, &one.DeliveredAt,
			&link.KeyResultID, &link.Role, &link.ExpectedLow, &link.ExpectedHigh, &link.LagMinDays, &link.LagMaxDays)
		if last := len(out) - 1; last < 0 || out[last].ID != one.ID {
			out = append(out, &one)
		}
		last := out[len(out)-1]
		last.Links = append(last.Links, link)
		return err
	})
	return out, err
}

// ServingWork is work that serves a key result, as far as others that share its window need to know.
type ServingWork struct {
	KeyResultID needle.KeyResultID
	// DeliveredAt is when it was delivered; nil while it was not.
	DeliveredAt *time.Time
	// LagMinDays and LagMaxDays are its bet's; nil takes the key result's.
	LagMinDays, LagMaxDays *int
}

// ServingWork reads all work that serves any of the key results, dropped work left out, in no order.
func (s Scope) ServingWork(ctx context.Context, ids []needle.KeyResultID) ([]ServingWork, error) {
	var out []ServingWork
	err := s.each(ctx, `
		SELECT c.key_result_id, b.delivered_at, c.lag_min_days, c.lag_max_days
		FROM contributions AS c JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.id = c.item_id AND b.status <> ?2
		WHERE c.workspace_id = ?0 AND c.key_result_id = ANY(?1::uuid[]) AND c.valid_to IS NULL`,
		[]any{s.workspace, uuids(distinct(raw(ids))), needle.StatusDropped}, func(r *sql.Rows) error {
			var one ServingWork
			err := r.Scan(&one.KeyResultID, &one.DeliveredAt, &one.LagMinDays, &one.LagMaxDays)
			out = append(out, one)
			return err
		})
	return out, err
}
