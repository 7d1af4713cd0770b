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

// LinkRulesByKeyResult reads one page of link rules of each key result.
func (s Scope) LinkRulesByKeyResult(ctx context.Context, parents []needle.KeyResultID, q LinkRuleList) ([]*needle.Page[*needle.LinkRule], error) {
	return below(ctx, s, &linkRules, relation{column: "t.key_result_id"}, parents, q)
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
