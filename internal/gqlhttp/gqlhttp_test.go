package gqlhttp_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/gqlhttp"
)

func TestParseAccept(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]gqlhttp.Accept{
		"":                                    {JSON: true, Events: true},
		"*/*":                                 {JSON: true, Events: true},
		"application/json":                    {JSON: true},
		"text/event-stream":                   {Events: true, OnlyEvents: true},
		"text/event-stream, application/json": {JSON: true, Events: true},
		"text/event-stream;q=0, application/json":       {JSON: true},
		"application/json;q=0, text/event-stream;q=0.1": {Events: true, OnlyEvents: true},
		"application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed": {JSON: true, Events: true},
		"TEXT/EVENT-STREAM": {Events: true, OnlyEvents: true},
		"text/html":         {},
		";;;,,,=":           {},
	} {
		if diff := cmp.Diff(want, gqlhttp.ParseAccept([]string{header})); diff != "" {
			t.Errorf("%q: %s", header, diff)
		}
	}
}

func TestSubscribes_looksAtTheOperationThatIsMeant(t *testing.T) {
	t.Parallel()
	const two = `query A { a } subscription B { b }`
	for _, c := range []struct {
		document, name string
		want           bool
	}{
		{`subscription { a }`, "", true},
		{`{ subscription }`, "", false},
		{`query subscription { a }`, "", false},
		{`query { a(text: "subscription { b }") } # subscription`, "", false},
		{two, "A", false},
		{two, "B", true},
		{two, "", false},
		{two, "C", false},
		{`fragment f on Q { a } subscription { ...f }`, "", true},
		{`subscription {`, "", false},
		{"", "", false},
	} {
		if got := gqlhttp.Subscribes(c.document, c.name, 100); got != c.want {
			t.Errorf("%s in %q: %v", c.name, c.document, got)
		}
	}
}

func FuzzAccept(f *testing.F) {
	f.Add("text/event-stream, */*;q=0.1")
	f.Fuzz(func(t *testing.T, header string) {
		a := gqlhttp.ParseAccept([]string{header})
		if a.OnlyEvents && (a.JSON || !a.Events) {
			t.Errorf("%q: %+v", header, a)
		}
	})
}
