package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// LinkRuleList asks for a list of link rules.
type LinkRuleList = needle.ListArgs[needle.LinkRuleFilter, needle.LinkRuleOrderField]

var linkRules = listing[needle.LinkRule, needle.LinkRuleFilter, needle.LinkRuleOrderField]{
	orders: map[needle.LinkRuleOrderField]orderKey[needle.LinkRule]{
		needle.LinkRuleByPattern:   byText("pattern", func(r *needle.LinkRule) string { return r.Pattern }),
		needle.LinkRuleByCreatedAt: byTime("created_at", func(r *needle.LinkRule) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.LinkRuleByCreatedAt, needle.Asc),
	filter: linkRuleFilter,
	id:     func(row *needle.LinkRule) uuid.UUID { return row.ID.UUID },
}

func linkRuleFilter(w *where, f *needle.LinkRuleFilter) {
	w.and("§deleted_at IS NULL")
	compare(w, "key_result_id", f.KeyResultID)
	compare(w, "kind", f.Kind)
	w.text("pattern", f.Pattern)
	w.flag("enabled", f.Enabled)
	nest(w, f.And, f.Or, f.Not, linkRuleFilter)
}

// LinkRules reads one page of link rules. Malformed arguments answer coded Errors.
func (s Scope) LinkRules(ctx context.Context, q LinkRuleList) (*needle.Page[*needle.LinkRule], error) {
	return linkRules.page(ctx, s, q)
}

// LinkRulesByID reads link rules, deleted ones among them, since histories name them; the answer lies parallel to ids, nil
// where there is none.
func (s Scope) LinkRulesByID(ctx context.Context, ids []needle.LinkRuleID) ([]*needle.LinkRule, error) {
	return linkRules.byIDs(ctx, s, raw(ids))
}

// LinkRule reads one link rule, locked when inside a transaction. It answers NOT_FOUND, also for one that was deleted.
func (s Scope) LinkRule(ctx context.Context, id needle.LinkRuleID) (*needle.LinkRule, error) {
	rule, err := linkRules.one(ctx, s, id.UUID, "link rule")
	if err == nil && rule.DeletedAt != nil {
		return nil, needle.NotFound("", "link rule")
	}
	return rule, err
}

// InsertLinkRule stores a new link rule.
func (s Scope) InsertLinkRule(ctx context.Context, row *needle.LinkRule) error {
	return s.insert(ctx, row)
}

// UpdateLinkRule stores a changed link rule. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateLinkRule(ctx context.Context, row *needle.LinkRule) error {
	return s.update(ctx, row)
}

// RuleMatches counts the work that each rule covers, whoever decides its links.
func (s Scope) RuleMatches(ctx context.Context, ids []needle.LinkRuleID) (map[needle.LinkRuleID]int, error) {
	counts := make(map[needle.LinkRuleID]int, len(ids))
	err := s.each(ctx, `
		SELECT m.rule_id, count(*) FROM rule_matches AS m JOIN link_rules AS r ON r.workspace_id = m.workspace_id AND r.id = m.rule_id
		WHERE m.workspace_id = ? AND m.rule_id = ANY(?::uuid[]) AND r.enabled GROUP BY m.rule_id`,
		[]any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
			var id needle.LinkRuleID
			var n int
			err := rows.Scan(&id, &n)
			counts[id] = n
			return err
		})
	return counts, err
}

// RuleConflicts lists, for each rule, the other rules at work that cover some of the same work for the same key result and
// say something else of it, those with the most work in common first.
func (s Scope) RuleConflicts(ctx context.Context, ids []needle.LinkRuleID) (map[needle.LinkRuleID][]*needle.LinkRuleConflict, error) {
	found := make(map[needle.LinkRuleID][]*needle.LinkRuleConflict, len(ids))
	err := s.each(ctx, `
		SELECT r.id, o.id, count(*), (r.connection_id IS NULL, r.created_at, r.id) < (o.connection_id IS NULL, o.created_at, o.id)
		FROM link_rules AS r
		JOIN link_rules AS o ON o.workspace_id = r.workspace_id AND o.key_result_id = r.key_result_id AND o.id <> r.id AND o.enabled
			AND (o.role, o.expected_low, o.expected_high, o.lag_min_days, o.lag_max_days) IS DISTINCT FROM
				(r.role, r.expected_low, r.expected_high, r.lag_min_days, r.lag_max_days)
		JOIN rule_matches AS m ON m.workspace_id = r.workspace_id AND m.rule_id = r.id
		JOIN rule_matches AS n ON n.workspace_id = o.workspace_id AND n.rule_id = o.id AND n.item_id = m.item_id
		WHERE r.workspace_id = ? AND r.id = ANY(?::uuid[]) AND r.enabled
		GROUP BY r.id, r.connection_id, r.created_at, o.id, o.connection_id, o.created_at
		ORDER BY r.id, count(*) DESC, o.created_at, o.id`,
		[]any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
			var id needle.LinkRuleID
			c := new(needle.LinkRuleConflict)
			err := rows.Scan(&id, &c.OtherID, &c.Items, &c.Wins)
			found[id] = append(found[id], c)
			return err
		})
	return found, err
}
