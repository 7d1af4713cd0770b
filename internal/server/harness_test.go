package server

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/needle-okr/needle/graph"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// password is in the database's address and belongs into no log.
const password = "correct-horse"

// house is a server on a real database behind a gate, with one person who has a token.
type house struct {
	*storetest.Factory
	*Server
	gate  *gate
	store *store.Store
	log   *logbook
	clock *clock
	// token is what the owner presents.
	token string
}

// clock is a clock that stands still until it is told.
type clock struct{ since atomic.Int64 }

func (c *clock) now() time.Time          { return storetest.Now().Add(time.Duration(c.since.Load())) }
func (c *clock) advance(d time.Duration) { c.since.Add(int64(d)) }

// logbook is a log that can be read while it is written.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String returns everything written so far.
func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// entries returns the entries with a message.
func (l *logbook) entries(t *testing.T, message string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for line := range strings.SplitSeq(strings.TrimSpace(l.String()), "\n") {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if entry["msg"] == message {
			out = append(out, entry)
		}
	}
	return out
}

func newHouse(t *testing.T) *house {
	t.Helper()
	address := storetest.URL(t)
	h := &house{Factory: storetest.Seed(t, storetest.Open(t, address)), log: &logbook{}, clock: &clock{}}
	h.gate = newGate(t, address)
	ring := store.KeyRing{Current: "k", Keys: map[string][]byte{"k": []byte("0123456789abcdef0123456789abcdef")}}
	var err error
	h.store, err = store.Open(store.Config{URL: h.gate.URL, CursorKey: []byte("cursors"), Keys: ring, Now: h.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	_, h.token = h.Token()
	h.Server = New(h.config())
	return h
}

func (h *house) config() Config {
	return Config{
		Schema: graph.NewExecutor(&graph.Resolver{Store: h.store, Now: h.clock.now}), Store: h.store,
		Log: slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: h.clock.now, Introspection: true, Grace: time.Minute,
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// errors are the answer's errors.
func (a answer) errors(t *testing.T) []problem {
	t.Helper()
	var body struct{ Errors []problem }
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return body.Errors
}

// problem is an error of an answer.
type problem struct {
	Message    string
	Path       []any
	Extensions struct{ Code, RequestID string }
}

// code is the code of the only error.
func (a answer) code(t *testing.T) string {
	t.Helper()
	problems := a.errors(t)
	if len(problems) != 1 {
		t.Fatalf("%d errors in %s", len(problems), a.body)
	}
	return problems[0].Extensions.Code
}

// send sends a request as it is.
func (h *house) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	response := w.Result()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// post sends a body to the API, with the owner's token; changes may alter the request.
func (h *house) post(t *testing.T, body string, changes ...func(*http.Request)) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+h.token)
	for _, change := range changes {
		change(r)
	}
	return h.send(t, r)
}

// ask sends a query with the owner's token.
func (h *house) ask(t *testing.T, query string, variables map[string]any, changes ...func(*http.Request)) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return h.post(t, string(body), changes...)
}

func (h *house) get(t *testing.T, path string, changes ...func(*http.Request)) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for _, change := range changes {
		change(r)
	}
	return h.send(t, r)
}

// header is a change that sets a header, or removes it when the value is empty.
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
	}
}

// tokenOf gives somebody a token.
func (h *house) tokenOf(change func(*needle.APIToken)) string {
	_, text := h.Token(change)
	return text
}
