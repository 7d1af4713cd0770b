package needle_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

func TestScalars_readWhatTheyShould(t *testing.T) {
	t.Parallel()
	read := map[string]func(any) (any, error){
		"Int":      func(v any) (any, error) { return needle.UnmarshalInt(v) },
		"Float":    func(v any) (any, error) { return needle.UnmarshalFloat(v) },
		"DateTime": func(v any) (any, error) { return needle.UnmarshalDateTime(v) },
		"URL":      func(v any) (any, error) { return needle.UnmarshalURL(v) },
	}
	cases := []struct {
		name, scalar string
		in           any
		want         any // nil when it is refused
	}{
		{"a literal", "Int", int64(3), 3},
		{"a default", "Int", 3, 3},
		{"a variable", "Int", json.Number("-3"), -3},
		{"a whole float", "Int", 3.0, 3},
		{"the largest", "Int", int64(math.MaxInt32), math.MaxInt32},
		{"one too large", "Int", int64(math.MaxInt32 + 1), nil},
		{"one too small", "Int", json.Number("-2147483649"), nil},
		{"a fraction", "Int", 3.5, nil},
		{"a fraction as a variable", "Int", json.Number("3.5"), nil},
		{"text", "Int", "3", nil},
		{"a truth", "Int", true, nil},
		{"null", "Int", nil, nil},
		{"a literal", "Float", 3.5, 3.5},
		{"a whole literal", "Float", int64(3), 3.0},
		{"a default", "Float", 3, 3.0},
		{"a variable", "Float", json.Number("1e3"), 1000.0},
		{"beyond all floats", "Float", json.Number("1e999"), nil},
		{"infinity", "Float", math.Inf(1), nil},
		{"not a number", "Float", math.NaN(), nil},
		{"text", "Float", "3.5", nil},
		{"an instant", "DateTime", "2026-10-01T09:30:00.5Z", time.Date(2026, 10, 1, 9, 30, 0, 5e8, time.UTC)},
		{"a day", "DateTime", "2026-10-01", nil},
		{"no zone", "DateTime", "2026-10-01T09:30:00", nil},
		{"nothing", "DateTime", "", nil},
		{"a number", "DateTime", int64(0), nil},
		{"an address", "URL", "https://example.org", "https://example.org"},
		{"a number", "URL", int64(1), nil},
	}
	for _, tc := range cases {
		t.Run(tc.scalar+" "+tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := read[tc.scalar](tc.in)
			if tc.want == nil {
				if !errors.Is(err, &needle.Error{Code: needle.CodeInvalid}) {
					t.Fatalf("error %v, want INVALID", err)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
				t.Errorf("error %v, value (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestScalars_writeJSON(t *testing.T) {
	t.Parallel()
	cest := time.FixedZone("CEST", 2*60*60)
	cases := map[string]struct {
		value graphql.Marshaler
		want  string
	}{
		"a whole number":           {needle.MarshalInt(-42), "-42"},
		"a large number in full":   {needle.MarshalFloat(1e6), "1000000"},
		"a huge number with power": {needle.MarshalFloat(1e21), "1e+21"},
		"a tiny number with power": {needle.MarshalFloat(-1e-7), "-1e-07"},
		"zero":                     {needle.MarshalFloat(0), "0"},
		"no number":                {needle.MarshalFloat(math.NaN()), "null"},
		"infinity":                 {needle.MarshalFloat(math.Inf(-1)), "null"},
		"an instant in UTC":        {needle.MarshalDateTime(time.Date(2026, 10, 1, 9, 30, 0, 0, cest)), `"2026-10-01T07:30:00Z"`},
		"no instant":               {needle.MarshalDateTime(time.Time{}), "null"},
		"an address":               {needle.MarshalURL(`https://example.org/"`), `"https://example.org/\""`},
		"no address":               {needle.MarshalURL(""), "null"},
		"stored JSON":              {needle.MarshalRawJSON(json.RawMessage(`{"a":[1]}`)), `{"a":[1]}`},
		"no stored JSON":           {needle.MarshalRawJSON(nil), "null"},
		"a day":                    {needle.NewDate(time.Date(2026, 10, 1, 1, 0, 0, 0, cest)), `"2026-09-30"`},
		"a relative date":          {needle.When{Offset: needle.CalendarOffset{Days: 1}}, "null"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			tc.value.MarshalGQL(&out)
			if out.String() != tc.want {
				t.Errorf("wrote %s, want %s", out.String(), tc.want)
			}
		})
	}
}

// TestScalars_appendWhatTheyMarshal keeps the two ways of writing equal, since two executors use one each.
func TestScalars_appendWhatTheyMarshal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.Int().Draw(t, "i")
		f := rapid.Float64().Draw(t, "f")
		at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		for _, pair := range []struct {
			marshaled graphql.Marshaler
			appended  []byte
		}{
			{needle.MarshalInt(i), needle.AppendInt(nil, i)},
			{needle.MarshalFloat(f), needle.AppendFloat(nil, f)},
			{needle.MarshalDateTime(at), needle.AppendDateTime(nil, at)},
		} {
			var out strings.Builder
			pair.marshaled.MarshalGQL(&out)
			if out.String() != string(pair.appended) {
				t.Fatalf("marshalled %s, appended %s", out.String(), pair.appended)
			}
			if !json.Valid(pair.appended) {
				t.Fatalf("%s is no JSON", pair.appended)
			}
		}
		var back float64
		if err := json.Unmarshal(needle.AppendFloat(nil, f), &back); err != nil || (back != f && !math.IsInf(f, 0) && !math.IsNaN(f)) {
			t.Fatalf("%v came back as %v, error %v", f, back, err)
		}
		read, err := needle.UnmarshalDateTime(strings.Trim(string(needle.AppendDateTime(nil, at)), `"`))
		if err != nil || !read.Equal(at.Truncate(time.Microsecond)) {
			t.Fatalf("%v came back as %v, error %v", at, read, err)
		}
	})
}

func TestConnection_listsItsSettingsByName(t *testing.T) {
	t.Parallel()
	c := &needle.Connection{Settings: map[string]string{"owner": "octo", "baseUrl": "https://example.org"}}
	want := []*needle.Setting{{Name: "baseUrl", Value: "https://example.org"}, {Name: "owner", Value: "octo"}}
	if diff := cmp.Diff(want, c.SettingList()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if got := (&needle.Connection{}).SettingList(); got == nil || len(got) != 0 {
		t.Errorf("no settings list as %#v, want an empty list", got)
	}
}
