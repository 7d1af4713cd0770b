package server

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// served is a server on a real listener.
type served struct {
	url  string
	stop context.CancelFunc
	done chan error
}

func (h *house) serve(t *testing.T, grace time.Duration) *served {
	t.Helper()
	c := h.config()
	c.Grace = grace
	h.Server = New(c)
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &served{url: "http://" + listener.Addr().String(), stop: cancel, done: make(chan error, 1)}
	go func() { s.done <- h.Serve(ctx, listener) }()
	return s
}

// reply is how a request ended.
type reply struct {
	status int
	body   string
	err    error
}

// call sends a query over the network and tells how it ended.
func (s *served) call(t *testing.T, token, query string) <-chan reply {
	t.Helper()
	ended := make(chan reply, 1)
	ctx := context.WithoutCancel(t.Context())
	go func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/graphql", strings.NewReader(`{"query":"`+query+`"}`))
		if err != nil {
			ended <- reply{err: err}
			return
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			ended <- reply{err: err}
			return
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // It was read to its end.
		ended <- reply{response.StatusCode, string(body), err}
	}()
	return ended
}

// waitUntil polls a condition.
func waitUntil(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline, tick := time.After(30*time.Second), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			t.Fatalf("%s never came", what)
		case <-tick.C:
		}
	}
}

func TestServe_letsRequestsInFlightFinish(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.serve(t, time.Minute)
	if first := <-s.call(t, h.token, "{ __typename }"); first.err != nil || first.status != http.StatusOK {
		t.Fatalf("%+v", first)
	}
	release := h.gate.hold()
	inFlight := s.call(t, h.token, "{ teams { totalCount } }")
	waitUntil(t, "the statement", func() bool { return h.store.DB().Stats().InUse > 0 })
	s.stop()
	waitUntil(t, "the stop", h.stopping.Load)
	if got := h.get(t, "/readyz"); got.status != http.StatusServiceUnavailable || got.body != "stopping\n" {
		t.Errorf("/readyz at a stop: %d %s", got.status, got.body)
	}
	var dialer net.Dialer
	waitUntil(t, "the end of new connections", func() bool {
		conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			_ = conn.Close() // It was only tried.
		}
		return err != nil
	})
	select {
	case err := <-s.done:
		t.Fatalf("the server stopped with a request in flight: %v", err)
	default:
	}
	release()
	if got := <-inFlight; got.err != nil || got.status != http.StatusOK || got.body != `{"data":{"teams":{"totalCount":0}}}` {
		t.Errorf("the request in flight ended with %+v", got)
	}
	if err := <-s.done; err != nil {
		t.Errorf("the server stopped with %v", err)
	}
}

func TestServe_doesNotWaitForever(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.serve(t, time.Millisecond)
	if first := <-s.call(t, h.token, "{ __typename }"); first.err != nil || first.status != http.StatusOK {
		t.Fatalf("%+v", first)
	}
	release := h.gate.hold()
	inFlight := s.call(t, h.token, "{ teams { totalCount } }")
	waitUntil(t, "the statement", func() bool { return h.store.DB().Stats().InUse > 0 })
	s.stop()
	if err := <-s.done; err != nil {
		t.Errorf("the server stopped with %v", err)
	}
	if got := <-inFlight; got.err == nil {
		t.Errorf("a request outlived the server: %+v", got)
	}
	release()
}

func TestServe_saysWhenItCannotListen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.Serve(t.Context(), listener); err == nil {
		t.Error("it serves on a closed listener")
	}
}
