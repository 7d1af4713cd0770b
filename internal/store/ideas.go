package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// IdeaList asks for a list of ideas.
type IdeaList = needle.ListArgs[needle.IdeaFilter, needle.IdeaOrderField]

var ideas = listing[needle.Idea, needle.IdeaFilter, needle.IdeaOrderField]{
	orders: map[needle.IdeaOrderField]orderKey[needle.Idea]{
		needle.IdeaByTitle:     byText("title", func(r *needle.Idea) string { return r.Title }),
		needle.IdeaByCreatedAt: byTime("created_at", func(r *needle.Idea) time.Time { return r.CreatedAt }),
		needle.IdeaByUpdatedAt: byTime("updated_at", func(r *needle.Idea) time.Time { return r.UpdatedAt }),
	},
	usual:  order(needle.IdeaByCreatedAt, needle.Desc),
	filter: ideaFilter,
	id:     func(row *needle.Idea) uuid.UUID { return row.ID.UUID },
}

func ideaFilter(w *where, f *needle.IdeaFilter) {
	compare(w, "id", f.ID)
	w.text("title", f.Title)
	compare(w, "state", f.State)
	compare(w, "pain_point_id", f.PainPointID)
	compare(w, "key_result_id", f.KeyResultID)
	compare(w, "created_by", f.CreatedBy)
	w.date("created_at", f.CreatedAt)
	w.date("updated_at", f.UpdatedAt)
	if f.Text != nil {
		like := "%" + escapeLike.Replace(needle.Clean(*f.Text)) + "%"
		w.and("(§title ILIKE ? OR §description ILIKE ?)", like, like)
	}
	if f.PainPoint != nil {
		related(w, "pain_points AS %a WHERE %a.workspace_id = §workspace_id AND %a.id = §pain_point_id", f.PainPoint, nil, painPointFilter)
	}
	if f.KeyResult != nil {
		related(w, "key_results AS %a WHERE %a.workspace_id = §workspace_id AND %a.id = §key_result_id", f.KeyResult, nil, keyResultFilter)
	}
	nest(w, f.And, f.Or, f.Not, ideaFilter)
}

// Ideas reads one page of ideas. Malformed arguments answer coded Errors.
func (s Scope) Ideas(ctx context.Context, q IdeaList) (*needle.Page[*needle.Idea], error) {
	return ideas.page(ctx, s, q)
}

// IdeasByPainPoint reads one page of ideas for each pain point.
func (s Scope) IdeasByPainPoint(ctx context.Context, parents []needle.PainPointID, q IdeaList) ([]*needle.Page[*needle.Idea], error) {
	return below(ctx, s, &ideas, relation{column: "t.pain_point_id"}, parents, q)
}

// IdeasByKeyResult reads one page of ideas for each key result.
func (s Scope) IdeasByKeyResult(ctx context.Context, parents []needle.KeyResultID, q IdeaList) ([]*needle.Page[*needle.Idea], error) {
	return below(ctx, s, &ideas, relation{column: "t.key_result_id"}, parents, q)
}

// IdeasByItem reads the idea that each item was; items that were none are missing from the answer.
func (s Scope) IdeasByItem(ctx context.Context, items []needle.BacklogItemID) (map[needle.BacklogItemID]*needle.Idea, error) {
	sh := shapeOf[needle.Idea](nil)
	rows, err := readRows[needle.Idea](ctx, s, sh, "SELECT "+sh.columns+
		" FROM ideas AS t WHERE t.workspace_id = ? AND t.item_id = ANY(?::uuid[])", s.workspace, uuids(distinct(raw(items))))
	found := make(map[needle.BacklogItemID]*needle.Idea, len(rows))
	for _, i := range rows {
		found[*i.ItemID] = i
	}
	return found, err
}

// IdeasByID reads ideas; the answer lies parallel to ids, nil where there is none.
func (s Scope) IdeasByID(ctx context.Context, ids []needle.IdeaID) ([]*needle.Idea, error) {
	return ideas.byIDs(ctx, s, raw(ids))
}

// Idea reads one idea, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Idea(ctx context.Context, id needle.IdeaID) (*needle.Idea, error) {
	return ideas.one(ctx, s, id.UUID, "idea")
}

// InsertIdea stores a new idea.
func (s Scope) InsertIdea(ctx context.Context, row *needle.Idea) error { return s.insert(ctx, row) }

// UpdateIdea stores a changed idea. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateIdea(ctx context.Context, row *needle.Idea) error { return s.update(ctx, row) }
