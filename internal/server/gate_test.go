package server

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// gate stands between the store and the database: it can be shut, opened again at the same address, and stopped so that
// whoever is inside waits.
type gate struct {
	t       *testing.T
	network string
	backend string
	// URL is the database's address through the gate.
	URL string

	mu       sync.Mutex
	address  string
	listener net.Listener
	inside   map[net.Conn]bool
	workers  sync.WaitGroup
	// held is locked while nothing passes.
	held sync.RWMutex
}

// newGate opens a gate to the database at a PostgreSQL URL.
func newGate(t *testing.T, database string) *gate {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{t: t, network: "tcp", backend: u.Host, address: "127.0.0.1:0", inside: map[net.Conn]bool{}}
	if folder := u.Query().Get("host"); folder != "" {
		g.network, g.backend = "unix", folder+"/.s.PGSQL."+u.Query().Get("port")
	}
	g.open()
	u.Host, u.RawQuery = g.address, url.Values{"sslmode": {"disable"}}.Encode()
	u.User = url.UserPassword(u.User.Username(), password)
	g.URL = u.String()
	t.Cleanup(func() {
		g.shut()
		g.workers.Wait()
	})
	return g
}

// open lets connections in, at the same address as before.
func (g *gate) open() {
	g.t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(g.t.Context(), "tcp", g.address)
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.listener, g.address = listener, listener.Addr().String()
	g.workers.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			g.admit(conn)
		}
	})
}

// shut ends all connections and lets no others in.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.close(g.listener)
	for conn := range g.inside {
		g.close(conn)
	}
	clear(g.inside)
}

// hold lets nothing pass until the function it returns is called, or the test is over.
func (g *gate) hold() (release func()) {
	g.held.Lock()
	release = sync.OnceFunc(g.held.Unlock)
	g.t.Cleanup(release)
	return release
}

func (g *gate) close(c io.Closer) {
	if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		g.t.Error(err)
	}
}

func (g *gate) admit(conn net.Conn) {
	var dialer net.Dialer
	backend, err := dialer.DialContext(g.t.Context(), g.network, g.backend)
	if err != nil {
		g.close(conn)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside[conn], g.inside[backend] = true, true
	for from, to := range map[net.Conn]net.Conn{conn: backend, backend: conn} {
		g.workers.Go(func() { g.carry(from, to) })
	}
}

// carry moves bytes until either side is closed.
func (g *gate) carry(from, to net.Conn) {
	defer g.close(to)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		g.held.RLock()
		_, failed := to.Write(buffer[:n])
		g.held.RUnlock()
		if err != nil || failed != nil {
			return
		}
	}
}
