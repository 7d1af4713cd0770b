package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// Links that no person makes: what texts, rules and epics say of pieces of work, brought in step in one statement, so that
// there is one place that knows who goes before whom.

// TextLink is a link that the text of an issue declares.
type TextLink struct {
	// IssueID is the issue.
	IssueID needle.IssueID
	// KeyResult is the number in the key result's key; one that does not exist links nothing.
	KeyResult int
	// Bet is what the text expects of it.
	Bet needle.Bet
}

// betRow is a Bet as a statement takes it.
type betRow struct {
	Role   string   `json:"role"`
	Low    *float64 `json:"expected_low"`
	High   *float64 `json:"expected_high"`
	LagMin *int     `json:"lag_min_days"`
	LagMax *int     `json:"lag_max_days"`
	Note   string   `json:"note"`
}

func rowOfBet(b needle.Bet) betRow {
	return betRow{string(b.Role), b.ExpectedLow, b.ExpectedHigh, b.LagMinDays, b.LagMaxDays, b.Note}
}

// textLinkRow is a TextLink as a statement takes it.
type textLinkRow struct {
	Issue     uuid.UUID `json:"issue_id"`
	KeyResult int       `json:"number"`
	betRow
}

// LinkChanges is what bringing links in step did, in numbers.
type LinkChanges struct {
	// Linked links are new.
	Linked int
	// Changed links say something else than before, or somebody else says it.
	Changed int
	// Ended links are those nothing makes any more.
	Ended int
}

// SerializeLinks makes transactions that link or unlink work run one after the other, so that a person and a rule never
// link the same two things at once. To never deadlock, whoever holds items or key results takes them before this, and
// links after it.
func (s Scope) SerializeLinks(ctx context.Context) error { return s.Serialize(ctx, "links") }

// LinkIssues brings the links of the items that mirror the issues, and of all that lies below them, in step with what
// texts, rules and epics say. texts lists all that the texts of these issues declare now.
//
// A person's word goes before all, also that there is no link; then comes the issue's text, then a rule (the narrower, then
// the older), then what the nearest item above says. What says less takes over when what says more falls silent, and
// where nothing speaks any more the link ends; its versions stay. It goes inside a transaction, after the writes to issues
// and items that it is to see, and takes a constant number of statements.
func (s Scope) LinkIssues(ctx context.Context, issues []needle.IssueID, texts []TextLink) (LinkChanges, error) {
	return s.bringLinksInStep(ctx, nil, issues, texts)
}

// LinkItems is LinkIssues for items whose texts have not changed: where a rule, an epic or a person's link did.
func (s Scope) LinkItems(ctx context.Context, items []needle.BacklogItemID) (LinkChanges, error) {
	return s.bringLinksInStep(ctx, items, nil, nil)
}

func (s Scope) bringLinksInStep(ctx context.Context, items []needle.BacklogItemID, issues []needle.IssueID, texts []TextLink) (LinkChanges, error) {
	var n LinkChanges
	if len(items)+len(issues) == 0 {
		return n, nil
	}
	if err := s.SerializeLinks(ctx); err != nil {
		return n, err
	}
	paths, err := s.pathsCovered(ctx)
	if err != nil {
		return n, err
	}
	args, err := linkArgs{items: items, issues: issues, texts: texts, sources: paths}.list(s)
	if err != nil {
		return n, err
	}
	err = s.idb.QueryRowContext(ctx, compareLinks+changeLinks, args...).Scan(&n.Linked, &n.Changed, &n.Ended)
	return n, mapError(err)
}

// linkArgs are the arguments of compareLinks.
type linkArgs struct {
	items  []needle.BacklogItemID
	issues []needle.IssueID
	texts  []TextLink
	// sources are those that path rules cover.
	sources []ruledSource
	// preview is a rule that is not stored; nil for none. It replaces the stored rule with its id.
	preview *needle.LinkRule
	// found is the work that preview covers when it is a query.
	found []needle.BacklogItemID
}

// ruledSource is a source that a path rule covers.
type ruledSource struct {
	Rule   uuid.UUID `json:"rule_id"`
	Source uuid.UUID `json:"source_id"`
}

// previewRow is a rule as a statement takes it.
type previewRow struct {
	ID         uuid.UUID  `json:"id"`
	Kind       string     `json:"kind"`
	Pattern    string     `json:"pattern"`
	Connection *uuid.UUID `json:"connection_id"`
	KeyResult  uuid.UUID  `json:"key_result_id"`
	CreatedAt  string     `json:"created_at"`
	betRow
}

// list renders the arguments ?0 to ?7.
func (a linkArgs) list(s Scope) ([]any, error) {
	texts, err := textLinkRows(a.texts)
	if err != nil {
		return nil, err
	}
	preview := []previewRow{}
	if r := a.preview; r != nil {
		row := previewRow{
			ID: r.ID.UUID, Kind: string(r.Kind), Pattern: r.Pattern, KeyResult: r.KeyResultID.UUID,
			CreatedAt: instantText(r.CreatedAt), betRow: rowOfBet(r.Bet),
		}
		if r.ConnectionID != nil {
			row.Connection = &r.ConnectionID.UUID
		}
		preview = append(preview, row)
	}
	if a.sources == nil {
		a.sources = []ruledSource{}
	}
	out := []any{s.workspace, uuids(distinct(raw(a.items))), s.Now(), uuids(distinct(raw(a.issues))), texts}
	for _, part := range []any{a.sources, preview} {
		text, err := json.Marshal(part)
		if err != nil {
			return nil, fmt.Errorf("listing what makes links: %w", err)
		}
		out = append(out, string(text))
	}
	return append(out, uuids(raw(a.found))), nil
}

// textLinkRows is links as a statement takes them.
func textLinkRows(links []TextLink) (string, error) {
	rows := make([]textLinkRow, len(links))
	for i, l := range links {
		rows[i] = textLinkRow{l.IssueID.UUID, l.KeyResult, rowOfBet(l.Bet)}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return "", fmt.Errorf("listing what texts declare: %w", err)
	}
	return string(text), nil
}

// pathsCovered pairs the path rules at work with the sources they cover.
func (s Scope) pathsCovered(ctx context.Context) ([]ruledSource, error) {
	var out []ruledSource
	err := s.each(ctx, `
		SELECT r.id, r.pattern, o.id, o.remote_key FROM link_rules AS r
		JOIN sources AS o ON o.workspace_id = r.workspace_id AND (r.connection_id IS NULL OR r.connection_id = o.connection_id)
		WHERE r.workspace_id = ? AND r.kind = ? AND r.enabled`,
		[]any{s.workspace, needle.LinkByPath}, func(rows *sql.Rows) error {
			var one ruledSource
			var glob, key string
			err := rows.Scan(&one.Rule, &glob, &one.Source, &key)
			if needle.MatchGlob(glob, key) {
				out = append(out, one)
			}
			return err
		})
	return out, err
}

// freshUUID yields a UUIDv7 at the statement's instant ?2, which PostgreSQL before 18 has no function for: the
// milliseconds go over the first 48 bits of a random UUIDv4, and two more bits turn its version into 7.
const freshUUID = `encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
	PLACING substring(int8send(floor(extract(epoch FROM ?2::timestamptz) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid`

// betColumns are the columns of a Bet.
const betColumns = `role, expected_low, expected_high, lag_min_days, lag_max_days, note`

// compareLinks works out what the links of some work should be and compares it with what they are.
//
//	covered   the items asked about: ?1, and those that mirror the issues ?3, whose texts declare ?4
//	work      these and all below them, since those inherit
//	chain     the way up from each, a bounded number of steps, so that a ring does no harm
//	covers    which rule covers which work; ?5 pairs path rules with sources, ?6 is a rule to preview, ?7 the work it finds
//	claims    what persons, texts and rules say of each piece of work, and of what lies above it
//	words     the strongest claim of each
//	wanted    the link each piece of work should have: by its own word or by the nearest one above it
//	compared  that, beside the last link there was
//
// Sets meet in joins that PostgreSQL can hash or sort, never row by row: without statistics, as in a first backfill, it
// takes them for small.
const compareLinks = `
	WITH RECURSIVE covered(id) AS MATERIALIZED (
		SELECT id FROM backlog_items WHERE workspace_id = ?0 AND id = ANY(?1::uuid[])
		UNION
		SELECT id FROM backlog_items WHERE workspace_id = ?0 AND issue_id = ANY(?3::uuid[])
	), below(id) AS (
		SELECT id FROM covered
		UNION
		SELECT b.id FROM below JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.parent_id = below.id
	), work AS MATERIALIZED (
		SELECT b.id, b.number, b.parent_id, b.issue_id, coalesce(b.issue_id = ANY(?3::uuid[]), false) AS spoken,
			i.connection_id, i.source_id, i.labels, i.parent_remote_id, i.parent_remote_key
		FROM below JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.id = below.id
		LEFT JOIN issues AS i ON i.workspace_id = ?0 AND i.id = b.issue_id
	), chain(item_id, above_id, depth) AS (
		SELECT id, parent_id, 1 FROM work WHERE parent_id IS NOT NULL
		UNION
		SELECT c.item_id, b.parent_id, c.depth + 1
		FROM chain AS c JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.id = c.above_id
		WHERE b.parent_id IS NOT NULL AND c.depth < 32
	), proposed AS (
		SELECT * FROM jsonb_to_recordset(?6::jsonb) AS p(id uuid, kind text, pattern text, connection_id uuid, key_result_id uuid,
			created_at timestamptz, role text, expected_low float8, expected_high float8, lag_min_days integer, lag_max_days integer, note text)
	), rules AS MATERIALIZED (
		SELECT id, kind, lower(pattern) AS pattern, connection_id, key_result_id, created_at, ` + betColumns + `
		FROM link_rules WHERE workspace_id = ?0 AND enabled AND id NOT IN (SELECT id FROM proposed)
		UNION ALL
		SELECT id, kind, lower(pattern), connection_id, key_result_id, created_at, ` + betColumns + ` FROM proposed
	), names(item_id, connection_id, name) AS (
		SELECT w.id, w.connection_id, n.name FROM work AS w
		CROSS JOIN LATERAL (VALUES (w.parent_remote_id), (w.parent_remote_key)) AS n(name)
		UNION ALL
		SELECT w.id, w.connection_id, n.name FROM chain AS c JOIN work AS w ON w.id = c.item_id
		JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.id = c.above_id
		LEFT JOIN issues AS i ON i.workspace_id = ?0 AND i.id = b.issue_id
		CROSS JOIN LATERAL (VALUES ('B-' || b.number), (i.remote_id), (i.remote_key), (i.parent_remote_id), (i.parent_remote_key)) AS n(name)
	), covers(item_id, rule_id) AS MATERIALIZED (
		SELECT w.id, r.id FROM work AS w CROSS JOIN LATERAL jsonb_array_elements_text(w.labels) AS l(label)
		JOIN rules AS r ON r.kind = 'LABEL' AND r.pattern = lower(l.label) AND (r.connection_id IS NULL OR r.connection_id = w.connection_id)
		UNION
		SELECT w.id, p.rule_id FROM jsonb_to_recordset(?5::jsonb) AS p(rule_id uuid, source_id uuid) JOIN work AS w ON w.source_id = p.source_id
		UNION
		SELECT n.item_id, r.id FROM names AS n
		JOIN rules AS r ON r.kind = 'EPIC' AND r.pattern = lower(n.name) AND (r.connection_id IS NULL OR r.connection_id = n.connection_id)
		UNION
		SELECT w.id, r.id FROM work AS w JOIN rule_matches AS m ON m.workspace_id = ?0 AND m.item_id = w.id
		JOIN rules AS r ON r.kind = 'QUERY' AND r.id = m.rule_id AND r.id NOT IN (SELECT id FROM proposed)
		UNION
		SELECT w.id, r.id FROM unnest(?7::uuid[]) AS f(id) JOIN work AS w ON w.id = f.id CROSS JOIN proposed AS r
	), last AS MATERIALIZED (
		SELECT DISTINCT ON (c.item_id, c.key_result_id) c.*
		FROM (SELECT id FROM work UNION SELECT above_id FROM chain) AS n
		JOIN contributions AS c ON c.workspace_id = ?0 AND c.item_id = n.id
		ORDER BY c.item_id, c.key_result_id, c.valid_to DESC NULLS FIRST, c.id DESC
	), claims AS (
		SELECT item_id, key_result_id, 0 AS rank, false AS wide, valid_from AS since, 'PERSON' AS origin, NULL::uuid AS rule_id,
			valid_to IS NOT NULL AS silent, ` + betColumns + `
		FROM last WHERE origin = 'PERSON'
		UNION ALL
		SELECT w.id, k.id, 1, false, ?2, 'TEXT', NULL, false, d.role, d.expected_low, d.expected_high, d.lag_min_days, d.lag_max_days, d.note
		FROM jsonb_to_recordset(?4::jsonb) AS d(issue_id uuid, number integer, role text,
			expected_low float8, expected_high float8, lag_min_days integer, lag_max_days integer, note text)
		JOIN work AS w ON w.issue_id = d.issue_id
		JOIN key_results AS k ON k.workspace_id = ?0 AND k.number = d.number
		UNION ALL
		SELECT c.item_id, r.key_result_id, 2, r.connection_id IS NULL, r.created_at, 'RULE', r.id, false, ` + betColumns + `
		FROM covers AS c JOIN rules AS r ON r.id = c.rule_id
		UNION ALL
		SELECT l.item_id, l.key_result_id, CASE l.origin WHEN 'TEXT' THEN 1 ELSE 2 END, false, l.valid_from, l.origin, l.rule_id, false,
			l.role, l.expected_low, l.expected_high, l.lag_min_days, l.lag_max_days, l.note
		FROM last AS l LEFT JOIN work AS w ON w.id = l.item_id
		WHERE l.valid_to IS NULL AND (l.origin = 'TEXT' AND w.spoken IS NOT TRUE OR l.origin = 'RULE' AND w.id IS NULL)
	), words AS MATERIALIZED (
		SELECT DISTINCT ON (item_id, key_result_id) * FROM claims ORDER BY item_id, key_result_id, rank, wide, since, rule_id
	), nearest AS (
		SELECT DISTINCT ON (c.item_id, o.key_result_id) c.item_id AS for_id, c.depth, o.*
		FROM (SELECT id AS item_id, id AS above_id, 0 AS depth FROM work UNION ALL SELECT item_id, above_id, depth FROM chain) AS c
		JOIN words AS o ON o.item_id = c.above_id
		ORDER BY c.item_id, o.key_result_id, c.depth
	), wanted AS MATERIALIZED (
		SELECT n.for_id AS item_id, n.key_result_id, CASE depth WHEN 0 THEN origin ELSE 'EPIC' END AS origin,
			CASE depth WHEN 0 THEN rule_id END AS rule_id, CASE WHEN depth > 0 THEN w.parent_id END AS epic_id,
			role, CASE depth WHEN 0 THEN expected_low END AS expected_low, CASE depth WHEN 0 THEN expected_high END AS expected_high,
			lag_min_days, lag_max_days, CASE depth WHEN 0 THEN note ELSE '' END AS note
		FROM nearest AS n JOIN work AS w ON w.id = n.for_id WHERE depth = 0 AND origin <> 'PERSON' OR depth > 0 AND NOT silent
	), compared AS MATERIALIZED (
		SELECT w.*, l.id AS last_id, coalesce(w.item_id, l.item_id) AS of_item, coalesce(w.key_result_id, l.key_result_id) AS of_key_result,
			l.valid_to IS NULL AND l.origin <> 'PERSON' AS held,
			l.origin = 'PERSON' AND l.valid_to IS NULL AS kept_by_person, l.origin = 'PERSON' AND l.valid_to IS NOT NULL AS ended_by_person,
			(l.origin, l.rule_id, l.epic_id, l.role, l.expected_low, l.expected_high, l.lag_min_days, l.lag_max_days, l.note) IS DISTINCT FROM
				(w.origin, w.rule_id, w.epic_id, w.role, w.expected_low, w.expected_high, w.lag_min_days, w.lag_max_days, w.note) AS differs,
			l.id IS NULL OR l.valid_to IS NOT NULL AND l.origin <> 'PERSON' AS free
		FROM wanted AS w FULL JOIN (SELECT l.* FROM last AS l JOIN work ON work.id = l.item_id) AS l
			ON l.item_id = w.item_id AND l.key_result_id = w.key_result_id
	)`

// changeLinks makes the links what compareLinks found they should be, with their versions, and notes which rule covers
// what. Its changes touch different rows, so one statement makes them all.
const changeLinks = `, ended AS (
		UPDATE contributions AS c SET valid_to = greatest(?2, c.valid_from), updated_at = ?2, version = c.version + 1
		WHERE c.workspace_id = ?0 AND c.id = ANY(ARRAY(SELECT last_id FROM compared WHERE held AND item_id IS NULL))
		RETURNING c.*
	), changed AS (
		UPDATE contributions AS c SET origin = w.origin, rule_id = w.rule_id, epic_id = w.epic_id, author_id = NULL, role = w.role,
			expected_low = w.expected_low, expected_high = w.expected_high, lag_min_days = w.lag_min_days, lag_max_days = w.lag_max_days,
			note = w.note, updated_at = ?2, version = c.version + 1
		FROM compared AS w WHERE c.workspace_id = ?0 AND c.id = w.last_id AND w.held AND w.item_id IS NOT NULL AND w.differs
		RETURNING c.*
	), linked AS (
		INSERT INTO contributions (workspace_id, id, item_id, key_result_id, ` + betColumns + `, origin, rule_id, epic_id,
			valid_from, created_at, updated_at, version)
		SELECT ?0, ` + freshUUID + `, w.item_id, w.key_result_id, w.role, w.expected_low, w.expected_high, w.lag_min_days, w.lag_max_days, w.note,
			w.origin, w.rule_id, w.epic_id, ?2, ?2, ?2, 1
		FROM compared AS w WHERE w.item_id IS NOT NULL AND w.free
		RETURNING *
	), versions AS (
		INSERT INTO contribution_versions (workspace_id, id, contribution_id, item_id, key_result_id, ` + betColumns + `,
			origin, author_id, rule_id, epic_id, valid_from, ended, recorded_at)
		SELECT v.workspace_id, ` + freshUUID + `, v.id, v.item_id, v.key_result_id, v.role, v.expected_low, v.expected_high,
			v.lag_min_days, v.lag_max_days, v.note, v.origin, v.author_id, v.rule_id, v.epic_id,
			coalesce(v.valid_to, greatest(?2, v.valid_from)), v.valid_to IS NOT NULL, ?2
		FROM (SELECT * FROM ended UNION ALL SELECT * FROM changed UNION ALL SELECT * FROM linked) AS v
	), lost AS (
		DELETE FROM rule_matches AS m USING work AS w, link_rules AS r
		WHERE m.workspace_id = ?0 AND m.item_id = w.id AND r.workspace_id = ?0 AND r.id = m.rule_id AND r.kind <> 'QUERY'
			AND (m.item_id, m.rule_id) NOT IN (SELECT item_id, rule_id FROM covers)
	), found AS (
		INSERT INTO rule_matches (workspace_id, rule_id, item_id)
		SELECT ?0, c.rule_id, c.item_id FROM covers AS c JOIN rules AS r ON r.id = c.rule_id AND r.kind <> 'QUERY'
		ON CONFLICT DO NOTHING
	)
	SELECT (SELECT count(*) FROM linked), (SELECT count(*) FROM changed), (SELECT count(*) FROM ended)`
