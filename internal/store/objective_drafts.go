package store

import (
	"context"
	"database/sql"

	"github.com/needle-okr/needle/internal/needle"
)

// What is known of pain counts for what remains of it after merges: these read the duplicates along with each root.

// NewestEvidence reads the newest evidence of each pain point that remains after merges; those without any are missing
// from the answer.
func (s Scope) NewestEvidence(ctx context.Context, roots []needle.PainPointID) (map[needle.PainPointID]*needle.Evidence, error) {
	sh := shapeOf[needle.Evidence](nil)
	found := make(map[needle.PainPointID]*needle.Evidence, len(roots))
	var root needle.PainPointID
	scanner := newScanner[needle.Evidence](sh, &root)
	err := s.each(ctx, `
		SELECT DISTINCT ON (d.root_id) d.root_id, `+sh.columns+`
		FROM pain_points AS d JOIN evidence AS t ON t.workspace_id = d.workspace_id AND t.pain_point_id = d.id
		WHERE d.workspace_id = ? AND d.root_id = ANY(?::uuid[])
		ORDER BY d.root_id, t.observed_at DESC, t.id DESC`, []any{s.workspace, uuids(distinct(raw(roots)))}, func(rows *sql.Rows) error {
		e, err := scanner.next(rows)
		found[root] = e
		return err
	})
	return found, err
}

// PainCapturers reads who captured the pain points, their duplicates or any of their evidence or reports.
func (s Scope) PainCapturers(ctx context.Context, roots []needle.PainPointID) ([]needle.UserID, error) {
	var people []needle.UserID
	err := s.each(ctx, `
		WITH pains AS (
			SELECT id, created_by FROM pain_points WHERE workspace_id = ?0 AND root_id = ANY(?1::uuid[])
		)
		SELECT created_by FROM pains
		UNION SELECT e.created_by FROM pains JOIN evidence AS e ON e.workspace_id = ?0 AND e.pain_point_id = pains.id
		UNION SELECT r.created_by FROM pains JOIN pain_reports AS r ON r.workspace_id = ?0 AND r.pain_point_id = pains.id
		ORDER BY 1`, []any{s.workspace, uuids(distinct(raw(roots)))}, func(rows *sql.Rows) error {
		var u needle.UserID
		err := rows.Scan(&u)
		people = append(people, u)
		return err
	})
	return people, err
}
