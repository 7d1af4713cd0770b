package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// ReviewFacts reads everything that reviews of some teams in one cycle are computed from, in a constant number of
// statements however many teams there are; ReviewFacts.Of cuts out one team's. It answers NOT_FOUND for an unknown
// cycle.
func (s Scope) ReviewFacts(ctx context.Context, teams []needle.TeamID, cycle needle.CycleID, window needle.ReviewWindow, now time.Time) (needle.ReviewFacts, error) {
	var f needle.ReviewFacts
	var err error
	if f.Cycle, err = s.Cycle(ctx, cycle); err != nil {
		return f, err
	}
	f.Since, f.AsOf = window.Ends(f.Cycle, now)
	if f.KeyResults, err = s.keyResultsToReview(ctx, teams, cycle); err != nil {
		return f, err
	}
	ids := make([]needle.KeyResultID, len(f.KeyResults))
	for i, k := range f.KeyResults {
		ids[i] = k.ID
	}
	if err := s.valueFacts(ctx, &f, ids); err != nil {
		return f, err
	}
	if f.Items, err = s.itemsToReview(ctx, teams, ids, f.Since, f.AsOf); err != nil {
		return f, err
	}
	return f, s.workFacts(ctx, &f, ids, true)
}

// valueFacts reads the histories of the goals and values of key results.
func (s Scope) valueFacts(ctx context.Context, f *needle.ReviewFacts, ids []needle.KeyResultID) error {
	goals, err := s.GoalHistories(ctx, ids)
	if err != nil {
		return err
	}
	checkIns, err := s.CheckInHistories(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		f.Goals = append(f.Goals, goals[id]...)
		f.CheckIns = append(f.CheckIns, checkIns[id]...)
	}
	return nil
}

// workFacts reads the histories of the links to key results and of the moves of items; those of all other links of the
// items too where they are wanted.
func (s Scope) workFacts(ctx context.Context, f *needle.ReviewFacts, ids []needle.KeyResultID, elsewhere bool) error {
	items := make([]needle.BacklogItemID, len(f.Items))
	for i, item := range f.Items {
		items[i] = item.ID
	}
	linked := items
	if !elsewhere {
		linked = nil
	}
	var err error
	if f.Links, err = s.linksToReview(ctx, ids, linked); err != nil {
		return err
	}
	transitions, err := s.TransitionHistories(ctx, items)
	for _, id := range items {
		f.Transitions = append(f.Transitions, transitions[id]...)
	}
	return err
}

func (s Scope) keyResultsToReview(ctx context.Context, teams []needle.TeamID, cycles ...needle.CycleID) ([]*needle.KeyResult, error) {
	sh := shapeOf[needle.KeyResult](nil)
	return readRows[needle.KeyResult](ctx, s, sh, "SELECT "+sh.columns+
		" FROM key_results AS t WHERE t.workspace_id = ? AND t.cycle_id = ANY(?::uuid[]) AND t.team_id = ANY(?::uuid[]) ORDER BY t.number",
		s.workspace, uuids(raw(cycles)), uuids(raw(teams)))
}

// wantedItems are the items that were ever linked to key results (?1), the items of teams (?2) that reached DONE inside a
// window (?3 to ?4), and everything above either, of a workspace (?0).
const wantedItems = `
		WITH RECURSIVE wanted(id) AS (
			(SELECT v.item_id FROM contribution_versions AS v
			WHERE v.workspace_id = ?0 AND v.key_result_id = ANY(?1::uuid[])
			UNION
			SELECT m.item_id FROM item_transitions AS m
			JOIN backlog_items AS b ON b.workspace_id = m.workspace_id AND b.id = m.item_id
			WHERE m.workspace_id = ?0 AND b.team_id = ANY(?2::uuid[]) AND m.to_status = 'DONE' AND m.occurred_at > ?3 AND m.occurred_at <= ?4)
			UNION
			SELECT b.parent_id FROM wanted JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.id = wanted.id
			WHERE b.parent_id IS NOT NULL
		)`

// itemsToReview reads the items that were ever linked to the key results, the teams' items that reached DONE inside
// the window, and everything above either.
func (s Scope) itemsToReview(ctx context.Context, teams []needle.TeamID, keyResults []needle.KeyResultID, since, asOf time.Time) ([]*needle.BacklogItem, error) {
	sh := shapeOf[needle.BacklogItem](nil)
	return readRows[needle.BacklogItem](ctx, s, sh, wantedItems+`
		SELECT `+sh.columns+` FROM wanted JOIN backlog_items AS t ON t.workspace_id = ?0 AND t.id = wanted.id ORDER BY t.number`,
		s.workspace, uuids(raw(keyResults)), uuids(raw(teams)), since, asOf)
}

func (s Scope) linksToReview(ctx context.Context, keyResults []needle.KeyResultID, items []needle.BacklogItemID) ([]*needle.ContributionVersion, error) {
	return s.linkVersions(ctx, "(t.key_result_id = ANY(?::uuid[]) OR t.item_id = ANY(?::uuid[]))", uuids(raw(keyResults)), uuids(raw(items)))
}

// linkVersions reads all versions of the links that meet a condition on what no version changes, in the order in which
// they were recorded.
func (s Scope) linkVersions(ctx context.Context, condition string, args ...any) ([]*needle.ContributionVersion, error) {
	var out []*needle.ContributionVersion
	err := s.each(ctx, `SELECT t.contribution_id, t.item_id, t.key_result_id, t.role, t.expected_low, t.expected_high,
			t.lag_min_days, t.lag_max_days, t.note, t.origin, t.author_id, t.rule_id, t.epic_id, t.valid_from, t.ended, t.recorded_at, `+
		versionNumber("contribution_id")+` FROM contribution_versions AS t
		WHERE t.workspace_id = ? AND `+condition+` ORDER BY t.recorded_at, t.id`,
		append([]any{s.workspace}, args...), func(rows *sql.Rows) error {
			v := &needle.ContributionVersion{}
			v.WorkspaceID = s.workspace
			err := rows.Scan(&v.ID, &v.ItemID, &v.KeyResultID, &v.Role, &v.ExpectedLow, &v.ExpectedHigh,
				&v.LagMinDays, &v.LagMaxDays, &v.Note, &v.Origin, &v.AuthorID, &v.RuleID, &v.EpicID, &v.ValidFrom, &v.Ended, &v.RecordedAt, &v.Version)
			v.CreatedAt, v.UpdatedAt = v.RecordedAt, v.RecordedAt
			out = append(out, v)
			return err
		})
	return out, err
}

// versionNumber counts the versions of each subject in the order they were recorded.
func versionNumber(subject string) string {
	return "row_number() OVER (PARTITION BY t." + subject + " ORDER BY t.recorded_at, t.id) AS version"
}
