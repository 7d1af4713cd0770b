package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/needle"
)

// CategoryList asks for a list of categories.
type CategoryList = needle.ListArgs[needle.CategoryFilter, needle.CategoryOrderField]

var categories = listing[needle.Category, needle.CategoryFilter, needle.CategoryOrderField]{
	orders: map[needle.CategoryOrderField]orderKey[needle.Category]{
		needle.CategoryByName:      byText("name", func(r *needle.Category) string { return r.Name }),
		needle.CategoryByCreatedAt: byTime("created_at", func(r *needle.Category) time.Time { return r.CreatedAt }),
	},
	usual:  order(needle.CategoryByName, needle.Asc),
	filter: categoryFilter,
	id:     func(row *needle.Category) uuid.UUID { return row.ID.UUID },
}

func categoryFilter(w *where, f *needle.CategoryFilter) {
	w.text("name", f.Name)
	nest(w, f.And, f.Or, f.Not, categoryFilter)
}

// Categories reads one page of categories. Malformed arguments answer coded Errors.
func (s Scope) Categories(ctx context.Context, q CategoryList) (*needle.Page[*needle.Category], error) {
	return categories.page(ctx, s, q)
}

// CategoriesByID reads categories; the answer lies parallel to ids, nil where there is none.
func (s Scope) CategoriesByID(ctx context.Context, ids []needle.CategoryID) ([]*needle.Category, error) {
	return categories.byIDs(ctx, s, raw(ids))
}

// Category reads one category, locked when inside a transaction. It answers NOT_FOUND.
func (s Scope) Category(ctx context.Context, id needle.CategoryID) (*needle.Category, error) {
	return categories.one(ctx, s, id.UUID, "category")
}

// InsertCategory stores a new category. A name that differs from another's in case at most answers DUPLICATE.
func (s Scope) InsertCategory(ctx context.Context, row *needle.Category) error {
	return s.insert(ctx, row)
}

// UpdateCategory stores a changed category; pain points follow a new name. It answers CONFLICT when somebody else
// changed it since it was read, and DUPLICATE like InsertCategory.
func (s Scope) UpdateCategory(ctx context.Context, row *needle.Category) error {
	return s.update(ctx, row)
}

// DeleteCategory removes a category. One that pain points are of answers CONFLICT.
func (s Scope) DeleteCategory(ctx context.Context, id needle.CategoryID) error {
	err := s.remove(ctx, "categories", id.UUID)
	if errors.Is(err, needle.ErrConflict) {
		return needle.Conflict("input.id", "pain points are of this category; give them another one first")
	}
	return err
}
