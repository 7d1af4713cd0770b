package needle_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func noon() time.Time { return time.Date(2026, time.March, 31, 12, 0, 0, 0, time.UTC) }

func TestParseWhen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-10-01":                    "2026-10-01T00:00:00Z",
		"2026-10-01T09:30:00+02:00":     "2026-10-01T07:30:00Z",
		"2026-10-01T09:30:00.25Z":       "2026-10-01T09:30:00.25Z",
		"P1D":                           "2026-04-01T12:00:00Z",
		"+P1D":                          "2026-04-01T12:00:00Z",
		"-P2W":                          "2026-03-17T12:00:00Z",
		"-P1M":                          "2026-03-03T12:00:00Z", // There is no 31 February.
		"-P1Y2M3DT4H5M6S":               "2025-01-28T07:54:54Z",
		"PT90M":                         "2026-03-31T13:30:00Z",
		"P0D":                           "2026-03-31T12:00:00Z",
		"P9999Y":                        "9999-12-31T23:59:59Z",
		"-P9999Y":                       "0001-01-01T00:00:00Z",
		"0000-06-01":                    "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59.999-12:00": "9999-12-31T23:59:59Z",
	} {
		w, err := needle.ParseWhen(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := w.Resolve(noon()).Format(time.RFC3339Nano); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{
		"", "P", "-P", "PT", "P1DT", "1D", "P1H", "P-1D", "P1.5D", "--P1D", "P1D ", "2026-10", "2026-13-01", "now",
		"P99999Y", "0001-01-01", "P1W\x00",
	} {
		if w, err := needle.ParseWhen(in); problems(err) != "INVALID" {
			t.Errorf("%q was read as %+v: %v", in, w, err)
		}
	}
}

func FuzzParseWhen(f *testing.F) {
	for _, seed := range []string{"2026-10-01", "-P2W", "P1Y2M3W4DT5H6M7S", "P", "PT", "2026-10-01T09:30:00+02:00", "+P9999Y", "0000-10-01T0:00:00+00:01"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w, err := needle.ParseWhen(s)
		if err != nil {
			if problems(err) != "INVALID" {
				t.Errorf("%q was refused with %v", s, err)
			}
			return
		}
		at := w.Resolve(noon())
		if y := at.Year(); y < 1 || y > 9999 || at.Location() != time.UTC {
			t.Errorf("%q is %s", s, at)
		}
		var again needle.When
		if err := again.UnmarshalGQL(s); err != nil || again != w {
			t.Errorf("%q reads as %+v, then as %+v: %v", s, w, again, err)
		}
	})
}

func TestWhen_writesInstantsAlone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"2026-10-01": `"2026-10-01T00:00:00Z"`, "-P2W": "null"} {
		w, err := needle.ParseWhen(in)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		w.MarshalGQL(&out)
		if out.String() != want {
			t.Errorf("%s is written as %s, want %s", in, &out, want)
		}
	}
	if err := new(needle.When).UnmarshalGQL(7); problems(err) != "INVALID" {
		t.Errorf("a number was read as a date: %v", err)
	}
}

func TestDate_roundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 7_000_000_000).Draw(t, "seconds"), 0)
		day := needle.NewDate(at)
		var out strings.Builder
		day.MarshalGQL(&out)
		var read, scanned needle.Date
		if err := read.UnmarshalGQL(strings.Trim(out.String(), `"`)); err != nil || read != day {
			t.Errorf("%s was read as %s: %v", &out, read, err)
		}
		if err := scanned.Scan(day.Time); err != nil || scanned != day {
			t.Errorf("%s was scanned as %s: %v", day, scanned, err)
		}
		if value, err := day.Value(); err != nil || value != strings.Trim(out.String(), `"`) {
			t.Errorf("%s is stored as %v: %v", day, value, err)
		}
	})
	for _, bad := range []any{"2026-02-30", "2026-1-1", "", 7, nil} {
		if err := new(needle.Date).UnmarshalGQL(bad); problems(err) != "INVALID" {
			t.Errorf("%v was read as a day: %v", bad, err)
		}
	}
	if err := new(needle.Date).Scan("2026-01-01"); err == nil {
		t.Error("a text was scanned as a day")
	}
}
