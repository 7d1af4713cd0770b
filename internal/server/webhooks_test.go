package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/jira"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/integrations/trackertest/fakejira"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

const hookSecret = "a secret of the tests"

// post is a house that webhooks are delivered to over HTTP, and the connection they are for.
type post struct {
	*house
	engine *syncing.Engine
	conn   *needle.Connection
	// url is where trackers send to.
	url string
	ctx context.Context
}

// newPost makes a connection to a tracker that listens at an address. It has a secret and was not read yet.
func newPost(t *testing.T, kind, address, source string) *post {
	t.Helper()
	p := &post{house: newHouse(t)}
	p.ctx = needle.WithViewer(t.Context(), p.Viewer(p.Owner))
	keys := store.KeyRing{Current: "k", Keys: map[string][]byte{"k": make([]byte, 32)}}
	s, err := store.Open(store.Config{URL: p.gate.URL, Keys: keys, Now: p.clock.now})
	fatal(t, err)
	t.Cleanup(func() { fatal(t, s.Close()) })
	registry, err := integrations.NewRegistry(github.Driver(), jira.Driver())
	fatal(t, err)
	p.engine, err = syncing.New(syncing.Config{Store: s, Registry: registry, Now: p.clock.now})
	fatal(t, err)
	p.conn, err = p.engine.CreateConnection(p.ctx, needle.CreateConnectionInput{
		Kind: kind, Name: "Shop", Sources: []string{source},
		Settings: []*needle.SettingInput{{Name: "token", Value: "token"}, {Name: "baseUrl", Value: address}},
	})
	fatal(t, err)
	secret := hookSecret
	_, err = p.engine.RotateWebhookSecret(p.ctx, needle.RotateWebhookSecretInput{ConnectionID: p.conn.ID, Secret: &secret})
	fatal(t, err)
	c := p.config()
	c.Syncing = p.engine
	p.Server = New(c)
	front := httptest.NewServer(p.Server)
	t.Cleanup(front.Close)
	p.url = front.URL + needle.WebhookPath(p.conn.ID)
	return p
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// titles reads what is mirrored.
func (p *post) titles(t *testing.T) []string {
	t.Helper()
	_, err := p.engine.WorkInbox(t.Context(), p.conn.WorkspaceID, p.conn.ID)
	fatal(t, err)
	var out []string
	fatal(t, p.store.DB().NewRaw(`SELECT title || ' ' || status || CASE WHEN gone_at IS NULL THEN '' ELSE ' gone' END
		FROM issues ORDER BY remote_id`).Scan(t.Context(), &out))
	return out
}

// delivered sends requests for real and demands that they are accepted.
func delivered(t *testing.T, requests ...func(context.Context) (*http.Request, error)) {
	t.Helper()
	for _, request := range requests {
		r, err := request(t.Context())
		fatal(t, err)
		answer, err := http.DefaultClient.Do(r)
		fatal(t, err)
		body, err := io.ReadAll(answer.Body)
		fatal(t, err)
		fatal(t, answer.Body.Close())
		if answer.StatusCode != http.StatusAccepted || string(body) != "accepted\n" {
			t.Errorf("%d %s", answer.StatusCode, body)
		}
	}
}

// bag gathers what a fake sends.
type bag struct {
	mu   sync.Mutex
	held []func(context.Context, string) (*http.Request, error)
}

func (b *bag) put(request func(context.Context, string) (*http.Request, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = append(b.held, request)
}

// to addresses what was gathered, doubled and backwards.
func (b *bag) to(url string) []func(context.Context) (*http.Request, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []func(context.Context) (*http.Request, error)
	for i := len(b.held) - 1; i >= 0; i-- {
		send := func(ctx context.Context) (*http.Request, error) { return b.held[i](ctx, url) }
		out = append(out, send, send)
	}
	return out
}

func TestWebhooks_ofGitHubComeInOverHTTP(t *testing.T) {
	t.Parallel()
	var sent bag
	gh := fakegithub.New(fakegithub.Options{WebhookSecret: []byte(hookSecret), OnDelivery: func(d fakegithub.Delivery) { sent.put(d.Request) }})
	url, err := gh.Start(t.Context())
	fatal(t, err)
	t.Cleanup(func() { fatal(t, gh.Close()) })
	gh.AddRepo("octo/shop")
	p := newPost(t, "github", url, "octo/shop")
	for _, title := range []string{"One", "Two", "Three"} {
		_, _, err := gh.Create("octo/shop", fakegithub.NewIssue{Title: title})
		fatal(t, err)
	}
	fatal(t, gh.CloseIssue("octo/shop", 2, "completed"))
	fatal(t, gh.Delete("octo/shop", 3))
	delivered(t, sent.to(p.url)...)
	if got := fmt.Sprint(p.titles(t)); got != "[One TODO Two DONE]" {
		t.Errorf("mirrored: %s", got)
	}
}

func TestWebhooks_ofJiraComeInOverHTTP(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]fakejira.Options{"Cloud": {Cloud: true, Lag: time.Hour}, "Data Center": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent bag
			opts.WebhookSecret, opts.OnDelivery = []byte(hookSecret), func(d fakejira.Delivery) { sent.put(d.Request) }
			server := fakejira.New(opts)
			url, err := server.Start(t.Context())
			fatal(t, err)
			t.Cleanup(func() { fatal(t, server.Close()) })
			project := server.AddProject("SHOP")
			p := newPost(t, "jira", url, "SHOP")
			var ids []string
			for _, title := range []string{"One", "Two", "Three"} {
				id, _, err := server.Create(project, fakejira.NewIssue{Title: title})
				fatal(t, err)
				ids = append(ids, id)
			}
			fatal(t, server.Transition(ids[1], "Done", "Done"))
			fatal(t, server.Delete(ids[2]))
			delivered(t, sent.to(p.url)...)
			if got := fmt.Sprint(p.titles(t)); got != "[One TODO Two DONE]" {
				t.Errorf("mirrored: %s", got)
			}
			var deliveries int
			fatal(t, p.store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM webhook_deliveries`).Scan(&deliveries))
			if deliveries != 5 {
				t.Errorf("5 deliveries, each sent twice, are %d rows", deliveries)
			}
		})
	}
}

func TestWebhooks_answerWithoutTellingAnything(t *testing.T) {
	t.Parallel()
	p := newPost(t, "github", "https://github.example", "octo/shop")
	gh := fakegithub.New(fakegithub.Options{WebhookSecret: []byte(hookSecret)})
	good, path := gh.Sign("1", "ping", []byte(`{}`)), needle.WebhookPath(p.conn.ID)
	large := gh.Sign("2", "push", bytes.Repeat([]byte("x"), maxWebhook+1))
	largest := gh.Sign("3", "push", bytes.Repeat([]byte("x"), maxWebhook))
	const refused = "nothing proves where this comes from\n"
	for name, c := range map[string]struct {
		method, path string
		d            fakegithub.Delivery
		status       int
		body         string
	}{
		"a ping":                               {http.MethodPost, path, good, http.StatusAccepted, "accepted\n"},
		"the largest body":                     {http.MethodPost, path, largest, http.StatusAccepted, "accepted\n"},
		"a larger body":                        {http.MethodPost, path, large, http.StatusRequestEntityTooLarge, "a webhook may have at most 25 MiB\n"},
		"a larger body to nobody":              {http.MethodPost, "/webhooks/nobody", large, http.StatusRequestEntityTooLarge, "a webhook may have at most 25 MiB\n"},
		"what cannot be read":                  {http.MethodPost, path, gh.Sign("4", "issues", []byte(`{`)), http.StatusBadRequest, "this cannot be read\n"},
		"a wrong signature":                    {http.MethodPost, path, fakegithub.Delivery{Header: good.Header, Body: []byte(`{ }`)}, http.StatusUnauthorized, refused},
		"no signature":                         {http.MethodPost, path, fakegithub.Delivery{Header: http.Header{}, Body: []byte(`{}`)}, http.StatusUnauthorized, refused},
		"a connection that does not exist":     {http.MethodPost, needle.WebhookPath(needle.NewConnectionID()), good, http.StatusUnauthorized, refused},
		"what is no connection":                {http.MethodPost, "/webhooks/conn_x", good, http.StatusUnauthorized, refused},
		"another noun":                         {http.MethodPost, "/webhooks/" + p.Workspace.ID.String(), good, http.StatusUnauthorized, refused},
		"another method":                       {http.MethodGet, path, good, http.StatusMethodNotAllowed, "Method Not Allowed\n"},
		"yet another method":                   {http.MethodPut, path, good, http.StatusMethodNotAllowed, "Method Not Allowed\n"},
		"a longer path":                        {http.MethodPost, path + "/x", good, http.StatusNotFound, "404 page not found\n"},
		"no path":                              {http.MethodPost, "/webhooks/", good, http.StatusNotFound, "404 page not found\n"},
		"a path that climbs, were it a folder": {http.MethodPost, "/webhooks/..%2f..%2fgraphql", good, http.StatusUnauthorized, refused},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, bytes.NewReader(c.d.Body))
		r.Header = c.d.Header.Clone()
		if got := p.send(t, r); got.status != c.status || got.body != c.body {
			t.Errorf("%s: %d %q, want %d %q", name, got.status, got.body, c.status, c.body)
		}
	}
	if log := p.log.String(); strings.Contains(log, hookSecret) || strings.Contains(log, good.Header.Get("X-Hub-Signature-256")) {
		t.Error("the log holds a secret")
	}
}

func TestWebhooks_thatBreakOffAreRefused(t *testing.T) {
	t.Parallel()
	p := newPost(t, "github", "https://github.example", "octo/shop")
	var dialer net.Dialer
	host, _, _ := strings.Cut(strings.TrimPrefix(p.url, "http://"), "/")
	dialed, err := dialer.DialContext(t.Context(), "tcp", host)
	fatal(t, err)
	conn, ok := dialed.(*net.TCPConn)
	if !ok {
		t.Fatalf("dialed a %T", dialed)
	}
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", needle.WebhookPath(p.conn.ID))
	fatal(t, err)
	fatal(t, conn.CloseWrite())
	answer, err := io.ReadAll(conn)
	fatal(t, err)
	fatal(t, conn.Close())
	if !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") {
		t.Errorf("it answers %s", answer)
	}
}

func TestWebhooks_areSentAgainWhenTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	p := newPost(t, "github", "https://github.example", "octo/shop")
	d := fakegithub.New(fakegithub.Options{WebhookSecret: []byte(hookSecret)}).Sign("1", "ping", []byte(`{}`))
	send := func() answer {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, needle.WebhookPath(p.conn.ID), bytes.NewReader(d.Body))
		r.Header = d.Header.Clone()
		return p.send(t, r)
	}
	p.gate.shut()
	if got := send(); got.status != http.StatusServiceUnavailable || got.body != "this cannot be kept now\n" || strings.Contains(p.log.String(), password) {
		t.Errorf("%d %s", got.status, got.body)
	}
	p.gate.open()
	if got := send(); got.status != http.StatusAccepted {
		t.Errorf("when it is back: %d %s", got.status, got.body)
	}
}
