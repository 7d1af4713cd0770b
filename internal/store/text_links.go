package store

import (
	"context"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// TextLink is a link that the text of an issue declares.
type TextLink struct {
	// IssueID is the issue.
	IssueID needle.IssueID
	// KeyResult is the number in the key result's key; one that does not exist links nothing.
	KeyResult int
	// Bet is what the text expects of it.
	Bet needle.Bet
}

// textLinkRow is a TextLink as a statement takes it.
type textLinkRow struct {
	Issue     uuid.UUID `json:"issue_id"`
	KeyResult int       `json:"number"`
	Role      string    `json:"role"`
	Low       *float64  `json:"expected_low"`
	High      *float64  `json:"expected_high"`
	LagMin    *int      `json:"lag_min_days"`
	LagMax    *int      `json:"lag_max_days"`
}

// LinkByText makes the links of the issues' items what their texts declare; links lists all that they declare now. A
// link by a rule or an epic becomes the text's, one by a person stays as it is, and what a person ended is not linked
// again. What a text no longer declares ends, and its earlier versions stay. It goes inside a transaction, before
// LinkByRules, and takes a constant number of statements.
func (s Scope) LinkByText(ctx context.Context, issues []needle.IssueID, links []TextLink) (RuleLinks, error) {
	if len(issues) == 0 {
		return RuleLinks{}, nil
	}
	wanted, err := textLinkRows(links)
	if err != nil {
		return RuleLinks{}, err
	}
	if err := s.SerializeLinks(ctx); err != nil {
		return RuleLinks{}, err
	}
	var n RuleLinks
	err = s.idb.QueryRowContext(ctx, `
		WITH wanted AS (
			SELECT b.id AS item_id, k.id AS key_result_id, d.role, d.expected_low, d.expected_high, d.lag_min_days, d.lag_max_days
			FROM jsonb_to_recordset(?3::jsonb) AS d(issue_id uuid, number integer, role text,
				expected_low float8, expected_high float8, lag_min_days integer, lag_max_days integer)
			JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.issue_id = d.issue_id
			JOIN key_results AS k ON k.workspace_id = ?0 AND k.number = d.number
		), last AS (
			SELECT DISTINCT ON (c.item_id, c.key_result_id) c.*
			FROM backlog_items AS b JOIN contributions AS c ON c.workspace_id = ?0 AND c.item_id = b.id
			WHERE b.workspace_id = ?0 AND b.issue_id = ANY(?1::uuid[])
			ORDER BY c.item_id, c.key_result_id, c.valid_to DESC NULLS FIRST, c.id DESC
		), compared AS (
			SELECT w.*, l.id AS last_id, l.valid_to IS NULL AND l.origin = 'TEXT' AS held,
				l.valid_to IS NULL AND l.origin IN ('TEXT', 'RULE', 'EPIC') AS mine,
				(l.origin, l.role, l.expected_low, l.expected_high, l.lag_min_days, l.lag_max_days) IS DISTINCT FROM
					('TEXT', w.role, w.expected_low, w.expected_high, w.lag_min_days, w.lag_max_days) AS differs,
				l.id IS NULL OR (l.valid_to IS NOT NULL AND l.origin <> 'PERSON') AS free
			FROM wanted AS w FULL JOIN last AS l ON l.item_id = w.item_id AND l.key_result_id = w.key_result_id
		), ended AS (
			UPDATE contributions AS c SET valid_to = greatest(?2, c.valid_from), updated_at = ?2, version = c.version + 1
			WHERE c.workspace_id = ?0 AND c.id = ANY(ARRAY(SELECT last_id FROM compared WHERE held AND item_id IS NULL))
			RETURNING c.*
		), changed AS (
			UPDATE contributions AS c SET origin = 'TEXT', rule_id = NULL, author_id = NULL, role = w.role,
				expected_low = w.expected_low, expected_high = w.expected_high, lag_min_days = w.lag_min_days, lag_max_days = w.lag_max_days,
				updated_at = ?2, version = c.version + 1
			FROM compared AS w WHERE c.workspace_id = ?0 AND c.id = w.last_id AND w.mine AND w.item_id IS NOT NULL AND w.differs
			RETURNING c.*
		), linked AS (
			INSERT INTO contributions (workspace_id, id, item_id, key_result_id, role, expected_low, expected_high, lag_min_days, lag_max_days,
				origin, valid_from, created_at, updated_at, version)
			SELECT ?0, `+freshUUID+`, w.item_id, w.key_result_id, w.role, w.expected_low, w.expected_high, w.lag_min_days, w.lag_max_days,
				'TEXT', ?2, ?2, ?2, 1
			FROM compared AS w WHERE w.item_id IS NOT NULL AND w.free
			RETURNING *
		), versions AS (`+appendVersions+`)
		SELECT (SELECT count(*) FROM linked), (SELECT count(*) FROM changed), (SELECT count(*) FROM ended)`,
		s.workspace, uuids(distinct(raw(issues))), s.Now(), wanted).Scan(&n.Linked, &n.Changed, &n.Ended)
	return n, mapError(err)
}
