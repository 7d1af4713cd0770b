package gqlread

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Writer writes the values of one response. Its methods are called by generated code.
//
// Methods that report a bool tell whether a value was written. When it was not, the caller ends with Null where null is
// allowed and with Invalid where it is not:
//
//	return w.Time(v) || w.Null()
//	return w.Time(v) || w.Invalid("Time!", graphql.NullSourceMarshaler)
type Writer struct {
	buf []byte
	ctx context.Context
	oc  *graphql.OperationContext
	// add adds an error to the response, presented where the field context says.
	add func(fc *graphql.FieldContext, err *gqlerror.Error)
	// path leads from the root to the value being written.
	path []step
	// failed is true once the value being written has an error, because one position gets one error only.
	failed    bool
	errors    int
	maxErrors int
}

// Write appends raw JSON, so that a Writer is the [io.Writer] of a [graphql.Marshaler].
func (w *Writer) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	return len(p), nil
}

// WriteString appends raw JSON.
func (w *Writer) WriteString(s string) (int, error) {
	w.buf = append(w.buf, s...)
	return len(s), nil
}

// Null writes null where it is allowed, and reports true.
func (w *Writer) Null() bool {
	w.failed = false
	w.buf = append(w.buf, "null"...)
	return true
}

// Invalid reports that a value is null where the type forbids it, unless the value has an error already, and returns
// false.
func (w *Writer) Invalid(sdl string, source graphql.NullSource) bool {
	if !w.failed && w.errors < w.maxErrors {
		w.report(w.invalidNull(sdl, source))
	}
	w.failed = false
	return false
}

// String writes a string.
func (w *Writer) String(s string) bool {
	w.buf = AppendString(w.buf, s)
	return true
}

// Bool writes a boolean.
func (w *Writer) Bool(v bool) bool {
	w.buf = strconv.AppendBool(w.buf, v)
	return true
}

// Int writes a signed number.
func (w *Writer) Int(v int64) bool {
	w.buf = strconv.AppendInt(w.buf, v, 10)
	return true
}

// Uint writes an unsigned number.
func (w *Writer) Uint(v uint64) bool {
	w.buf = strconv.AppendUint(w.buf, v, 10)
	return true
}

// IntString writes a signed number as a string.
func (w *Writer) IntString(v int64) bool {
	w.buf = append(strconv.AppendInt(append(w.buf, '"'), v, 10), '"')
	return true
}

// UintString writes an unsigned number as a string.
func (w *Writer) UintString(v uint64) bool {
	w.buf = append(strconv.AppendUint(append(w.buf, '"'), v, 10), '"')
	return true
}

var errNotFinite = errors.New("a number that is infinite or undefined cannot be written as JSON")

// Float writes a number. Infinity and NaN are errors, because JSON has no notation for them.
func (w *Writer) Float(v float64) bool {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		w.report(errNotFinite)
		return false
	}
	w.buf = AppendFloat(w.buf, v)
	return true
}

// Time writes a time in RFC 3339. The zero time is null.
func (w *Writer) Time(v time.Time) bool {
	if v.IsZero() {
		return false
	}
	w.buf = AppendTime(w.buf, v)
	return true
}

// Date writes the day of a time. The zero time is null.
func (w *Writer) Date(v time.Time) bool {
	if v.IsZero() {
		return false
	}
	w.buf = append(v.AppendFormat(append(w.buf, '"'), time.DateOnly), '"')
	return true
}

// Appender is what a scalar type implements to be written without an intermediate value. AppendGQL appends one JSON
// value, which may be null.
type Appender interface {
	AppendGQL(b []byte) []byte
}

// MarshalContext writes the value of a marshaler that can fail. A failure is a field error, and the value is null.
func (w *Writer) MarshalContext(m graphql.ContextMarshaler) bool {
	mark := len(w.buf)
	if err := m.MarshalGQLContext(w.ctx, w); err != nil {
		w.buf = w.buf[:mark]
		w.report(err)
		return false
	}
	return w.Wrote(mark)
}

// Mark tells where the next value begins, for [Writer.Wrote] and [Writer.Appended].
func (w *Writer) Mark() int { return len(w.buf) }

// Buffer is what has been written so far, for a function that appends to it.
func (w *Writer) Buffer() []byte { return w.buf }

// Appended takes over a buffer to which a value was appended since mark. A value that is null or empty is null.
func (w *Writer) Appended(b []byte, mark int) bool {
	w.buf = b
	return w.Wrote(mark)
}

// Wrote reports whether a value was written since mark. One that is null or empty is taken back.
func (w *Writer) Wrote(mark int) bool {
	if value := w.buf[mark:]; len(value) == 0 || string(value) == "null" {
		w.buf = w.buf[:mark]
		return false
	}
	return true
}

// Open begins a list of leaves.
func (w *Writer) Open() (mark int) {
	mark = len(w.buf)
	w.buf = append(w.buf, '[')
	w.path = append(w.path, step{})
	return mark
}

// Item begins element i.
func (w *Writer) Item(i int) {
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
	w.path[len(w.path)-1].index = i
}

// Close ends a list of leaves. When ok is false, an element was null where that is not allowed, so the list is null
// itself.
func (w *Writer) Close(mark int, ok bool) bool {
	w.path = w.path[:len(w.path)-1]
	if !ok {
		w.buf = w.buf[:mark]
		w.failed = true // the element has the error
		return false
	}
	w.buf = append(w.buf, ']')
	return true
}
