package store

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

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

func byFloat[T any](column string, of func(*T) float64) orderKey[T] {
	return orderKey[T]{column, "double precision", func(row *T) string { return strconv.FormatFloat(of(row), 'g', -1, 64) }}
}

func order[O ~string](field O, direction needle.OrderDirection) []*needle.Order[O] {
	return []*needle.Order[O]{{Field: field, Direction: direction}}
}

// below reads one page of rows below each of the parents.
func below[T, F any, O ~string, P typedID](ctx context.Context, s Scope, l *listing[T, F, O], r relation, parents []P, q needle.ListArgs[F, O]) ([]*needle.Page[*T], error) {
	return l.pagesBy(ctx, s, r, idKeys(raw(parents)), q)
}

// public renders ids as callers know them.
func public[I typedID](ids []I) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}
