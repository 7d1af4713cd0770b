package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// ReliefCheckList asks for a list of relief checks.
type ReliefCheckList = needle.ListArgs[needle.ReliefCheckFilter, needle.ReliefCheckOrderField]

var reliefChecks = listing[needle.ReliefCheck, needle.ReliefCheckFilter, needle.ReliefCheckOrderField]{
	orders: map[needle.ReliefCheckOrderField]orderKey[needle.ReliefCheck]{
		needle.ReliefCheckByCheckedAt: byTime("checked_at", func(r *needle.ReliefCheck) time.Time { return r.CheckedAt }),
	},
	usual:  order(needle.ReliefCheckByCheckedAt, needle.Desc),
	filter: reliefCheckFilter,
	id:     func(row *needle.ReliefCheck) uuid.UUID { return row.ID.UUID },
}

func reliefCheckFilter(w *where, f *needle.ReliefCheckFilter) {
	w.date("checked_at", f.CheckedAt)
	w.flag("relieved", f.Relieved)
	nest(w, f.And, f.Or, f.Not, reliefCheckFilter)
}

// ReliefChecksByPainPoint reads one page of relief checks of each pain point.
func (s Scope) ReliefChecksByPainPoint(ctx context.Context, parents []needle.PainPointID, q ReliefCheckList) ([]*needle.Page[*needle.ReliefCheck], error) {
	return below(ctx, s, &reliefChecks, relation{column: "t.pain_point_id"}, parents, q)
}

// ReliefChecksByID reads relief checks; the answer lies parallel to ids, nil where there is none.
func (s Scope) ReliefChecksByID(ctx context.Context, ids []needle.ReliefCheckID) ([]*needle.ReliefCheck, error) {
	return reliefChecks.byIDs(ctx, s, raw(ids))
}

// InsertReliefCheck stores a new relief check.
func (s Scope) InsertReliefCheck(ctx context.Context, row *needle.ReliefCheck) error {
	return s.insert(ctx, row)
}

// ReliefAnswerList asks for a list of answers of reporters.
type ReliefAnswerList = needle.ListArgs[needle.ReliefAnswerFilter, needle.ReliefAnswerOrderField]

var reliefAnswers = listing[needle.ReliefAnswer, needle.ReliefAnswerFilter, needle.ReliefAnswerOrderField]{
	orders: map[needle.ReliefAnswerOrderField]orderKey[needle.ReliefAnswer]{
		needle.ReliefAnswerByAnsweredAt: byTime("answered_at", func(r *needle.ReliefAnswer) time.Time { return r.AnsweredAt }),
	},
	usual:  order(needle.ReliefAnswerByAnsweredAt, needle.Desc),
	filter: reliefAnswerFilter,
	id:     func(row *needle.ReliefAnswer) uuid.UUID { return row.ID.UUID },
}

func reliefAnswerFilter(w *where, f *needle.ReliefAnswerFilter) {
	w.text("reporter", f.Reporter)
	compare(w, "answer", f.Answer)
	w.date("answered_at", f.AnsweredAt)
	nest(w, f.And, f.Or, f.Not, reliefAnswerFilter)
}

// ReliefAnswersByRoot reads one page of the answers about each pain point and its duplicates.
func (s Scope) ReliefAnswersByRoot(ctx context.Context, roots []needle.PainPointID, q ReliefAnswerList) ([]*needle.Page[*needle.ReliefAnswer], error) {
	return below(ctx, s, &reliefAnswers, relation{join: "JOIN pain_points AS d ON d.workspace_id = t.workspace_id AND d.id = t.pain_point_id", column: "d.root_id"}, roots, q)
}

// ReliefAnswersByID reads relief answers; the answer lies parallel to ids, nil where there is none.
func (s Scope) ReliefAnswersByID(ctx context.Context, ids []needle.ReliefAnswerID) ([]*needle.ReliefAnswer, error) {
	return reliefAnswers.byIDs(ctx, s, raw(ids))
}

// InsertReliefAnswer stores a new answer.
func (s Scope) InsertReliefAnswer(ctx context.Context, row *needle.ReliefAnswer) error {
	return s.insert(ctx, row)
}

// ReporterOf returns how the latest report of a pain point or one of its duplicates spells a reporter, found without
// case. It answers NOT_FOUND.
func (s Scope) ReporterOf(ctx context.Context, pain needle.PainPointID, reporter string) (string, error) {
	var spelt string
	err := s.idb.QueryRowContext(ctx, `
		SELECT btrim(r.reporter) FROM pain_points AS d JOIN pain_reports AS r ON r.workspace_id = d.workspace_id AND r.pain_point_id = d.id
		WHERE d.workspace_id = ? AND d.root_id = ? AND lower(btrim(r.reporter)) = lower(btrim(?))
		ORDER BY r.reported_at DESC, r.id DESC LIMIT 1`, s.workspace, pain, reporter).Scan(&spelt)
	if errors.Is(err, sql.ErrNoRows) {
		return "", needle.NotFound("", "reporter of this pain point")
	}
	return spelt, mapError(err)
}

// ReliefAnswersOf counts, for each pain point and its duplicates, what each reporter said last, and who could be asked.
func (s Scope) ReliefAnswersOf(ctx context.Context, pains []needle.PainPointID) (map[needle.PainPointID]*needle.ReliefAnswers, error) {
	out := make(map[needle.PainPointID]*needle.ReliefAnswers, len(pains))
	for _, id := range pains {
		out[id] = new(needle.ReliefAnswers)
	}
	err := s.each(ctx, `
		WITH tree AS (
			SELECT d.root_id, d.id FROM pain_points AS d WHERE d.workspace_id = ?0 AND d.root_id = ANY(?1::uuid[])
		), said AS (
			SELECT DISTINCT ON (tree.root_id, lower(btrim(a.reporter))) tree.root_id, a.answer
			FROM tree JOIN relief_answers AS a ON a.workspace_id = ?0 AND a.pain_point_id = tree.id
			ORDER BY tree.root_id, lower(btrim(a.reporter)), a.answered_at DESC, a.recorded_at DESC, a.id DESC
		), heard AS (
			SELECT tree.root_id, count(DISTINCT lower(btrim(r.reporter))) AS reporters
			FROM tree JOIN pain_reports AS r ON r.workspace_id = ?0 AND r.pain_point_id = tree.id GROUP BY tree.root_id
		)
		SELECT h.root_id, h.reporters, count(a.answer) FILTER (WHERE a.answer = 'YES'), count(a.answer) FILTER (WHERE a.answer = 'PARTLY'),
			count(a.answer) FILTER (WHERE a.answer = 'NO'), count(a.answer)
		FROM heard AS h LEFT JOIN said AS a ON a.root_id = h.root_id GROUP BY h.root_id, h.reporters`,
		[]any{s.workspace, uuids(distinct(raw(pains)))}, func(rows *sql.Rows) error {
			var id needle.PainPointID
			n := new(needle.ReliefAnswers)
			err := rows.Scan(&id, &n.Reporters, &n.Yes, &n.Partly, &n.No, &n.Asked)
			out[id] = n
			return err
		})
	return out, err
}

// TargetedByAgreed says whether an agreed objective addresses a pain point or one of its duplicates. Objectives that address it
// are held until the transaction ends, so that none becomes agreed in between; the caller locks the pain point after that.
func (s Scope) TargetedByAgreed(ctx context.Context, pain needle.PainPointID) (bool, error) {
	targeted := false
	err := s.each(ctx, `
		SELECT o.state FROM objectives AS o WHERE o.workspace_id = ?0 AND o.id IN (
			SELECT j.objective_id FROM objective_pain_points AS j
			JOIN pain_points AS d ON d.workspace_id = j.workspace_id AND d.id = j.pain_point_id
			WHERE j.workspace_id = ?0 AND d.root_id = ?1 AND j.removed_at IS NULL)
		ORDER BY o.id FOR SHARE OF o`, []any{s.workspace, pain}, func(rows *sql.Rows) error {
		var state needle.ObjectiveState
		err := rows.Scan(&state)
		targeted = targeted || state == needle.ObjectiveAgreed
		return err
	})
	return targeted, err
}
