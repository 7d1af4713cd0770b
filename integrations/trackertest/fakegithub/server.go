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
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
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
	// Login is the account that owns the token and does all mutations. Empty: "robin".
	Login string
	// Links is the link style of issue listings.
	Links LinkStyle
	// PageLimit is the highest page number answered, beyond it comes a 422.
	// Zero: none.
	PageLimit int
	// Quota is the number of requests an hour. Zero: 5000, never enforced.
	Quota int
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

// Request is a request as the server saw it.
type Request struct {
	Method, Path, Query string
	// IfNoneMatch is the validator sent. Empty: none.
	IfNoneMatch string
	// Status is what was answered.
	Status int
}

// logSize bounds the request log.
const logSize = 4096

// Server is a fake GitHub. It is an http.Handler; Start serves it on loopback.
type Server struct {
	opts Options
	mux  *http.ServeMux

	mu        sync.RWMutex
	repos     map[string]*repo // by lower-case key, former keys included
	reposByID map[int64]*repo
	nextID    int64
	rev       uint64
	hooks     []Delivery // made under the lock, delivered after it
	hookSeq   uint64
	hookBase  uint64

	logMu  sync.Mutex
	log    []Request
	total  int
	window time.Time
	used   int

	http *http.Server
	done chan struct{}
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
		opts:      opts,
		repos:     map[string]*repo{},
		reposByID: map[int64]*repo{},
		nextID:    100_000,
		hookBase:  uint64(opts.Now().UnixNano()),
	}
	s.mux = s.routes()
	return s
}

// Start serves on a free loopback port and returns the base URL, with a
// trailing slash. Close ends it.
func (s *Server) Start(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening on loopback: %w", err)
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		// Serve always ends with an error; Close asked for it.
		_ = s.http.Serve(l)
	}()
	return "http://" + l.Addr().String() + "/", nil
}

// Close ends what Start began and waits for it. Without Start it does nothing.
func (s *Server) Close() error {
	if s.http == nil {
		return nil
	}
	err := s.http.Close()
	<-s.done
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("closing the fake: %w", err)
	}
	return nil
}

// Requests returns the latest requests, oldest first.
func (s *Server) Requests() []Request {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return slices.Clone(s.log)
}

// RequestCount is the number of requests since the beginning.
func (s *Server) RequestCount() int {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return s.total
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var fault *Fault
	if s.opts.Intercept != nil {
		fault = s.opts.Intercept(r)
	}
	delay := s.opts.Latency
	if fault != nil {
		delay += fault.Delay
	}
	if !wait(r.Context(), delay) {
		return
	}
	out := &answer{header: http.Header{}, status: http.StatusOK}
	s.answer(out, r, fault)
	s.record(r, out.status)
	out.send(w, fault)
}

// answer fills in the response: the fault's, or the real one.
func (s *Server) answer(w *answer, r *http.Request, fault *Fault) {
	if fault != nil && fault.Status != 0 {
		w.header.Set("Content-Type", "application/json; charset=utf-8")
		maps.Copy(w.header, fault.Header)
		w.WriteHeader(fault.Status)
		w.body.WriteString(fault.Body)
		return
	}
	w.header.Set("Content-Type", "application/json; charset=utf-8")
	if s.opts.Token != "" && r.Header.Get("Authorization") != "Bearer "+s.opts.Token {
		fail(w, http.StatusUnauthorized, "Bad credentials")
		return
	}
	if !s.spend(w) {
		fail(w, http.StatusForbidden, "API rate limit exceeded")
		return
	}
	s.mux.ServeHTTP(w, r)
	if w.status == http.StatusNotModified {
		s.refund()
	}
}

// spend takes one request from the quota and writes the limit headers.
func (s *Server) spend(w http.ResponseWriter) bool {
	quota := s.opts.Quota
	if quota == 0 {
		quota = 5000
	}
	s.logMu.Lock()
	now := s.opts.Now()
	if !now.Before(s.window.Add(time.Hour)) {
		s.window, s.used = now, 0
	}
	ok := s.used < quota || s.opts.Quota == 0
	if ok {
		s.used++
	}
	left, reset := max(quota-s.used, 0), s.window.Add(time.Hour)
	s.logMu.Unlock()
	if s.opts.Quota == 0 {
		left = max(left, 1)
	}
	w.Header().Set("X-Ratelimit-Limit", strconv.Itoa(quota))
	w.Header().Set("X-Ratelimit-Remaining", strconv.Itoa(left))
	w.Header().Set("X-Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	w.Header().Set("X-Ratelimit-Resource", "core")
	return ok
}

// refund gives a request back: answers of 304 are free.
func (s *Server) refund() {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.used--
}

// record adds a request to the log.
func (s *Server) record(r *http.Request, status int) {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.total++
	if len(s.log) >= logSize {
		s.log = slices.Delete(s.log, 0, logSize/2)
	}
	s.log = append(s.log, Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		IfNoneMatch: r.Header.Get("If-None-Match"), Status: status,
	})
}

// base is the address the client used, for links that lead back here.
func base(r *http.Request) string { return "http://" + r.Host }

// wait sleeps for d and reports false when the request ended first.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// answer collects a response so that a fault can spoil it.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the response's headers.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sets the status.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write adds to the body.
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// send writes the response out, spoilt as the fault demands.
func (a *answer) send(w http.ResponseWriter, fault *Fault) {
	maps.Copy(w.Header(), a.header)
	body := a.body.Bytes()
	length := len(body)
	if fault != nil && (fault.Truncate || fault.HangUp) {
		body = body[:len(body)/2]
		if fault.Truncate {
			length = len(body)
		}
	}
	if a.status != http.StatusNotModified && a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(a.status)
	// A client that went away is none of the server's business.
	_, _ = w.Write(body)
}

// fail answers an error in GitHub's shape.
func fail(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	writeJSON(w, map[string]any{
		"message":           message,
		"documentation_url": "https://docs.github.com/rest",
		"status":            strconv.Itoa(status),
	})
}

// fold is the form of a repository key that comparisons use.
func fold(key string) string { return strings.ToLower(key) }
