package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// LineOfSightFacts reads everything that a line of sight is computed from, in a constant number of statements. It answers
// NOT_FOUND for an unknown start.
func (s Scope) LineOfSightFacts(ctx context.Context, from needle.LineOfSightFrom, asOf time.Time) (needle.LineOfSightFacts, error) {
	f := needle.LineOfSightFacts{From: from, AsOf: asOf}
	policy, err := s.Policy(ctx)
	if err != nil {
		return f, err
	}
	f.FreshDays = policy.FreshDays
	if from.PainPointID != nil {
		err = s.lineDown(ctx, &f, *from.PainPointID)
	} else {
		err = s.lineUp(ctx, &f)
	}
	if err != nil {
		return f, err
	}
	transitions, err := s.TransitionHistories(ctx, lineItemIDs(f.Items))
	for _, moves := range transitions {
		f.Transitions = append(f.Transitions, moves...)
	}
	return f, err
}

// lineDown reads what a pain point leads to.
func (s Scope) lineDown(ctx context.Context, f *needle.LineOfSightFacts, start needle.PainPointID) error {
	var number int
	switch err := s.idb.QueryRowContext(ctx, `SELECT number FROM pain_points WHERE workspace_id = ? AND id = ?`, s.workspace, start).Scan(&number); {
	case errors.Is(err, sql.ErrNoRows):
		return needle.NotFound("", "pain point")
	case err != nil:
		return mapError(err)
	}
	f.StartKey = (&needle.PainPoint{Number: number}).Key()
	pains, err := s.painsOfLine(ctx, f, []needle.PainPointID{start})
	if err != nil {
		return err
	}
	if err := s.addressedOnLine(ctx, f, "t.pain_point_id = ANY(?::uuid[])", pains); err != nil {
		return err
	}
	objectives := make([]needle.ObjectiveID, len(f.Addressed))
	for i, a := range f.Addressed {
		objectives[i] = a.ObjectiveID
	}
	if err := s.objectivesOfLine(ctx, f, objectives); err != nil {
		return err
	}
	keyResults, err := s.keyResultsOfLine(ctx, f, "t.objective_id = ANY(?::uuid[])", uuids(distinct(raw(objectives))))
	if err != nil {
		return err
	}
	if f.Links, err = s.linksToReview(ctx, keyResults, nil); err != nil {
		return err
	}
	linked := make([]needle.BacklogItemID, len(f.Links))
	for i, link := range f.Links {
		linked[i] = link.ItemID
	}
	if err := s.itemsOfLine(ctx, f, linked); err != nil {
		return err
	}
	return s.issuesOfLine(ctx, f)
}

// lineUp reads what a piece of work, or an issue, leads back to.
func (s Scope) lineUp(ctx context.Context, f *needle.LineOfSightFacts) error {
	if err := s.startOfLine(ctx, f); err != nil {
		return err
	}
	if err := s.issuesOfLine(ctx, f); err != nil {
		return err
	}
	var err error
	if f.Links, err = s.linksToReview(ctx, nil, lineItemIDs(f.Items)); err != nil {
		return err
	}
	linked := make([]needle.KeyResultID, len(f.Links))
	for i, link := range f.Links {
		linked[i] = link.KeyResultID
	}
	if _, err := s.keyResultsOfLine(ctx, f, "t.id = ANY(?::uuid[])", uuids(distinct(raw(linked)))); err != nil {
		return err
	}
	objectives := make([]needle.ObjectiveID, len(f.KeyResults))
	for i, kr := range f.KeyResults {
		objectives[i] = kr.ObjectiveID
	}
	if err := s.objectivesOfLine(ctx, f, objectives); err != nil {
		return err
	}
	if err := s.addressedOnLine(ctx, f, "t.objective_id = ANY(?::uuid[])", uuids(distinct(raw(objectives)))); err != nil {
		return err
	}
	pains := make([]needle.PainPointID, len(f.Addressed))
	for i, a := range f.Addressed {
		pains[i] = a.PainPointID
	}
	_, err = s.painsOfLine(ctx, f, pains)
	return err
}

// startOfLine reads the work that a line starts from, with what lies around it. It answers NOT_FOUND when there is neither
// such work nor such an issue.
func (s Scope) startOfLine(ctx context.Context, f *needle.LineOfSightFacts) error {
	var start []needle.BacklogItemID
	if f.From.ItemID != nil {
		start = []needle.BacklogItemID{*f.From.ItemID}
	}
	if f.From.IssueID != nil {
		var item *needle.BacklogItemID
		err := s.idb.QueryRowContext(ctx, `
			SELECT i.remote_key, b.id FROM issues AS i LEFT JOIN backlog_items AS b ON b.workspace_id = i.workspace_id AND b.issue_id = i.id
			WHERE i.workspace_id = ? AND i.id = ?`, s.workspace, *f.From.IssueID).Scan(&f.StartKey, &item)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return needle.NotFound("", "issue")
		case err != nil:
			return mapError(err)
		case item != nil:
			start = append(start, *item)
		}
	}
	if err := s.itemsOfLine(ctx, f, start); err != nil {
		return err
	}
	for _, item := range f.Items {
		if f.From.ItemID != nil && item.ID == *f.From.ItemID {
			f.StartKey = (&needle.BacklogItem{Number: item.Number}).Key()
			return nil
		}
	}
	if f.From.ItemID != nil {
		return needle.NotFound("", "backlog item")
	}
	return nil
}

// painsOfLine reads the versions and the evidence of some pain points and of all that was ever merged with one of them, and
// returns which these are.
func (s Scope) painsOfLine(ctx context.Context, f *needle.LineOfSightFacts, pains []needle.PainPointID) (string, error) {
	var all string
	err := s.idb.QueryRowContext(ctx, `
		WITH RECURSIVE tree(id) AS (
			SELECT unnest(?1::uuid[])
			UNION
			SELECT m.other FROM tree JOIN (
				SELECT from_id AS one, into_id AS other FROM pain_merges WHERE workspace_id = ?0
				UNION ALL SELECT into_id, from_id FROM pain_merges WHERE workspace_id = ?0) AS m ON m.one = tree.id
		) SELECT coalesce(array_agg(id), '{}')::text FROM tree`, s.workspace, uuids(distinct(raw(pains)))).Scan(&all)
	if err != nil {
		return "", mapError(err)
	}
	var c needle.CentricityFacts
	if err := s.painVersions(ctx, &c, all, f.AsOf); err != nil {
		return "", err
	}
	err = s.evidenceTimes(ctx, &c, all, f.AsOf)
	f.Pains, f.Evidence = c.Pains, c.Evidence
	return all, err
}

func (s Scope) addressedOnLine(ctx context.Context, f *needle.LineOfSightFacts, condition, ids string) error {
	return s.each(ctx, `
		SELECT t.objective_id, t.pain_point_id, t.created_at, t.removed_at FROM objective_pain_points AS t
		WHERE t.workspace_id = ? AND t.created_at <= ? AND `+condition,
		[]any{s.workspace, f.AsOf, ids}, func(rows *sql.Rows) error {
			a := new(needle.AddressedPain)
			f.Addressed = append(f.Addressed, a)
			return rows.Scan(&a.ObjectiveID, &a.PainPointID, &a.From, &a.To)
		})
}

func (s Scope) objectivesOfLine(ctx context.Context, f *needle.LineOfSightFacts, objectives []needle.ObjectiveID) error {
	return s.each(ctx, `
		SELECT t.objective_id, o.number, t.version, t.state, t.recorded_at
		FROM objective_states AS t JOIN objectives AS o ON o.workspace_id = t.workspace_id AND o.id = t.objective_id
		WHERE t.workspace_id = ? AND t.recorded_at <= ? AND t.objective_id = ANY(?::uuid[])`,
		[]any{s.workspace, f.AsOf, uuids(distinct(raw(objectives)))}, func(rows *sql.Rows) error {
			v := new(needle.ObjectiveVersion)
			f.Objectives = append(f.Objectives, v)
			return rows.Scan(&v.ObjectiveID, &v.Number, &v.Version, &v.State, &v.RecordedAt)
		})
}

func (s Scope) keyResultsOfLine(ctx context.Context, f *needle.LineOfSightFacts, condition, ids string) ([]needle.KeyResultID, error) {
	var found []needle.KeyResultID
	err := s.each(ctx, `SELECT t.id, t.number, t.objective_id, t.created_at FROM key_results AS t WHERE t.workspace_id = ? AND `+condition,
		[]any{s.workspace, ids}, func(rows *sql.Rows) error {
			k := new(needle.LineKeyResult)
			err := rows.Scan(&k.ID, &k.Number, &k.ObjectiveID, &k.CreatedAt)
			f.KeyResults, found = append(f.KeyResults, k), append(found, k.ID)
			return err
		})
	return found, err
}

// itemsOfLine reads some items and all that lies above or below them.
func (s Scope) itemsOfLine(ctx context.Context, f *needle.LineOfSightFacts, items []needle.BacklogItemID) error {
	return s.each(ctx, `
		WITH RECURSIVE above(id) AS (
			SELECT unnest(?1::uuid[])
			UNION
			SELECT b.parent_id FROM above JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.id = above.id WHERE b.parent_id IS NOT NULL
		), below(id) AS (
			SELECT unnest(?1::uuid[])
			UNION
			SELECT b.id FROM below JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.parent_id = below.id
		)
		SELECT b.id, b.number, b.parent_id, b.issue_id, b.created_at
		FROM (SELECT id FROM above UNION SELECT id FROM below) AS wanted JOIN backlog_items AS b ON b.workspace_id = ?0 AND b.id = wanted.id`,
		[]any{s.workspace, uuids(distinct(raw(items)))}, func(rows *sql.Rows) error {
			i := new(needle.LineItem)
			f.Items = append(f.Items, i)
			return rows.Scan(&i.ID, &i.Number, &i.ParentID, &i.IssueID, &i.CreatedAt)
		})
}

// issuesOfLine reads what the items mirror, and the issue that the line starts from.
func (s Scope) issuesOfLine(ctx context.Context, f *needle.LineOfSightFacts) error {
	var ids []uuid.UUID
	if f.From.IssueID != nil {
		ids = append(ids, f.From.IssueID.Raw())
	}
	for _, item := range f.Items {
		if item.IssueID != nil {
			ids = append(ids, item.IssueID.Raw())
		}
	}
	return s.each(ctx, `SELECT id, remote_key, created_at, gone_at FROM issues WHERE workspace_id = ? AND id = ANY(?::uuid[])`,
		[]any{s.workspace, uuids(distinct(ids))}, func(rows *sql.Rows) error {
			i := new(needle.LineIssue)
			f.Issues = append(f.Issues, i)
			return rows.Scan(&i.ID, &i.RemoteKey, &i.CreatedAt, &i.GoneAt)
		})
}

func lineItemIDs(items []*needle.LineItem) []needle.BacklogItemID {
	ids := make([]needle.BacklogItemID, len(items))
	for i, item := range items {
		ids[i] = item.ID
	}
	return ids
}
