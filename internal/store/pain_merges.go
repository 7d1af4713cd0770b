package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// PainMergeList asks for a list of merges.
type PainMergeList = needle.ListArgs[needle.PainMergeFilter, needle.PainMergeOrderField]

var painMerges = listing[needle.PainMerge, needle.PainMergeFilter, needle.PainMergeOrderField]{
	orders: map[needle.PainMergeOrderField]orderKey[needle.PainMerge]{
		needle.PainMergeByRecordedAt: byTime("recorded_at", func(r *needle.PainMerge) time.Time { return r.RecordedAt }),
	},
	usual:  order(needle.PainMergeByRecordedAt, needle.Desc),
	filter: painMergeFilter,
	id:     func(row *needle.PainMerge) uuid.UUID { return row.ID.UUID },
}

func painMergeFilter(w *where, f *needle.PainMergeFilter) {
	w.usually("undone_at IS NOT NULL", f.Undone.IsSet(), f.Undone.Value())
	w.date("recorded_at", f.RecordedAt)
	nest(w, f.And, f.Or, f.Not, painMergeFilter)
}

// PainMergesByPainPoint reads one page of the merges of duplicates into each pain point.
func (s Scope) PainMergesByPainPoint(ctx context.Context, parents []needle.PainPointID, q PainMergeList) ([]*needle.Page[*needle.PainMerge], error) {
	return below(ctx, s, &painMerges, relation{column: "t.into_id"}, parents, q)
}

// PainMergesByID reads merges; the answer lies parallel to ids, nil where there is none.
func (s Scope) PainMergesByID(ctx context.Context, ids []needle.PainMergeID) ([]*needle.PainMerge, error) {
	return painMerges.byIDs(ctx, s, raw(ids))
}

// PainMerge reads one merge, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) PainMerge(ctx context.Context, id needle.PainMergeID) (*needle.PainMerge, error) {
	return painMerges.one(ctx, s, id.UUID, "merge")
}

// PainMergeOf reads the standing merge of a duplicate; nil when it is none.
func (s Scope) PainMergeOf(ctx context.Context, duplicate needle.PainPointID) (*needle.PainMerge, error) {
	sh := shapeOf[needle.PainMerge](nil)
	rows, err := readRows[needle.PainMerge](ctx, s, sh, "SELECT "+sh.columns+
		" FROM pain_merges AS t WHERE t.workspace_id = ? AND t.from_id = ? AND t.undone_at IS NULL"+s.lockClause(), s.workspace, duplicate)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// InsertPainMerge stores a new merge.
func (s Scope) InsertPainMerge(ctx context.Context, row *needle.PainMerge) error {
	return s.insert(ctx, row)
}

// UndoPainMerge closes a merge that stands; the caller holds it.
func (s Scope) UndoPainMerge(ctx context.Context, row *needle.PainMerge) error {
	_, err := s.idb.ExecContext(ctx, `
		UPDATE pain_merges SET undone_by = ?, undone_at = ? WHERE workspace_id = ? AND id = ? AND undone_at IS NULL`,
		row.UndoneBy, row.UndoneAt, s.workspace, row.ID)
	return mapError(err)
}

// HoldPainTrees holds the pain points with all that was merged into what remains of them, until the transaction ends.
// Whoever adds to one of them meanwhile waits and then finds it as it will be. The caller keeps other merges away.
func (s Scope) HoldPainTrees(ctx context.Context, ids ...needle.PainPointID) error {
	_, err := s.idb.ExecContext(ctx, `
		SELECT FROM pain_points WHERE workspace_id = ?0 AND root_id IN (
			SELECT root_id FROM pain_points WHERE workspace_id = ?0 AND id = ANY(?1::uuid[]))
		ORDER BY id FOR NO KEY UPDATE`, s.workspace, uuids(raw(ids)))
	return mapError(err)
}

// PlantPainTree makes a pain point a duplicate of another, or with nil one that remains, and tells all that was merged
// into it what remains now. Only the pain point itself counts a version up.
func (s Scope) PlantPainTree(ctx context.Context, id needle.PainPointID, into *needle.PainPointID) error {
	_, err := s.idb.ExecContext(ctx, `
		WITH RECURSIVE tree(id) AS (
			SELECT ?1::uuid
			UNION
			SELECT p.id FROM tree JOIN pain_points AS p ON p.workspace_id = ?0 AND p.merged_into_id = tree.id
		), root(id) AS (
			SELECT coalesce((SELECT root_id FROM pain_points WHERE workspace_id = ?0 AND id = ?2), ?1)
		)
		UPDATE pain_points AS p SET root_id = root.id,
			merged_into_id = CASE WHEN p.id = ?1 THEN ?2 ELSE p.merged_into_id END,
			version = CASE WHEN p.id = ?1 THEN p.version + 1 ELSE p.version END,
			updated_at = CASE WHEN p.id = ?1 THEN ?3 ELSE p.updated_at END
		FROM tree, root WHERE p.workspace_id = ?0 AND p.id = tree.id`, s.workspace, id, into, s.Now())
	return mapError(err)
}
