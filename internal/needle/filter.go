package needle

import (
	"strconv"
	"time"
)

// Limits of filters: they bound what one request can make the database do.
const (
	MaxFilterDepth = 4
	MaxFilterList  = 100
)

// OrderDirection is the direction of one key of an order.
type OrderDirection string

// The directions.
const (
	Asc  OrderDirection = "ASC"
	Desc OrderDirection = "DESC"
)

// Order is one key of an order. Rows that are equal in all keys are ordered by id, so every order is total.
type Order[F ~string] struct {
	Field     F
	Direction OrderDirection
}

// Comparator filters on equality and membership; empty means no filter.
type Comparator[T any] struct {
	Eq, Neq *T
	In, Nin []T
}

// StringComparator filters texts; Contains and StartsWith ignore case.
type StringComparator struct {
	Eq, Neq              *string
	In, Nin              []string
	Contains, StartsWith *string
}

// NumberComparator filters numbers.
type NumberComparator struct {
	Eq, Neq, Lt, Lte, Gt, Gte *float64
	// Null true keeps rows without a value, false those with one.
	Null *bool
}

// DateComparator filters instants; each bound is RFC 3339 or relative to now ("-P2W", "P1D").
type DateComparator struct {
	Lt, Lte, Gt, Gte *When
	// Null true keeps rows without a date, false those with one.
	Null *bool
}

// When is an instant, or a duration from the moment of asking.
type When struct {
	// At is the instant; zero when the value is relative.
	At time.Time
	// Offset is the calendar distance from now.
	Offset CalendarOffset
}

// CalendarOffset is a signed ISO 8601 duration in calendar units, as in "-P2W" or "PT6H".
type CalendarOffset struct {
	Years, Months, Days int
	Time                time.Duration
}

// The instants that a filter can mean; what lies beyond is cut to them, since neither JSON nor PostgreSQL writes it alike.
var (
	firstInstant = time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)
	lastInstant  = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
)

// Resolve returns the instant as of now, in UTC.
func (w When) Resolve(now time.Time) time.Time {
	t := w.At
	if t.IsZero() {
		t = now.AddDate(w.Offset.Years, w.Offset.Months, w.Offset.Days).Add(w.Offset.Time)
	}
	switch {
	case t.Before(firstInstant):
		return firstInstant
	case t.After(lastInstant):
		return lastInstant
	default:
		return t.UTC()
	}
}

// listed refuses lists that are longer than MaxFilterList.
func listed[T any](c *check, field string, values []T) {
	if len(values) > MaxFilterList {
		c.add(field, CodeOutOfRange, "this may list at most "+strconv.Itoa(MaxFilterList)+" values")
	}
}

// ListArgs asks for a list: which rows, in which order, which page of them.
type ListArgs[F any, O ~string] struct {
	PageArgs
	// Filter keeps rows that pass; nil keeps all.
	Filter *F
	// OrderBy lists the keys of the order; empty takes the noun's own order.
	OrderBy []*Order[O]
	// Now resolves relative dates.
	Now time.Time
}
