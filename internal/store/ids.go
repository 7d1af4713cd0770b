package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/needle-okr/needle/internal/needle"
)

// typedID is any of the needle ids: the UUID that is stored, and the public form.
type typedID interface {
	Raw() uuid.UUID
	String() string
}

func raw[I typedID](ids []I) []uuid.UUID {
	out := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		out[i] = id.Raw()
	}
	return out
}

// text forms of order keys, as cursors keep them.
func instantText(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func byTime[T any](column string, of func(*T) time.Time) orderKey[T] {
	return orderKey[T]{column, "timestamptz", func(row *T) string { return instantText(of(row)) }}
}

func byText[T any](column string, of func(*T) string) orderKey[T] {
	return orderKey[T]{column, "text", of}
}

func order[O ~string](field O, direction needle.OrderDirection) []*needle.Order[O] {
	return []*needle.Order[O]{{Field: field, Direction: direction}}
}

// below reads one page of rows below each of the parents.
func below[T, F any, O ~string, P typedID](ctx context.Context, s Scope, l *listing[T, F, O], r relation, parents []P, q needle.ListArgs[F, O]) ([]*needle.Page[*T], error) {
	ids := make([]typedID, len(parents))
	for i, id := range parents {
		ids[i] = id
	}
	return l.pagesBy(ctx, s, r, ids, q)
}

// keys returns the ids of parents as an array, and the table that a statement makes of it.
func (r relation) keys(parents []typedID) (ids any, table string) {
	if !r.public {
		return uuids(raw(parents)), "unnest(?::uuid[]) WITH ORDINALITY AS k(id, ord)"
	}
	texts := make([]string, len(parents))
	for i, id := range parents {
		texts[i] = id.String()
	}
	return pgdialect.Array(texts), "unnest(?::text[]) WITH ORDINALITY AS k(id, ord)"
}
