package needle

import (
	"database/sql/driver"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"
)

var relative = regexp.MustCompile(`^([+-])?P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$`)

// ParseWhen reads an RFC 3339 instant, a date ("2026-10-01", midnight UTC) or an ISO 8601 duration relative to now.
func ParseWhen(s string) (When, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil && !t.IsZero() {
			return When{At: t.UTC()}, nil
		}
	}
	m := relative.FindStringSubmatch(s)
	if m == nil || s[len(s)-1] == 'P' || s[len(s)-1] == 'T' {
		return When{}, Invalid("", CodeInvalid, "this is neither a date nor a duration like -P2W")
	}
	sign := 1
	if m[1] == "-" {
		sign = -1
	}
	n := func(i int) int {
		v, _ := strconv.Atoi("0" + m[i]) // The pattern admits digits only; absent parts are zero.
		return sign * v
	}
	return When{Offset: CalendarOffset{
		Years: n(2), Months: n(3), Days: 7*n(4) + n(5),
		Time: time.Duration(n(6))*time.Hour + time.Duration(n(7))*time.Minute + time.Duration(n(8))*time.Second,
	}}, nil
}

// UnmarshalGQL reads what ParseWhen reads.
func (w *When) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return Invalid("", CodeInvalid, "a date is a string")
	}
	parsed, err := ParseWhen(s)
	*w = parsed
	return err
}

// MarshalGQL writes the instant; relative values are inputs only and are written as null.
func (w When) MarshalGQL(out io.Writer) {
	text := "null"
	if !w.At.IsZero() {
		text = strconv.Quote(w.At.UTC().Format(time.RFC3339Nano))
	}
	_, _ = io.WriteString(out, text)
}

// Date is a calendar day without a zone.
type Date struct{ time.Time }

// NewDate returns the day t falls on in UTC.
func NewDate(t time.Time) Date {
	y, m, d := t.UTC().Date()
	return Date{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// AppendGQL appends the day as YYYY-MM-DD.
func (d Date) AppendGQL(b []byte) []byte {
	return append(d.AppendFormat(append(b, '"'), time.DateOnly), '"')
}

// MarshalGQL writes the day as YYYY-MM-DD.
func (d Date) MarshalGQL(w io.Writer) { _, _ = w.Write(d.AppendGQL(nil)) }

// UnmarshalGQL reads YYYY-MM-DD.
func (d *Date) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return Invalid("", CodeInvalid, "a date is a string")
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Invalid("", CodeInvalid, "a date looks like 2026-10-01")
	}
	d.Time = t
	return nil
}

// Value implements driver.Valuer.
func (d Date) Value() (driver.Value, error) { return d.Format(time.DateOnly), nil }

// Scan implements sql.Scanner.
func (d *Date) Scan(src any) error {
	t, ok := src.(time.Time)
	if !ok {
		return fmt.Errorf("scanning %T as a date", src)
	}
	*d = NewDate(t)
	return nil
}
