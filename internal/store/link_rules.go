package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// LinkRuleList asks for a list of link rules.
type LinkRuleList = needle.ListArgs[needle.LinkRuleFilter, needle.LinkRuleOrderField]

var linkRules = listing[needle.LinkRule, needle.LinkRuleFilter, needle.LinkRuleOrderField]{
	orders: map[needle.LinkRuleOrderField]orderKey[needle.LinkRule]{
		needle.LinkRuleByLabel:     byText("label", func(r *needle.LinkRule) string { return r.Label }),
		needle.LinkRuleByCreatedAt: byTime("created_at", func(r *needle.LinkRule) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.LinkRuleByCreatedAt, needle.Asc),
	filter: linkRuleFilter,
	id:     func(row *needle.LinkRule) uuid.UUID { return row.ID.UUID },
}

func linkRuleFilter(w *where, f *needle.LinkRuleFilter) {
	compare(w, "key_result_id", f.KeyResultID)
	w.text("label", f.Label)
	w.flag("enabled", f.Enabled)
	nest(w, f.And, f.Or, f.Not, linkRuleFilter)
}

// LinkRules reads one page of link rules. Malformed arguments answer coded Errors.
func (s Scope) LinkRules(ctx context.Context, q LinkRuleList) (*needle.Page[*needle.LinkRule], error) {
	return linkRules.page(ctx, s, q)
}

// LinkRulesByID reads link rules; the answer lies parallel to ids, nil where there is none.
func (s Scope) LinkRulesByID(ctx context.Context, ids []needle.LinkRuleID) ([]*needle.LinkRule, error) {
	return linkRules.byIDs(ctx, s, raw(ids))
}

// LinkRule reads one link rule, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) LinkRule(ctx context.Context, id needle.LinkRuleID) (*needle.LinkRule, error) {
	return linkRules.one(ctx, s, id.UUID, "link rule")
}

// InsertLinkRule stores a new link rule.
func (s Scope) InsertLinkRule(ctx context.Context, row *needle.LinkRule) error {
	return s.insert(ctx, row)
}

// UpdateLinkRule stores a changed link rule. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateLinkRule(ctx context.Context, row *needle.LinkRule) error {
	return s.update(ctx, row)
}

// RuleLinks is what applying the link rules did, in numbers.
type RuleLinks struct {
	// Linked links are new.
	Linked int
	// Changed links serve in another role, or by another rule, than before.
	Changed int
	// Ended links are those no rule makes any more.
	Ended int
}

// LinkByRules makes the links of the issues' items what the link rules say: an item is linked while its issue carries
// the label of an enabled rule that covers its tracker. The narrower rule wins, then the older. Links of other origins
// stay as they are, and what a person ended is not linked again. It goes inside a transaction, after the
// writes to issues and items that it is to see, and takes a constant number of statements.
func (s Scope) LinkByRules(ctx context.Context, issues []needle.IssueID) (RuleLinks, error) {
	if len(issues) == 0 {
		return RuleLinks{}, nil
	}
	return s.linkByRules(ctx, "b.issue_id = ANY(?1::uuid[])", uuids(distinct(raw(issues))))
}

// LinkAllByRules is LinkByRules for every item, as when a rule changed.
func (s Scope) LinkAllByRules(ctx context.Context) (RuleLinks, error) {
	return s.linkByRules(ctx, "true", nil)
}

// SerializeLinks makes transactions that link or unlink work run one after the other, so that a person and a rule never
// link the same two things at once. To never deadlock, whoever holds items or key results takes them before this, and
// links after it.
func (s Scope) SerializeLinks(ctx context.Context) error { return s.Serialize(ctx, "links") }

// freshUUID yields a UUIDv7 at the statement's instant ?2, which PostgreSQL before 18 has no function for: the
// milliseconds go over the first 48 bits of a random UUIDv4, and two more bits turn its version into 7.
const freshUUID = `encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
	PLACING substring(int8send(floor(extract(epoch FROM ?2::timestamptz) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid`

// appendVersions keeps a version of every link that a statement changed: its parts ended, changed and linked.
const appendVersions = `
			INSERT INTO contribution_versions (workspace_id, id, contribution_id, item_id, key_result_id, role, expected_low, expected_high,
				lag_min_days, lag_max_days, note, origin, author_id, rule_id, valid_from, ended, recorded_at)
			SELECT v.workspace_id, ` + freshUUID + `, v.id, v.item_id, v.key_result_id, v.role, v.expected_low, v.expected_high,
				v.lag_min_days, v.lag_max_days, v.note, v.origin, v.author_id, v.rule_id,
				coalesce(v.valid_to, greatest(?2, v.valid_from)), v.valid_to IS NOT NULL, ?2
			FROM (SELECT * FROM ended UNION ALL SELECT * FROM changed UNION ALL SELECT * FROM linked) AS v`

// linkByRules compares what the rules want of the covered items with the last link of each pair. The three changes touch
// different rows, so one statement makes them all, with their versions. The sets meet in a FULL JOIN, which PostgreSQL
// always hashes or sorts: without statistics, as in a first backfill, it would take them for small and compare every row
// of one with every row of the other.
func (s Scope) linkByRules(ctx context.Context, covered string, issues any) (RuleLinks, error) {
	if err := s.SerializeLinks(ctx); err != nil {
		return RuleLinks{}, err
	}
	var n RuleLinks
	err := s.idb.QueryRowContext(ctx, `
		WITH labelled AS MATERIALIZED (
			SELECT b.id AS item_id, i.connection_id, lower(l.label) AS label
			FROM backlog_items AS b JOIN issues AS i ON i.workspace_id = ?0 AND i.id = b.issue_id
			CROSS JOIN LATERAL jsonb_array_elements_text(i.labels) AS l(label)
			WHERE b.workspace_id = ?0 AND `+covered+`
		), wanted AS (
			SELECT DISTINCT ON (l.item_id, r.key_result_id) l.item_id, r.key_result_id, r.id AS rule_id, r.role
			FROM labelled AS l
			JOIN link_rules AS r ON r.workspace_id = ?0 AND r.enabled AND lower(r.label) = l.label
				AND (r.connection_id IS NULL OR r.connection_id = l.connection_id)
			ORDER BY l.item_id, r.key_result_id, r.connection_id NULLS LAST, r.created_at, r.id
		), last AS (
			SELECT DISTINCT ON (c.item_id, c.key_result_id) c.*
			FROM backlog_items AS b JOIN contributions AS c ON c.workspace_id = ?0 AND c.item_id = b.id
			WHERE b.workspace_id = ?0 AND `+covered+`
			ORDER BY c.item_id, c.key_result_id, c.valid_to DESC NULLS FIRST, c.id DESC
		), compared AS (
			SELECT w.*, l.id AS last_id, l.origin = 'RULE' AND l.valid_to IS NULL AS held,
				l.role IS DISTINCT FROM w.role OR l.rule_id IS DISTINCT FROM w.rule_id AS differs,
				l.id IS NULL OR (l.valid_to IS NOT NULL AND l.origin <> 'PERSON') AS free
			FROM wanted AS w FULL JOIN last AS l ON l.item_id = w.item_id AND l.key_result_id = w.key_result_id
		), ended AS (
			UPDATE contributions AS c SET valid_to = greatest(?2, c.valid_from), updated_at = ?2, version = c.version + 1
			WHERE c.workspace_id = ?0 AND c.id = ANY(ARRAY(SELECT last_id FROM compared WHERE held AND item_id IS NULL))
			RETURNING c.*
		), changed AS (
			UPDATE contributions AS c SET role = w.role, rule_id = w.rule_id, updated_at = ?2, version = c.version + 1
			FROM compared AS w WHERE c.workspace_id = ?0 AND c.id = w.last_id AND w.held AND w.item_id IS NOT NULL AND w.differs
			RETURNING c.*
		), linked AS (
			INSERT INTO contributions (workspace_id, id, item_id, key_result_id, role, origin, rule_id, valid_from, created_at, updated_at, version)
			SELECT ?0, `+freshUUID+`, w.item_id, w.key_result_id, w.role, 'RULE', w.rule_id, ?2, ?2, ?2, 1
			FROM compared AS w WHERE w.item_id IS NOT NULL AND w.free
			RETURNING *
		), versions AS (`+appendVersions+`)
		SELECT (SELECT count(*) FROM linked), (SELECT count(*) FROM changed), (SELECT count(*) FROM ended)`,
		s.workspace, issues, s.Now()).Scan(&n.Linked, &n.Changed, &n.Ended)
	return n, mapError(err)
}
