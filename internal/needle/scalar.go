package needle

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// The scalars of the API. Each has its name's three functions: Append writes JSON, Marshal does so for gqlgen, and
// Unmarshal reads what a caller sent. They are strict: "3" is no number, and 3 is no text.

// AppendInt appends a whole number.
func AppendInt(b []byte, v int) []byte { return strconv.AppendInt(b, int64(v), 10) }

// MarshalInt writes a whole number.
func MarshalInt(v int) graphql.Marshaler { return written(v, AppendInt) }

// UnmarshalInt reads a whole number of 32 bits. It returns an INVALID Error for anything else.
func UnmarshalInt(v any) (int, error) {
	wrong := Invalid("", CodeInvalid, "this must be a whole number of at most 32 bits")
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case json.Number:
		parsed, err := v.Int64()
		if err != nil {
			return 0, wrong
		}
		n = parsed
	case float64:
		if v != math.Trunc(v) || math.Abs(v) > math.MaxInt32 {
			return 0, wrong
		}
		n = int64(v)
	default:
		return 0, wrong
	}
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, wrong
	}
	return int(n), nil
}

// AppendFloat appends a number as encoding/json does, and null for those that JSON has no word for.
func AppendFloat(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "null"...)
	}
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, v, format, -1, 64)
}

// MarshalFloat writes a number, and null for those that JSON has no word for.
func MarshalFloat(v float64) graphql.Marshaler {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return graphql.Null
	}
	return written(v, AppendFloat)
}

// UnmarshalFloat reads a finite number. It returns an INVALID Error for anything else.
func UnmarshalFloat(v any) (float64, error) {
	switch v := v.(type) {
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return v, nil
		}
	case int64:
		return float64(v), nil
	case int:
		return float64(v), nil
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f, nil
		}
	}
	return 0, Invalid("", CodeInvalid, "this must be a finite number")
}

// AppendDateTime appends an instant in UTC, and null for the zero time.
func AppendDateTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	return append(t.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// MarshalDateTime writes an instant in UTC, and null for the zero time.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return written(t, AppendDateTime)
}

// UnmarshalDateTime reads an RFC 3339 instant, to the microsecond that is stored: one that is finer would lie between what
// is stored and what is compared with it. It returns an INVALID Error for anything else.
func UnmarshalDateTime(v any) (time.Time, error) {
	if s, ok := v.(string); ok {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t.Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, Invalid("", CodeInvalid, "an instant looks like 2026-10-01T09:30:00Z")
}

// MarshalURL writes an address, and null for the empty text.
func MarshalURL(s string) graphql.Marshaler {
	if s == "" {
		return graphql.Null
	}
	return graphql.MarshalString(s)
}

// UnmarshalURL reads an address, which the input it belongs to validates. It returns an INVALID Error for what is no text.
func UnmarshalURL(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return "", Invalid("", CodeInvalid, "an address is a string")
}

// AppendRawJSON appends a stored JSON value as it is, and null for none.
func AppendRawJSON(b []byte, v json.RawMessage) []byte {
	if len(v) == 0 {
		return append(b, "null"...)
	}
	return append(b, v...)
}

// MarshalRawJSON writes a stored JSON value as it is, and null for none.
func MarshalRawJSON(v json.RawMessage) graphql.Marshaler {
	if len(v) == 0 {
		return graphql.Null
	}
	return written(v, AppendRawJSON)
}

// UnmarshalRawJSON reads any JSON value. The error is the encoder's.
func UnmarshalRawJSON(v any) (json.RawMessage, error) { return json.Marshal(v) }

// written is a value that is written by appending it.
func written[T any](v T, appendTo func([]byte, T) []byte) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		// The executor's buffer never fails; a Marshaler has no way to report an error.
		_, _ = w.Write(appendTo(nil, v))
	})
}
