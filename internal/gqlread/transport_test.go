package gqlread_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/google/go-cmp/cmp"
)

// served starts gqlgen's stock server on the reader.
func served(t *testing.T) *httptest.Server {
	t.Helper()
	h := handler.New(newReader(resolver(small()).Config()))
	h.AddTransport(transport.SSE{})
	h.AddTransport(transport.POST{})
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func post(t *testing.T, s *httptest.Server, accept, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", accept)
	response, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func TestReader_worksBehindPOST(t *testing.T) {
	t.Parallel()
	got := post(t, served(t), "application/json", `{"query": "query($n: Int!) { goal(n: $n) { id rank: n0 } }"}`)
	if !strings.Contains(got, `Cannot query field`) {
		t.Errorf("a field that is not there: %s", got)
	}
	got = post(t, served(t), "application/json", `{"query": "query($n: Int!) { goal(n: $n) { id } }", "variables": {"n": 2}}`)
	if diff := cmp.Diff(`{"data":{"goal":{"id":"goal-2"}}}`, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestReader_worksBehindSSE(t *testing.T) {
	t.Parallel()
	got := post(t, served(t), "text/event-stream", `{"query": "subscription { ticks(count: 2) { n } }"}`)
	want := []string{`data: {"data":{"ticks":{"n":0}}}`, `data: {"data":{"ticks":{"n":1}}}`}
	var data []string
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "data: ") {
			data = append(data, strings.TrimSpace(line))
		}
	}
	if diff := cmp.Diff(want, data); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if !strings.Contains(got, "event: complete") {
		t.Errorf("no end: %s", got)
	}
}
