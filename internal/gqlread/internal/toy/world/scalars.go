// Package world is the vocabulary and the data of the toy schema: made up, deterministic, full of nulls and errors.
package world

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// GoalID is an id with a marshaler of its own.
type GoalID string

// MarshalGQL writes the id.
func (id GoalID) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(id))) }

// UnmarshalGQL reads the id.
func (id *GoalID) UnmarshalGQL(v any) error {
	s, err := graphql.UnmarshalID(v)
	*id = GoalID(s)
	return err
}

// TaskID is an id that appends itself.
type TaskID string

// AppendGQL appends the id.
func (id TaskID) AppendGQL(b []byte) []byte { return strconv.AppendQuote(b, string(id)) }

// MarshalGQL writes the id.
func (id TaskID) MarshalGQL(w io.Writer) { _, _ = w.Write(id.AppendGQL(nil)) }

// UnmarshalGQL reads the id.
func (id *TaskID) UnmarshalGQL(v any) error {
	s, err := graphql.UnmarshalID(v)
	*id = TaskID(s)
	return err
}

// Colour is a scalar with a marshaler.
type Colour struct{ R, G, B uint8 }

// MarshalGQL writes the colour.
func (c Colour) MarshalGQL(w io.Writer) { _, _ = fmt.Fprintf(w, `"#%02x%02x%02x"`, c.R, c.G, c.B) }

// UnmarshalGQL reads the colour.
func (c *Colour) UnmarshalGQL(v any) error {
	s, err := graphql.UnmarshalString(v)
	if err != nil {
		return err
	}
	_, err = fmt.Sscanf(s, "#%02x%02x%02x", &c.R, &c.G, &c.B)
	return err
}

// Money is a scalar that appends itself, in cents.
type Money int64

// AppendGQL appends the amount.
func (m Money) AppendGQL(b []byte) []byte {
	b = append(strconv.AppendInt(append(b, '"'), int64(m/100), 10), '.')
	return append(append(b, byte('0'+m/10%10), byte('0'+m%10)), '"')
}

// MarshalGQL writes the amount.
func (m Money) MarshalGQL(w io.Writer) { _, _ = w.Write(m.AppendGQL(nil)) }

// UnmarshalGQL reads the amount.
func (m *Money) UnmarshalGQL(v any) error {
	f, err := graphql.UnmarshalFloat(v)
	*m = Money(f * 100)
	return err
}

// Mood is an enum without a marshaler.
type Mood string

// The moods there are.
const (
	Happy Mood = "HAPPY"
	Calm  Mood = "CALM"
	Sad   Mood = "SAD"
)

// Order is an enum with a marshaler.
type Order bool

// The orders there are.
const (
	Ascending  Order = false
	Descending Order = true
)

// MarshalGQL writes the order.
func (o Order) MarshalGQL(w io.Writer) {
	s := `"ASC"`
	if o {
		s = `"DESC"`
	}
	_, _ = io.WriteString(w, s)
}

// UnmarshalGQL reads the order.
func (o *Order) UnmarshalGQL(v any) error {
	s, err := graphql.UnmarshalString(v)
	*o = s == "DESC"
	return err
}

var errDay = errors.New("a day is written YYYY-MM-DD")

// MarshalDay makes the marshaler of a day.
func MarshalDay(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(AppendDay(nil, t)) })
}

// AppendDay appends a day.
func AppendDay(b []byte, t time.Time) []byte {
	return append(t.AppendFormat(append(b, '"'), time.DateOnly), '"')
}

// UnmarshalDay reads a day.
func UnmarshalDay(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, errDay
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, errDay
	}
	return t, nil
}

// MarshalPlain makes the marshaler of a number written as text.
func MarshalPlain(n int) graphql.Marshaler { return graphql.MarshalString("n" + strconv.Itoa(n)) }

// UnmarshalPlain reads a number written as text.
func UnmarshalPlain(v any) (int, error) {
	s, err := graphql.UnmarshalString(v)
	if err != nil {
		return 0, err
	}
	if s == "" || s[0] != 'n' {
		return 0, errors.New("a plain begins with n")
	}
	return strconv.Atoi(s[1:])
}
