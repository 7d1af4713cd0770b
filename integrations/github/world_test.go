package github_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/trackertest"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
)

const (
	shop   = "acme/shop"
	other  = "acme/other"
	token  = "good-token"
	secret = "hook-secret"
)

// world is the fake GitHub with a clock of its own and a switch for faults.
type world struct {
	t      *testing.T
	server *fakegithub.Server
	base   string
	source integrations.Source
	asApp  bool // connects as the App instead of by token

	mu         sync.Mutex
	now        time.Time
	onRequest  func()
	fault      func(*http.Request) *fakegithub.Fault
	deliveries []integrations.Delivery
}

var (
	_ trackertest.LinkWorld   = (*world)(nil)
	_ trackertest.SearchWorld = (*world)(nil)
)

// newWorld starts a fake with one empty repository.
func newWorld(t *testing.T, opts fakegithub.Options) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
	opts.Token, opts.WebhookSecret = token, []byte(secret)
	opts.Now, opts.Intercept, opts.OnDelivery = w.clock, w.intercept, w.deliver
	w.server = fakegithub.New(opts)
	id := w.server.AddRepo(shop)
	w.source = integrations.Source{ID: strconv.FormatInt(id, 10), Key: shop}
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

func (w *world) intercept(r *http.Request) *fakegithub.Fault {
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

func (w *world) deliver(d fakegithub.Delivery) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deliveries = append(w.deliveries, integrations.Delivery{Header: d.Header, Body: d.Body})
}

// answer makes every request that f has a fault for end in it.
func (w *world) answer(f func(*http.Request) *fakegithub.Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
}

// always makes every request end in a fault.
func (w *world) always(fault *fakegithub.Fault) {
	w.answer(func(*http.Request) *fakegithub.Fault { return fault })
}

// sleep lets time pass.
func (w *world) sleep(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// open connects by a token.
func (w *world) open(tok string) *github.Tracker {
	w.t.Helper()
	return w.openWith(integrations.Settings{"token": tok})
}

// openWith connects with settings; the address comes by itself.
func (w *world) openWith(settings integrations.Settings) *github.Tracker {
	w.t.Helper()
	registry, err := integrations.NewRegistry(github.Driver())
	if err != nil {
		w.t.Fatal(err)
	}
	settings["baseUrl"] = w.base
	tracker, err := registry.Open(w.t.Context(), "github", settings, integrations.Env{Now: w.clock})
	if err != nil {
		w.t.Fatal(err)
	}
	gh, ok := tracker.(*github.Tracker)
	if !ok {
		w.t.Fatalf("opened a %T", tracker)
	}
	return gh
}

func (w *world) Open() integrations.Tracker {
	if w.asApp {
		return w.openWith(appSettings(goodKey()))
	}
	return w.open(token)
}

func (w *world) OpenUnauthorized() integrations.Tracker {
	if w.asApp {
		return w.openWith(appSettings(badKey()))
	}
	return w.open("bad-token")
}

func (w *world) Source() integrations.Source { return w.source }
func (w *world) Tick()                       { w.sleep(time.Second) }

func (w *world) Create(title string) integrations.Ref {
	return w.create(fakegithub.NewIssue{Title: title})
}

func (w *world) create(n fakegithub.NewIssue) integrations.Ref {
	number, id, err := w.server.Create(shop, n)
	w.must(err)
	return integrations.Ref{ID: strconv.FormatInt(id, 10), Key: shop + "#" + strconv.Itoa(number)}
}

func (w *world) Touch(ref integrations.Ref) {
	w.must(w.server.Update(shop, number(ref), fakegithub.Change{}))
}

func (w *world) Finish(ref integrations.Ref) {
	w.must(w.server.CloseIssue(shop, number(ref), "completed"))
}

func (w *world) Reopen(ref integrations.Ref) { w.must(w.server.Reopen(shop, number(ref))) }
func (w *world) Delete(ref integrations.Ref) { w.must(w.server.Delete(shop, number(ref))) }

func (w *world) Move(ref integrations.Ref) (integrations.Ref, bool) {
	const elsewhere = "acme/elsewhere"
	w.server.AddRepo(elsewhere)
	n, id, err := w.server.Transfer(shop, number(ref), elsewhere)
	w.must(err)
	return integrations.Ref{ID: strconv.FormatInt(id, 10), Key: elsewhere + "#" + strconv.Itoa(n)}, true
}

func (w *world) Poison(ref integrations.Ref) {
	w.edit(ref, map[string]any{"title": 42})
}

// edit replaces fields of what is served, without touching the issue.
func (w *world) edit(ref integrations.Ref, fields map[string]any) {
	all := map[string]any{}
	w.must(json.Unmarshal(w.server.Raw(shop, number(ref)), &all))
	for name, value := range fields {
		all[name] = value
	}
	raw, err := json.Marshal(all)
	w.must(err)
	w.must(w.server.Poison(shop, number(ref), raw))
}

func (w *world) OnRequest(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onRequest = f
}

func (w *world) Garble(body []byte) {
	w.always(&fakegithub.Fault{Status: http.StatusOK, Body: string(body)})
}

func (w *world) Fail()  { w.always(fakegithub.BadGateway()) }
func (w *world) Stall() { w.always(&fakegithub.Fault{Delay: time.Hour}) }
func (w *world) Heal()  { w.answer(nil) }

func (w *world) Limit() time.Time {
	w.always(fakegithub.SecondaryLimit(http.StatusTooManyRequests, 90*time.Second))
	return w.clock().Add(90 * time.Second)
}

func (w *world) Backlinks(ref integrations.Ref) []string {
	var out []string
	for _, c := range w.server.Comments(shop, number(ref)) {
		out = append(out, c.Body)
	}
	return out
}

func (w *world) Writes() int {
	n := 0
	for _, r := range w.server.Requests() {
		if r.Method != http.MethodGet && !strings.HasSuffix(r.Path, "/access_tokens") {
			n++
		}
	}
	return n
}

func (w *world) CreateElsewhere(title string) integrations.Ref {
	w.server.AddRepo(other)
	n, id, err := w.server.Create(other, fakegithub.NewIssue{Title: title})
	w.must(err)
	return integrations.Ref{ID: strconv.FormatInt(id, 10), Key: other + "#" + strconv.Itoa(n)}
}

func (w *world) SearchText(word string) string { return word }
func (w *world) Nonsense() string              { return "is:nonsense" }

func (w *world) Escapes(word string) []string {
	return []string{
		word + " repo:" + other, "repo:" + other + " " + word, word + " OR " + word, word + " org:acme", "user:acme " + word,
		word + ") OR (" + word, "x OR repo:" + other + ") OR (repo:" + other + " " + word, `" OR repo:` + other + ` "` + word,
		"\nOR " + word, "",
	}
}

func (w *world) Webhooks() ([]integrations.Delivery, []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deliveries, []byte(secret)
}

// must stops the test's goroutine, or only reports where it is called by the server's.
func (w *world) must(err error) {
	if err != nil {
		w.t.Error(err)
	}
}

// number is the number in owner/name#number.
func number(ref integrations.Ref) int {
	_, text, _ := strings.Cut(ref.Key, "#")
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func TestTracker_conforms(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]fakegithub.Options{
		"with cursors": {Links: fakegithub.LinkAfter}, "with page numbers": {Links: fakegithub.LinkPage}, "as an App": {App: theApp()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trackertest.Run(t, func(t *testing.T) trackertest.World {
				t.Helper()
				w := newWorld(t, opts)
				w.asApp = opts.App != nil
				return w
			})
		})
	}
}
