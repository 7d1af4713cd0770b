package gqlread_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/gqlread"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\n\r\t\x00\x1f\x7f", "日本 \u2028 🙂", "a\xffb\xc3", "\xed\xa0\x80", "\xf0\x9f\x99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(gqlread.AppendString(nil, s), &got); err != nil {
			t.Fatal(err)
		}
		encoded, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(encoded, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAppendFloat_readsBackAsTheSameNumber(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Float64().Draw(t, "number")
		text := gqlread.AppendFloat(nil, want)
		var got float64
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%v written as %s and read as %v (%v)", want, text, got, err)
		}
	})
}

func TestAppendFloat_hasNoExponentForEverydayNumbers(t *testing.T) {
	t.Parallel()
	for number, want := range map[float64]string{0: "0", 4: "4", 1e6: "1000000", 0.000001: "0.000001", 1e21: "1e+21", -1.5: "-1.5"} {
		if got := string(gqlread.AppendFloat(nil, number)); got != want {
			t.Errorf("%v written as %s, want %s", number, got, want)
		}
	}
}

func TestAppendTime_isRFC3339(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 7, 800_000_000, time.FixedZone("", 3600))
	if got := string(gqlread.AppendTime(nil, at)); got != `"2026-03-04T05:06:07.8+01:00"` {
		t.Error(got)
	}
}

// FuzzReader_neverPanics sends any text; what is no valid operation is refused before it gets here.
func FuzzReader_neverPanics(f *testing.F) {
	for _, query := range []string{
		page50, oneNode,
		`{ goals { edges { node { ... on Titled { title parent { __typename shade } } } } } grid { id } }`,
		`query($a: Boolean!) { ...F @skip(if: $a) } fragment F on Query { things { ... on Node { id } ...G } } fragment G on Goal { grid { title } }`,
		`mutation { count failing addTask(input: {title: ""}) { userErrors { field } query { fail } } }`,
		`{ __schema { types { name fields { args { type { ofType { name } } } } } } }`,
		`subscription { broken }`,
	} {
		f.Add(query, uint8(1))
	}
	s := small()
	s.Nulls, s.Faults = 0.2, 0.1
	e := reader(resolver(s), gqlread.Config{})
	f.Fuzz(func(t *testing.T, query string, on uint8) {
		if len(query) > 2000 || strings.Count(query, "{") > 40 || strings.Contains(query, "count:") {
			return // too much work for one input
		}
		variables := map[string]any{"a": on%2 == 0, "first": int64(on % 8), "id": "goal-1"}
		for _, response := range e.all(t.Context(), query, variables) {
			if len(response.Data) > 0 && !json.Valid(response.Data) {
				t.Errorf("no JSON: %s", response.Data)
			}
			for _, err := range response.Errors {
				if strings.HasPrefix(err.Message, "panic: ") && !strings.HasSuffix(err.Message, "dared too much") &&
					!strings.HasSuffix(err.Message, "broken subscription") {
					t.Errorf("%v", err)
				}
			}
		}
	})
}
