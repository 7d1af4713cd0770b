package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/needle-okr/needle/graph"
	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/live"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

const (
	// trackerToken is what the fake tracker asks for, and what belongs into no answer and no log.
	trackerToken = "github_pat_of_the_stream_tests"
	progress     = `subscription ($c: ID!) { syncProgress(connectionId: $c) { run { state kind counts { seen pages } } total ratePerSecond eta done connection { name state } } }`
)

// station is a house whose server tells of passes over a fake tracker, on a real listener.
type station struct {
	*house
	*served
	gh     *fakegithub.Server
	engine *syncing.Engine
	hub    *live.Hub
	conn   *needle.Connection
}

func newStation(t *testing.T) *station {
	t.Helper()
	s := &station{house: newHouse(t)}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s.gh = fakegithub.New(fakegithub.Options{Token: trackerToken, Now: s.clock.now})
	address, err := s.gh.Start(t.Context())
	check(err)
	t.Cleanup(func() { check(s.gh.Close()) })
	s.gh.AddRepo("octo/shop")
	for range 25 {
		_, _, err := s.gh.Create("octo/shop", fakegithub.NewIssue{Title: "Something to do"})
		check(err)
		s.clock.advance(time.Minute)
	}
	registry, err := integrations.NewRegistry(github.Driver())
	check(err)
	s.engine, err = syncing.New(syncing.Config{Store: s.store, Registry: registry, Now: s.clock.now, PageSize: 10})
	check(err)
	s.conn, err = s.engine.CreateConnection(needle.WithViewer(t.Context(), s.Viewer(s.Owner)), needle.CreateConnectionInput{
		Kind: "github", Name: "Shop", Sources: []string{"octo/shop"},
		Settings: []*needle.SettingInput{{Name: "token", Value: trackerToken}, {Name: "baseUrl", Value: address}},
	})
	check(err)
	s.hub = live.New(live.Config{URL: s.gate.URL, Pace: time.Millisecond})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.hub.Run(ctx) }()
	t.Cleanup(func() { cancel(); check(<-ended) })
	c := s.config()
	c.Schema = graph.NewExecutor(&graph.Resolver{Store: s.store, Syncing: s.engine, Live: s.hub, Now: s.clock.now})
	s.Server = New(c)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(err)
	serving, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	s.served = &served{url: "http://" + listener.Addr().String(), stop: stop, done: make(chan error, 1)}
	server := s.Server
	go func() { s.done <- server.Serve(serving, listener) }()
	t.Cleanup(stop)
	return s
}

// listener reads the events of one stream.
type listener struct {
	t      *testing.T
	status int
	kind   string
	body   *bufio.Scanner
}

// request makes a request for a stream.
func (s *station) request(t *testing.T, method, token string) *http.Request {
	t.Helper()
	variables := map[string]any{"c": s.conn.ID.String()}
	body, err := json.Marshal(map[string]any{"query": progress, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	address := s.url + "/graphql"
	if method == http.MethodGet {
		address += "?" + url.Values{"query": {progress}, "variables": {`{"c":"` + s.conn.ID.String() + `"}`}}.Encode()
		body = nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

// listen sends a request and begins to read its stream.
func (s *station) listen(t *testing.T, r *http.Request) *listener {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() }) // It was read as far as the test wants.
	return &listener{t: t, status: response.StatusCode, kind: response.Header.Get("Content-Type"), body: bufio.NewScanner(response.Body)}
}

// event is one event of a stream.
type event struct{ name, data string }

// next reads the next event; false at the end of the stream.
func (l *listener) next() (event, bool) {
	l.t.Helper()
	var e event
	for l.body.Scan() {
		line := l.body.Text()
		switch {
		case strings.HasPrefix(line, "event: "):
			e.name = strings.TrimPrefix(line, "event: ")
		case strings.HasPrefix(line, "data:"):
			e.data = strings.TrimSpace(strings.TrimPrefix(line, "data:"))
		case line == "" && e.name != "":
			return e, true
		}
	}
	return e, false
}

// until reads events until one is as wanted, and returns it with how many came.
func (l *listener) until(what string, holds func(event) bool) (event, int) {
	l.t.Helper()
	for n := 1; ; n++ {
		e, more := l.next()
		if !more {
			l.t.Fatalf("the stream ended before %s", what)
		}
		if holds(e) {
			return e, n
		}
	}
}

func holds(text string) func(event) bool {
	return func(e event) bool { return e.name == "next" && strings.Contains(e.data, text) }
}

func completes(e event) bool { return e.name == "complete" }

func TestStream_tellsHowAPassGetsOn(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	l := s.listen(t, s.request(t, http.MethodPost, s.token))
	if l.status != http.StatusOK || l.kind != "text/event-stream" {
		t.Fatalf("%d %s", l.status, l.kind)
	}
	first, _ := l.until("the first event", holds(`"run":null`))
	if !strings.Contains(first.data, `"done":false`) {
		t.Errorf("a pass that was asked for is done: %s", first.data)
	}
	byGet := s.listen(t, s.request(t, http.MethodGet, s.token))
	byGet.until("the first event by GET", holds(`"run":null`))
	if _, err := s.engine.SyncConnection(t.Context(), s.Workspace.ID, s.conn.ID, nil); err != nil {
		t.Fatal(err)
	}
	last, _ := l.until("the end of the pass", holds(`"done":true`))
	if !strings.Contains(last.data, `"state":"SUCCEEDED","kind":"BACKFILL","counts":{"seen":27,"pages":3}`) || !strings.Contains(last.data, `"total":25`) ||
		!strings.Contains(last.data, `"connection":{"name":"Shop","state":"OK"}`) {
		t.Errorf("the last event: %s", last.data)
	}
	byGet.until("the end of the pass by GET", holds(`"done":true`))
	s.stop()
	l.until("the end of the server", completes)
	if _, more := l.next(); more {
		t.Error("something came after the end")
	}
	if err := <-s.done; err != nil {
		t.Errorf("the server stopped with %v", err)
	}
	if strings.Contains(s.log.String(), trackerToken) {
		t.Error("the log tells the tracker's token")
	}
}

func TestStream_endsWithItsToken(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	token, secret := s.Token()
	l := s.listen(t, s.request(t, http.MethodPost, secret))
	l.until("the first event", holds(`"run":null`))
	if _, err := s.store.DB().ExecContext(t.Context(), `UPDATE api_tokens SET revoked_at = ? WHERE id = ?`, s.clock.now(), token.ID); err != nil {
		t.Fatal(err)
	}
	s.clock.advance(2 * credentialLife)
	scope := s.store.In(s.Workspace.ID)
	if err := scope.NotifySync(t.Context(), s.conn.ID); err != nil {
		t.Fatal(err)
	}
	e, n := l.until("the refusal", func(e event) bool { return strings.Contains(e.data, "UNAUTHENTICATED") })
	if n != 1 || strings.Contains(e.data, "syncProgress") {
		t.Errorf("event %d: %s", n, e.data)
	}
	l.until("the end", completes)
}

func TestStream_isForThoseWhoMayRead(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	abroad := storetest.Seed(t, s.store.DB())
	_, foreign := abroad.Token()
	for name, c := range map[string]struct{ token, want string }{
		"another workspace":         {foreign, `"reason":"NOT_FOUND"`},
		"a token that may not read": {s.tokenOf(func(a *needle.APIToken) { a.Scopes = []needle.TokenScope{needle.ScopeAdmin} }), `"code":"FORBIDDEN"`},
	} {
		l := s.listen(t, s.request(t, http.MethodPost, c.token))
		e, _ := l.until("an answer", func(event) bool { return true })
		if !strings.Contains(e.data, c.want) || strings.Contains(e.data, "Shop") {
			t.Errorf("%s: %s", name, e.data)
		}
		l.until("the end", completes)
	}
	if l := s.listen(t, s.request(t, http.MethodPost, "ndl_nonsense")); l.status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", l.status)
	}
}

func TestStream_isChosenByWhatIsAskedAndTaken(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	const many = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
	accept := func(value string) func(*http.Request) { return header("Accept", value) }
	if got := s.ask(t, whoAmI, nil, accept(many)); got.status != http.StatusOK || !strings.Contains(got.header.Get("Content-Type"), "json") {
		t.Errorf("a query by somebody who takes both: %d %s %s", got.status, got.header.Get("Content-Type"), got.body)
	}
	if got := s.ask(t, whoAmI, nil, accept("text/event-stream")); got.header.Get("Content-Type") != "text/event-stream" ||
		!strings.Contains(got.body, "event: next\ndata: {\"data\":{") || !strings.HasSuffix(got.body, "event: complete\ndata:\n\n") {
		t.Errorf("a query by somebody who takes events only: %s", got.body)
	}
	variables := map[string]any{"c": s.conn.ID.String()}
	if got := s.ask(t, progress, variables, accept("application/json")); got.status != http.StatusNotAcceptable || got.code(t) != "BAD_USER_INPUT" {
		t.Errorf("a subscription by somebody who takes no events: %d %s", got.status, got.body)
	}
	if got := s.ask(t, `subscription { nonsense }`, nil, accept(many)); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "GRAPHQL_VALIDATION_FAILED") {
		t.Errorf("a subscription that is not valid: %d %s", got.status, got.body)
	}
	if got := s.ask(t, `subscription ($c: ID!) { a: syncProgress(connectionId: $c) { done } b: syncProgress(connectionId: $c) { done } }`, variables, accept("text/event-stream")); !strings.Contains(got.body, "errors") {
		t.Errorf("two streams at once: %s", got.body)
	}
	get := func(query string, changes ...func(*http.Request)) answer {
		t.Helper()
		return s.get(t, "/graphql?"+url.Values{"query": {query}}.Encode(), append([]func(*http.Request){header("Authorization", "Bearer "+s.token)}, changes...)...)
	}
	if got := get(whoAmI, accept(many)); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != http.MethodPost {
		t.Errorf("GET by somebody who takes JSON: %d", got.status)
	}
	if got := get(`mutation { markAllInboxRead(input: {}) { clientMutationId } }`, accept("text/event-stream")); got.status != http.StatusMethodNotAllowed {
		t.Errorf("a mutation by GET: %d %s", got.status, got.body)
	}
	if got := get(whoAmI, accept("text/event-stream")); got.status != http.StatusOK || !strings.Contains(got.body, "event: complete") {
		t.Errorf("a query by GET: %d %s", got.status, got.body)
	}
}

func TestStream_hasRoomForSoManyOnly(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	for range streamsOfToken {
		if l := s.listen(t, s.request(t, http.MethodPost, s.token)); l.status != http.StatusOK {
			t.Fatalf("%d", l.status)
		}
	}
	response, err := http.DefaultClient.Do(s.request(t, http.MethodPost, s.token))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // Its head is all that matters.
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d", response.StatusCode)
	}
	_, other := s.Token()
	if l := s.listen(t, s.request(t, http.MethodPost, other)); l.status != http.StatusOK {
		t.Errorf("another token: %d", l.status)
	}
	if got := s.ask(t, whoAmI, nil); got.status != http.StatusOK {
		t.Errorf("an ordinary query beside them: %d", got.status)
	}
}
