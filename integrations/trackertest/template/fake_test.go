package template_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/trackertest"
	"github.com/needle-okr/needle/integrations/trackertest/template"
)

// card is a card at the fake.
type card struct {
	ID      string     `json:"id"`
	Board   string     `json:"board"`
	Title   any        `json:"title"`
	Column  string     `json:"column"`
	Labels  []string   `json:"labels"`
	Created time.Time  `json:"created"`
	Updated time.Time  `json:"updated"`
	Closed  *time.Time `json:"closed"`
}

// world is a fake of the tracker with one board.
type world struct {
	t      *testing.T
	server *httptest.Server

	mu        sync.Mutex
	now       time.Time
	cards     []*card
	gone      map[string]bool
	onRequest func()
	fault     http.HandlerFunc
}

func newWorld(t *testing.T) trackertest.World {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), gone: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /me", w.answer(func(*http.Request) (any, int) { return map[string]string{"id": "u1", "name": "Robin"}, 200 }))
	mux.HandleFunc("GET /boards", w.answer(func(*http.Request) (any, int) { return []map[string]string{{"id": "b1", "name": "Shop"}}, 200 }))
	mux.HandleFunc("GET /boards/b1/cards", w.answer(w.list))
	mux.HandleFunc("GET /boards/b1/ids", w.answer(w.ids))
	mux.HandleFunc("GET /cards/{id}", w.answer(w.read))
	w.server = httptest.NewServer(mux)
	t.Cleanup(w.server.Close)
	return w
}

// answer is what all requests have in common.
func (w *world) answer(f func(*http.Request) (any, int)) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		on, fault := w.onRequest, w.fault
		w.mu.Unlock()
		if on != nil {
			on()
		}
		if fault != nil {
			fault(out, r)
			return
		}
		if r.Header.Get("Authorization") != "Bearer good" {
			out.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		body, status := f(r)
		out.WriteHeader(status)
		if err := json.NewEncoder(out).Encode(body); err != nil {
			w.t.Error(err)
		}
	}
}

// place is where a card stands in a walk.
func place(c *card) string { return fmt.Sprintf("%d-%s", c.Updated.UnixNano(), c.ID) }

// list answers cards by their change time, behind a place.
func (w *world) list(r *http.Request) (any, int) {
	since, _ := time.Parse(time.RFC3339, r.FormValue("since")) // Absent is the beginning.
	after, limit := r.FormValue("after"), 100
	if n, err := strconv.Atoi(r.FormValue("limit")); err == nil && n > 0 {
		limit = n
	}
	if _, id, found := strings.Cut(after, "-"); after != "" && (!found || !strings.HasPrefix(id, "c")) {
		return nil, http.StatusBadRequest
	}
	sorted := slices.SortedFunc(slices.Values(w.cards), func(a, b *card) int { return strings.Compare(place(a), place(b)) })
	page, next := []*card{}, ""
	for _, c := range sorted {
		if c.Updated.Before(since) || place(c) <= after {
			continue
		}
		if len(page) == limit {
			next = place(page[limit-1])
			break
		}
		page = append(page, c)
	}
	return map[string]any{"cards": page, "next": next}, http.StatusOK
}

func (w *world) ids(*http.Request) (any, int) {
	out := []string{}
	for _, c := range w.cards {
		out = append(out, c.ID)
	}
	return out, http.StatusOK
}

func (w *world) read(r *http.Request) (any, int) {
	id := r.PathValue("id")
	for _, c := range w.cards {
		if c.ID == id {
			return c, http.StatusOK
		}
	}
	if w.gone[id] {
		return nil, http.StatusGone
	}
	return nil, http.StatusNotFound
}

func (w *world) open(token string) integrations.Tracker {
	registry, err := integrations.NewRegistry(template.Driver())
	if err != nil {
		w.t.Fatal(err)
	}
	tracker, err := registry.Open(w.t.Context(), "cards", integrations.Settings{"baseUrl": w.server.URL, "token": token},
		integrations.Env{Now: w.clock})
	if err != nil {
		w.t.Fatal(err)
	}
	return tracker
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) Open() integrations.Tracker             { return w.open("good") }
func (w *world) OpenUnauthorized() integrations.Tracker { return w.open("bad") }
func (w *world) Source() integrations.Source            { return integrations.Source{ID: "b1", Key: "b1"} }

func (w *world) Tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(time.Second)
}

func (w *world) Create(title string) integrations.Ref {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := fmt.Sprintf("c%04d", len(w.cards)+len(w.gone)+1)
	w.cards = append(w.cards, &card{ID: id, Board: "b1", Title: title, Column: "waiting", Created: w.now, Updated: w.now})
	return integrations.Ref{ID: id, Key: id}
}

func (w *world) change(ref integrations.Ref, f func(*card)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.cards {
		if c.ID == ref.ID {
			c.Updated = w.now
			f(c)
		}
	}
}

func (w *world) Touch(ref integrations.Ref) {
	w.change(ref, func(c *card) { c.Labels = append(c.Labels, "touched") })
}

func (w *world) Finish(ref integrations.Ref) {
	w.change(ref, func(c *card) { c.Column, c.Closed = "done", &c.Updated })
}

func (w *world) Reopen(ref integrations.Ref) {
	w.change(ref, func(c *card) { c.Column, c.Closed = "waiting", nil })
}

func (w *world) Poison(ref integrations.Ref) { w.change(ref, func(c *card) { c.Title = 42 }) }

func (w *world) Delete(ref integrations.Ref) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone[ref.ID] = true
	w.cards = slices.DeleteFunc(w.cards, func(c *card) bool { return c.ID == ref.ID })
}

func (w *world) Move(integrations.Ref) (integrations.Ref, bool) { return integrations.Ref{}, false }

func (w *world) OnRequest(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onRequest = f
}

func (w *world) always(fault http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = fault
}

func (w *world) Garble(body []byte) {
	w.always(func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write(body) }) // The client may be gone.
}

func (w *world) Fail() {
	w.always(func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusBadGateway) })
}

func (w *world) Limit() time.Time {
	w.always(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Retry-After", "90")
		out.WriteHeader(http.StatusTooManyRequests)
	})
	return w.clock().Add(90 * time.Second)
}

func (w *world) Stall() {
	w.always(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
}

func (w *world) Heal()                                       { w.always(nil) }
func (w *world) Webhooks() ([]integrations.Delivery, []byte) { return nil, nil }
