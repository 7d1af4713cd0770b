package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
)

// get returns the status and the body of an address; status 0 means that nobody answers.
func get(t *testing.T, address string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, r)
}

func send(t *testing.T, r *http.Request) (status int, body string) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(raw)
}

// ask sends a GraphQL operation.
func ask(t *testing.T, base, token, query string, variables map[string]any) (status int, body string) {
	t.Helper()
	payload, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/graphql", bytes.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return send(t, r)
}

// answer sends a GraphQL operation that has to work and reads its data.
func answer[T any](t *testing.T, base, token, query string, variables map[string]any) T {
	t.Helper()
	status, body := ask(t, base, token, query, variables)
	var got struct {
		Data   T
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || len(got.Errors) > 0 {
		t.Fatalf("status %d: %s (%v)", status, body, err)
	}
	return got.Data
}

// free reports whether nobody listens at the host of an address.
func free(t *testing.T, address string) bool {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", u.Host)
	if err != nil {
		return false
	}
	_ = l.Close() // It was open for a moment only.
	return true
}
