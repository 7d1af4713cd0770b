// Package fakeserver is what the fake trackers have in common: an HTTP server on
// loopback that keeps a log of its requests and whose answers can be spoilt.
package fakeserver

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
	"sync"
	"time"
)

// Fault spoils one answer.
type Fault struct {
	// Status answers this instead of the real thing. Zero: the real thing.
	Status int
	// Header and Body go with Status.
	Header http.Header
	Body   string
	// Delay holds the answer back, or until the client gives up.
	Delay time.Duration
	// Truncate sends half of the body as if it were all.
	Truncate bool
	// HangUp promises the whole body, sends half and closes the connection.
	HangUp bool
}

// BadGateway is the HTML page a load balancer answers.
func BadGateway() *Fault {
	h := http.Header{}
	h.Set("Content-Type", "text/html")
	return &Fault{Status: http.StatusBadGateway, Header: h, Body: "<html><body><h1>502 Bad Gateway</h1></body></html>"}
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

// Server answers by Answer unless a fault is due. It is an http.Handler; Start
// serves it on loopback. Its fields are set before the first request.
type Server struct {
	// Answer writes the real answer.
	Answer func(w http.ResponseWriter, r *http.Request)
	// Now is the clock that the header Date tells.
	Now func() time.Time
	// Latency is how long every request takes at least.
	Latency time.Duration
	// Intercept sees each request first and may answer a fault. It is called
	// concurrently. Nil: no faults.
	Intercept func(r *http.Request) *Fault

	mu    sync.Mutex
	log   []Request
	total int

	http *http.Server
	done chan struct{}
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
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// RequestCount is the number of requests since the beginning.
func (s *Server) RequestCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var fault *Fault
	if s.Intercept != nil {
		fault = s.Intercept(r)
	}
	delay := s.Latency
	if fault != nil {
		delay += fault.Delay
	}
	if !wait(r.Context(), delay) {
		return
	}
	out := &answer{header: http.Header{}, status: http.StatusOK}
	out.header.Set("Content-Type", "application/json; charset=utf-8")
	out.header.Set("Date", s.Now().UTC().Format(http.TimeFormat))
	if fault != nil && fault.Status != 0 {
		maps.Copy(out.header, fault.Header)
		out.status = fault.Status
		out.body.WriteString(fault.Body)
	} else {
		s.Answer(out, r)
	}
	s.record(r, out.status)
	out.send(w, fault)
}

// record adds a request to the log.
func (s *Server) record(r *http.Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total++
	if len(s.log) >= logSize {
		s.log = slices.Delete(s.log, 0, logSize/2)
	}
	s.log = append(s.log, Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		IfNoneMatch: r.Header.Get("If-None-Match"), Status: status,
	})
}

// wait waits for d and reports false when the request ended first.
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
