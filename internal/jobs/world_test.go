package jobs_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/jira"
	"github.com/needle-okr/needle/integrations/trackertest/fakegithub"
	"github.com/needle-okr/needle/internal/jobs"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
	"github.com/needle-okr/needle/internal/syncing"
)

const shop = "octo/shop"

// patience bounds every wait of a test.
const patience = time.Minute

// world is a fake GitHub and a database with River's tables, on the real clock, since River lives by it.
type world struct {
	t       *testing.T
	ctx     context.Context // of a viewer who may do everything
	gh      *fakegithub.Server
	url     string
	address string
	store   *store.Store
	f       *storetest.Factory
	engine  *syncing.Engine
	spoil   atomic.Pointer[func(*http.Request) *fakegithub.Fault]
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, address: storetest.URL(t)}
	w.gh = fakegithub.New(fakegithub.Options{Intercept: func(r *http.Request) *fakegithub.Fault {
		if spoil := w.spoil.Load(); spoil != nil {
			return (*spoil)(r)
		}
		return nil
	}})
	var err error
	w.url, err = w.gh.Start(t.Context())
	check(t, err)
	t.Cleanup(func() { check(t, w.gh.Close()) })
	w.gh.AddRepo(shop)
	_, _, err = w.gh.Create(shop, fakegithub.NewIssue{Title: "Something to do"})
	check(t, err)
	check(t, jobs.MigrateRiver(t.Context(), w.address))
	ring := store.KeyRing{Current: "k", Keys: map[string][]byte{"k": make([]byte, 32)}}
	w.store = store.New(storetest.Open(t, w.address), store.Config{Keys: ring})
	w.f = storetest.Seed(t, w.store.DB())
	w.ctx = needle.WithViewer(t.Context(), w.f.Viewer(w.f.Owner))
	registry, err := integrations.NewRegistry(github.Driver(), jira.Driver())
	check(t, err)
	w.engine, err = syncing.New(syncing.Config{Store: w.store, Registry: registry, Interval: time.Hour})
	check(t, err)
	return w
}

// connect makes a connection that a pass is due for.
func (w *world) connect() *needle.Connection {
	w.t.Helper()
	conn, err := w.engine.CreateConnection(w.ctx, needle.CreateConnectionInput{
		Kind: "github", Name: "Shop", Sources: []string{shop},
		Settings: []*needle.SettingInput{{Name: "token", Value: "secret"}, {Name: "baseUrl", Value: w.url}},
	})
	check(w.t, err)
	return conn
}

// client makes a client that stops with the test.
func (w *world) client(change ...func(*jobs.Config)) *jobs.Client {
	w.t.Helper()
	c := jobs.Config{
		URL: w.address, Engine: w.engine, Planner: planning.New(w.store), Workers: 2, SweepEvery: 100 * time.Millisecond, Grace: patience,
		Logger: slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	}
	for _, f := range change {
		f(&c)
	}
	client, err := jobs.New(c)
	check(w.t, err)
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(w.t.Context()), patience)
		defer cancel()
		check(w.t, client.Stop(ctx))
	})
	return client
}

// never makes a client sweep no second time.
func never(c *jobs.Config) { c.SweepEvery = 24 * time.Hour }

func (w *world) spoilWith(f func(*http.Request) *fakegithub.Fault) { w.spoil.Store(&f) }

func (w *world) count(query string) int {
	w.t.Helper()
	var n int
	check(w.t, w.store.DB().QueryRowContext(w.t.Context(), query).Scan(&n))
	return n
}

// synced reports whether n passes have succeeded.
func (w *world) synced(n int) func() bool {
	return func() bool { return w.count(`SELECT count(*) FROM sync_runs WHERE state = 'SUCCEEDED'`) >= n }
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// gate lets connections to the database through while it is open.
type gate struct {
	address string
	open    atomic.Bool
	group   sync.WaitGroup
	target  string
	network string
}

// newGate makes a closed gate in front of the database at an address.
func newGate(t *testing.T, address string) *gate {
	t.Helper()
	u, err := url.Parse(address)
	check(t, err)
	g := &gate{network: "tcp", target: u.Host}
	query := u.Query()
	if folder := query.Get("host"); folder != "" {
		port := query.Get("port")
		if port == "" {
			port = "5432"
		}
		g.network, g.target = "unix", filepath.Join(folder, ".s.PGSQL."+port)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	u.Host = l.Addr().String()
	query.Del("host")
	query.Del("port")
	query.Set("sslmode", "disable")
	u.RawQuery = query.Encode()
	g.address = u.String()
	g.group.Go(func() { g.serve(l) })
	t.Cleanup(func() {
		g.open.Store(false)
		check(t, l.Close())
		g.group.Wait()
	})
	return g
}

func (g *gate) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		g.group.Go(func() { g.pass(conn) })
	}
}

func (g *gate) pass(conn net.Conn) {
	defer func() { _ = conn.Close() }() // The other side knows by now.
	if !g.open.Load() {
		return
	}
	var d net.Dialer
	back, err := d.DialContext(context.Background(), g.network, g.target)
	if err != nil {
		return
	}
	var copies sync.WaitGroup
	for _, pair := range [][2]net.Conn{{conn, back}, {back, conn}} {
		copies.Go(func() {
			_, _ = io.Copy(pair[0], pair[1])
			_, _ = pair[0].Close(), pair[1].Close()
		})
	}
	copies.Wait()
}
