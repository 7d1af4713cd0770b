package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// SuggestionList asks for a list of suggestions.
type SuggestionList = needle.ListArgs[needle.SuggestionFilter, needle.SuggestionOrderField]

var suggestions = listing[needle.Suggestion, needle.SuggestionFilter, needle.SuggestionOrderField]{
	orders: map[needle.SuggestionOrderField]orderKey[needle.Suggestion]{
		needle.SuggestionByCreatedAt: byTime("created_at", func(r *needle.Suggestion) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.SuggestionByCreatedAt, needle.Asc),
	filter: suggestionFilter,
	id:     func(row *needle.Suggestion) uuid.UUID { return row.ID.UUID },
}

func suggestionFilter(w *where, f *needle.SuggestionFilter) {
	w.text("subject_id", f.SubjectID)
	compare(w, "state", f.State)
	compare(w, "created_by", f.CreatedBy)
	w.date("created_at", f.CreatedAt)
	nest(w, f.And, f.Or, f.Not, suggestionFilter)
}

// SuggestionsByObjective reads one page of what is suggested for each objective and its key results.
func (s Scope) SuggestionsByObjective(ctx context.Context, parents []needle.ObjectiveID, q SuggestionList) ([]*needle.Page[*needle.Suggestion], error) {
	return below(ctx, s, &suggestions, relation{column: "t.objective_id"}, parents, q)
}

// SuggestionsByKeyResult reads one page of what is suggested for each key result.
func (s Scope) SuggestionsByKeyResult(ctx context.Context, parents []needle.KeyResultID, q SuggestionList) ([]*needle.Page[*needle.Suggestion], error) {
	subjects := make([]string, len(parents))
	for i, id := range parents {
		subjects[i] = id.String()
	}
	return suggestions.pagesBy(ctx, s, relation{column: "t.subject_id"}, subjectKeys(subjects), q)
}

// SuggestionsByID reads suggestions; the answer lies parallel to ids, nil where there is none.
func (s Scope) SuggestionsByID(ctx context.Context, ids []needle.SuggestionID) ([]*needle.Suggestion, error) {
	return suggestions.byIDs(ctx, s, raw(ids))
}

// Suggestion reads one suggestion, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Suggestion(ctx context.Context, id needle.SuggestionID) (*needle.Suggestion, error) {
	return suggestions.one(ctx, s, id.UUID, "suggestion")
}

// InsertSuggestion stores a new suggestion.
func (s Scope) InsertSuggestion(ctx context.Context, row *needle.Suggestion) error {
	return s.insert(ctx, row)
}

// UpdateSuggestion stores a changed suggestion. It answers CONFLICT when somebody else changed it since it was read.
func (s Scope) UpdateSuggestion(ctx context.Context, row *needle.Suggestion) error {
	return s.update(ctx, row)
}
