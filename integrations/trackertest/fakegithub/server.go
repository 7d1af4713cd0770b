// Package fakegithub is a stateful server over GitHub's documented REST shapes:
// repositories and issues that change while they are listed, link cursors,
// limits, redirects, deletions and signed webhooks. Tests drive the GitHub
// driver against it and the demo runs on it, so it imports nothing of testing.
//
// State lives in memory. A mutating method takes the write lock and replaces an
// issue's raw JSON whole; a request takes the read lock only to pick the raw
// slices it will write, so thousands of issues cost no copying.
package fakegithub

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/needle-okr/needle/integrations/trackertest/fakeserver"
)

// LinkStyle says how a listing of issues links to its next page.
type LinkStyle int

// The link styles. GitHub uses both: cursors on large repositories, page
// numbers on small ones.
const (
	// LinkAfter links by an opaque after parameter alone.
	LinkAfter LinkStyle = iota
	// LinkPage links by page number.
	LinkPage
)

// Options shape a Server. The zero value is a server without limits, faults,
// webhooks or authentication.
type Options struct {
	// Token is the only accepted bearer token. Empty: none is asked for.
	Token string
	// AppToken makes the token an app's: it has repositories but no user.
	AppToken bool
	// App is a GitHub App that may ask beside the token. Nil: none.
	App *App
	// Login is the account that owns the token and does all mutations. Empty: "robin".
	Login string
	// Links is the link style of issue listings.
	Links LinkStyle
	// PageLimit is the highest page number answered, beyond it comes a 422.
	// Zero: none.
	PageLimit int
	// Quota is the number of requests an hour. Zero: 5000, never enforced.
	Quota int
	// SearchQuota is the number of searches a minute. Zero: 30, never enforced.
	SearchQuota int
	// Latency is how long every request takes at least.
	Latency time.Duration
	// Intercept sees each request, before any lock is taken, and may mutate the
	// server or answer a fault. It is called concurrently. Nil: no faults.
	Intercept func(r *http.Request) *Fault
	// WebhookSecret signs webhooks.
	WebhookSecret []byte
	// OnDelivery receives the webhook of each mutation after it happened. Nil: none.
	OnDelivery func(Delivery)
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
}

// Fault spoils one answer.
type Fault = fakeserver.Fault

// Server is a fake GitHub. It is an http.Handler; Start serves it on loopback.
type Server struct {
	fakeserver.Server

	opts Options
	mux  *http.ServeMux

	mu        sync.RWMutex
	repos     map[string]*repo // by lower-case key, former keys included
	reposByID map[int64]*repo
	nextID    int64
	rev       uint64
	appHook   *hook
	outbox    []outgoing // made under the lock, delivered after it
	hookSeq   uint64
	hookBase  uint64
	tokens    map[string]time.Time // ends of the installation's tokens
	suspended bool

	core, search *quota
}

// New makes a server.
func New(opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Login == "" {
		opts.Login = "robin"
	}
	s := &Server{
		Server:    fakeserver.Server{Now: opts.Now, Latency: opts.Latency, Intercept: opts.Intercept},
		opts:      opts,
		repos:     map[string]*repo{},
		reposByID: map[int64]*repo{},
		tokens:    map[string]time.Time{},
		core:      newQuota("core", opts.Quota, 5000, time.Hour),
		search:    newQuota("search", opts.SearchQuota, 30, time.Minute),
		nextID:    100_000,
		hookBase:  uint64(opts.Now().UnixNano()),
	}
	s.mux = s.routes()
	s.Answer = s.answer
	return s
}

// answer writes the real answer to whoever may have it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	r, ok := s.authenticate(w, r)
	if !ok {
		return
	}
	from := s.core
	if strings.HasPrefix(r.URL.Path, "/search/") {
		from = s.search
	}
	if !from.spend(w, s.opts.Now()) {
		fail(w, http.StatusForbidden, "API rate limit exceeded")
		return
	}
	s.mux.ServeHTTP(w, r)
}

// base is the address the client used, for links that lead back here.
func base(r *http.Request) string { return "http://" + r.Host }

// fail answers an error in GitHub's shape.
func fail(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	writeJSON(w, map[string]any{
		"message":           message,
		"documentation_url": "https://docs.github.com/rest",
		"status":            strconv.Itoa(status),
	})
}

// failWith is fail with a reason of its own.
func failWith(w http.ResponseWriter, status int, message, reason string) {
	w.WriteHeader(status)
	writeJSON(w, map[string]any{
		"message": message, "errors": []map[string]string{{"message": reason}}, "status": strconv.Itoa(status),
	})
}

// fold is the form of a repository key that comparisons use.
func fold(key string) string { return strings.ToLower(key) }
