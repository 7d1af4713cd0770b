package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ContributionList asks for a list of contributions.
type ContributionList = needle.ListArgs[needle.ContributionFilter, needle.ContributionOrderField]

var contributions = listing[needle.Contribution, needle.ContributionFilter, needle.ContributionOrderField]{
	orders: map[needle.ContributionOrderField]orderKey[needle.Contribution]{
		needle.ContributionByValidFrom: byTime("valid_from", func(r *needle.Contribution) time.Time { return r.ValidFrom }),
		needle.ContributionByCreatedAt: byTime("created_at", func(r *needle.Contribution) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.ContributionByValidFrom, needle.Asc),
	filter: contributionFilter,
	id:     func(row *needle.Contribution) uuid.UUID { return row.ID.UUID },
}

func contributionFilter(w *where, f *needle.ContributionFilter) {
	compare(w, "item_id", f.ItemID)
	compare(w, "key_result_id", f.KeyResultID)
	compare(w, "role", f.Role)
	compare(w, "origin", f.Origin)
	ended := f.Ended != nil && *f.Ended
	w.flag("valid_to IS NOT NULL", &ended)
	if f.Container != nil && *f.Container {
		w.and(container)
	} else if f.Container != nil {
		w.and("NOT " + container)
	}
	if f.Item != nil {
		related(w, "backlog_items AS %a WHERE %a.workspace_id = §workspace_id AND %a.id = §item_id", f.Item, nil, backlogItemFilter)
	}
	nest(w, f.And, f.Or, f.Not, contributionFilter)
}

// container tells the link of an item below which others serve the same key result: these are counted, and so it is not
// counted beside them. Package impact knows the same of links that held in the past.
const container = `EXISTS (SELECT 1 FROM backlog_items AS part JOIN contributions AS other ON other.workspace_id = part.workspace_id
	AND other.item_id = part.id AND other.key_result_id = §key_result_id AND other.valid_to IS NULL
	WHERE part.workspace_id = §workspace_id AND part.parent_id = §item_id AND part.id <> §item_id)`

// Containers reports for each link whether work directly below serves the same key result.
func (s Scope) Containers(ctx context.Context, ids []needle.ContributionID) (map[needle.ContributionID]bool, error) {
	found := make(map[needle.ContributionID]bool, len(ids))
	err := s.each(ctx, `SELECT t.id FROM contributions AS t WHERE t.workspace_id = ? AND t.id = ANY(?::uuid[]) AND t.valid_to IS NULL AND `+
		strings.ReplaceAll(container, "§", "t."), []any{s.workspace, uuids(distinct(raw(ids)))}, func(rows *sql.Rows) error {
		var id needle.ContributionID
		err := rows.Scan(&id)
		found[id] = true
		return err
	})
	return found, err
}

// Contributions reads one page of contributions. Malformed arguments answer coded Errors.
func (s Scope) Contributions(ctx context.Context, q ContributionList) (*needle.Page[*needle.Contribution], error) {
	return contributions.page(ctx, s, q)
}

// ContributionsByItem reads one page of contributions of each item.
func (s Scope) ContributionsByItem(ctx context.Context, parents []needle.BacklogItemID, q ContributionList) ([]*needle.Page[*needle.Contribution], error) {
	return below(ctx, s, &contributions, relation{column: "t.item_id"}, parents, q)
}

// ContributionsByKeyResult reads one page of contributions of each key result.
func (s Scope) ContributionsByKeyResult(ctx context.Context, parents []needle.KeyResultID, q ContributionList) ([]*needle.Page[*needle.Contribution], error) {
	return below(ctx, s, &contributions, relation{column: "t.key_result_id"}, parents, q)
}

// ContributionsByID reads contributions; the answer lies parallel to ids, nil where there is none.
func (s Scope) ContributionsByID(ctx context.Context, ids []needle.ContributionID) ([]*needle.Contribution, error) {
	return contributions.byIDs(ctx, s, raw(ids))
}

// Contribution reads one contribution, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Contribution(ctx context.Context, id needle.ContributionID) (*needle.Contribution, error) {
	return contributions.one(ctx, s, id.UUID, "contribution")
}

// InsertContribution stores a new contribution.
func (s Scope) InsertContribution(ctx context.Context, row *needle.Contribution) error {
	return s.insert(ctx, row)
}

// UpdateContribution stores a changed contribution. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateContribution(ctx context.Context, row *needle.Contribution) error {
	return s.update(ctx, row)
}

// LiveContribution reads the link between an item and a key result that holds now, locked when inside a transaction;
// nil when there is none.
func (s Scope) LiveContribution(ctx context.Context, item needle.BacklogItemID, keyResult needle.KeyResultID) (*needle.Contribution, error) {
	sh := shapeOf[needle.Contribution](nil)
	rows, err := readRows[needle.Contribution](ctx, s, sh, "SELECT "+sh.columns+` FROM contributions AS t
		WHERE t.workspace_id = ? AND t.item_id = ? AND t.key_result_id = ? AND t.valid_to IS NULL`+s.lockClause(), s.workspace, item, keyResult)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// AppendContribution adds the present form of a contribution to its history, true from the instant given; one with
// ValidTo is added as ended.
func (s Scope) AppendContribution(ctx context.Context, c *needle.Contribution, from time.Time) error {
	ended := c.ValidTo != nil
	_, err := s.idb.ExecContext(ctx, `
		INSERT INTO contribution_versions (workspace_id, id, contribution_id, item_id, key_result_id, role, expected_low, expected_high,
			lag_min_days, lag_max_days, note, origin, author_id, rule_id, epic_id, valid_from, ended, recorded_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.workspace, uuid.Must(uuid.NewV7()), c.ID, c.ItemID, c.KeyResultID, c.Role, c.ExpectedLow, c.ExpectedHigh,
		c.LagMinDays, c.LagMaxDays, c.Note, c.Origin, c.AuthorID, c.RuleID, c.EpicID, from, ended, c.UpdatedAt)
	return mapError(err)
}
