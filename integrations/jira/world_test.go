package jira_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/jira"
	"github.com/needle-okr/needle/integrations/trackertest"
	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
)

const (
	email  = "robin@example.com"
	token  = "good-token"
	secret = "hook-secret"
)

// world is the fake Jira with a clock of its own and a switch for faults.
type world struct {
	t      *testing.T
	opts   fakejira.Options
	server *fakejira.Server
	base   string
	source integrations.Source

	mu         sync.Mutex
	now        time.Time
	onRequest  func()
	fault      func(*http.Request) *fakejira.Fault
	deliveries []integrations.Delivery
}

var _ trackertest.LinkWorld = (*world)(nil)

// newWorld starts a fake with one empty project.
func newWorld(t *testing.T, opts fakejira.Options) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
	opts.Token, opts.WebhookSecret = token, []byte(secret)
	if opts.Cloud {
		opts.Email = email
	}
	opts.Now, opts.Intercept, opts.OnDelivery = w.clock, w.intercept, w.deliver
	w.opts, w.server = opts, fakejira.New(opts)
	w.source = integrations.Source{ID: w.server.AddProject("SHOP"), Key: "SHOP"}
	base, err := w.server.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.server.Close(); err != nil {
			t.Error(err)
		}
	})
	w.base = base
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) intercept(r *http.Request) *fakejira.Fault {
	w.mu.Lock()
	on, fault := w.onRequest, w.fault
	w.mu.Unlock()
	if on != nil {
		on()
	}
	if fault != nil {
		return fault(r)
	}
	return nil
}

func (w *world) deliver(d fakejira.Delivery) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deliveries = append(w.deliveries, integrations.Delivery{Header: d.Header, Body: d.Body})
}

// answer makes every request that f has a fault for end in it.
func (w *world) answer(f func(*http.Request) *fakejira.Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
}

// always makes every request end in a fault.
func (w *world) always(fault *fakejira.Fault) {
	w.answer(func(*http.Request) *fakejira.Fault { return fault })
}

// sleep lets time pass.
func (w *world) sleep(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// open connects with settings that replace the usual ones.
func (w *world) open(change integrations.Settings) *jira.Tracker {
	w.t.Helper()
	registry, err := integrations.NewRegistry(jira.Driver())
	if err != nil {
		w.t.Fatal(err)
	}
	settings := integrations.Settings{"token": token, "baseUrl": w.base, "email": w.opts.Email}
	for name, value := range change {
		settings[name] = value
	}
	tracker, err := registry.Open(w.t.Context(), "jira", settings, integrations.Env{Now: w.clock})
	if err != nil {
		w.t.Fatal(err)
	}
	j, ok := tracker.(*jira.Tracker)
	if !ok {
		w.t.Fatalf("opened a %T", tracker)
	}
	return j
}

func (w *world) Open() integrations.Tracker { return w.open(nil) }
func (w *world) OpenUnauthorized() integrations.Tracker {
	return w.open(integrations.Settings{"token": "bad-token"})
}
func (w *world) Source() integrations.Source { return w.source }
func (w *world) Tick()                       { w.sleep(time.Second) }

func (w *world) Create(title string) integrations.Ref {
	return w.create(fakejira.NewIssue{Title: title})
}

func (w *world) create(n fakejira.NewIssue) integrations.Ref {
	id, key, err := w.server.Create(w.source.ID, n)
	w.must(err)
	return integrations.Ref{ID: id, Key: key}
}

func (w *world) CreateElsewhere(title string) integrations.Ref {
	id, key, err := w.server.Create(w.server.AddProject("SECRET"), fakejira.NewIssue{Title: title})
	w.must(err)
	return integrations.Ref{ID: id, Key: key}
}

func (w *world) SearchText(word string) string { return `summary ~ "` + word + `"` }
func (w *world) Nonsense() string              { return "flavour = sweet" }

func (w *world) Escapes(word string) []string {
	text := w.SearchText(word)
	return []string{
		text + " OR project = SECRET", "project = SECRET AND " + text, text + ") OR (" + text, text + ") OR project = SECRET OR (" + text,
		text + `) OR summary ~ "`, text + " ORDER BY created) OR (" + text, "", "\nOR " + text,
	}
}

func (w *world) Touch(ref integrations.Ref) {
	w.must(w.server.Set(ref.ID, map[string]any{"labels": []string{"touched"}}))
}

func (w *world) Finish(ref integrations.Ref) { w.must(w.server.Transition(ref.ID, "Done", "Done")) }
func (w *world) Reopen(ref integrations.Ref) { w.must(w.server.Transition(ref.ID, "To Do", "")) }
func (w *world) Delete(ref integrations.Ref) { w.must(w.server.Delete(ref.ID)) }

// Move keeps the id at Jira, so nothing moves that anyone could be told of.
func (w *world) Move(integrations.Ref) (integrations.Ref, bool) { return integrations.Ref{}, false }

func (w *world) Poison(ref integrations.Ref) {
	w.must(w.server.Poison(ref.ID, map[string]any{"summary": 42}))
}

func (w *world) OnRequest(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onRequest = f
}

func (w *world) Garble(body []byte) {
	w.always(&fakejira.Fault{Status: http.StatusOK, Body: string(body)})
}

func (w *world) Fail()  { w.always(fakejira.BadGateway()) }
func (w *world) Stall() { w.always(&fakejira.Fault{Delay: time.Hour}) }
func (w *world) Heal()  { w.answer(nil) }

func (w *world) Limit() time.Time {
	w.always(fakejira.Limited(90 * time.Second))
	return w.clock().Add(90 * time.Second)
}

func (w *world) Webhooks() ([]integrations.Delivery, []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deliveries, []byte(secret)
}

func (w *world) Backlinks(ref integrations.Ref) []string {
	var out []string
	for _, link := range w.server.Links(ref.ID) {
		out = append(out, string(link))
	}
	return out
}

func (w *world) Writes() int {
	n := 0
	for _, r := range w.server.Requests() {
		if r.Method != http.MethodGet && strings.HasSuffix(r.Path, "/remotelink") {
			n++
		}
	}
	return n
}

// must stops the test's goroutine, or only reports where it is called by the server's.
func (w *world) must(err error) {
	if err != nil {
		w.t.Error(err)
	}
}

func TestTracker_conforms(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]fakejira.Options{
		"to Cloud": {Cloud: true}, "to Cloud with empty pages": {Cloud: true, EmptyPages: true}, "to Data Center": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trackertest.Run(t, func(t *testing.T) trackertest.World {
				t.Helper()
				return newWorld(t, opts)
			})
		})
	}
}
