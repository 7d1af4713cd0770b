package syncing

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// DefaultInterval is the time between two regular passes over a connection.
const DefaultInterval = 5 * time.Minute

// Config says what an Engine works with.
type Config struct {
	// Store is the database. It is required, and its key ring must open the secrets of the connections.
	Store *store.Store
	// Registry holds the kinds of trackers. It is required.
	Registry *integrations.Registry
	// Transport sends the requests to trackers; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Logger is told how passes end; nil means nobody is.
	Logger *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Random draws from [0, 1), to spread the waits of many connections; nil means chance.
	Random func() float64
	// PageSize is the number of issues asked for at once; zero means as many as the tracker gives.
	PageSize int
	// Ahead is how many pages a walk may have read and not stored yet; zero means DefaultAhead.
	Ahead int
	// Interval is the time between two regular passes over a connection; zero means DefaultInterval.
	Interval time.Duration
	// UserAgent names the server to trackers; empty means the registry's default.
	UserAgent string
	// FilesDir is a folder whose files connections may read, each workspace those below a folder named by its id; empty
	// means that they read uploads alone.
	FilesDir string
	// Pause waits between two writes to a tracker, until ctx ends; nil means by the machine's timer.
	Pause func(ctx context.Context, d time.Duration) error
	// Wake is called after a pass was asked for, to begin it soon; nil leaves that to the schedule. It must not fail:
	// the row already says that the pass is due.
	Wake func(ctx context.Context, workspace needle.WorkspaceID, connection needle.ConnectionID)
	// WakeInbox is called after a webhook was filed, to have the inbox of its connection worked off soon; nil leaves that
	// to the schedule. It must return at once and not fail.
	WakeInbox func(workspace needle.WorkspaceID, connection needle.ConnectionID)
	// PublicURL is the address at which the world reaches this server, without a slash at its end; empty when that is not
	// known. Trackers are told it.
	PublicURL string
}

// Engine runs passes and the use cases around connections. It is safe for concurrent use, by many processes on one
// database as well.
type Engine struct {
	store     *store.Store
	registry  *integrations.Registry
	transport http.RoundTripper
	log       *slog.Logger
	now       func() time.Time
	random    func() float64
	pageSize  int
	ahead     int
	interval  time.Duration
	userAgent string
	filesDir  string
	pause     func(context.Context, time.Duration) error
	wake      func(context.Context, needle.WorkspaceID, needle.ConnectionID)
	wakeInbox func(needle.WorkspaceID, needle.ConnectionID)
	publicURL string
	mailboxes mailboxes
	// homeless is told once: that failed deliveries cannot be asked for without a public address.
	homeless sync.Once
}

// New returns an Engine. The error says what the Config lacks.
func New(c Config) (*Engine, error) {
	if c.Store == nil || c.Registry == nil {
		return nil, errors.New("a sync engine needs a store and a registry of trackers")
	}
	e := &Engine{
		store: c.Store, registry: c.Registry, transport: c.Transport, log: c.Logger, now: c.Now, random: c.Random,
		pageSize: c.PageSize, ahead: cmp.Or(c.Ahead, DefaultAhead), interval: cmp.Or(c.Interval, DefaultInterval), userAgent: c.UserAgent,
		filesDir: c.FilesDir, pause: c.Pause, wake: c.Wake, wakeInbox: c.WakeInbox, publicURL: c.PublicURL,
	}
	if e.transport == nil {
		e.transport = http.DefaultTransport
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.random == nil {
		e.random = rand.Float64
	}
	if e.pause == nil {
		e.pause = pause
	}
	if e.wake == nil {
		e.wake = func(context.Context, needle.WorkspaceID, needle.ConnectionID) {}
	}
	if e.wakeInbox == nil {
		e.wakeInbox = func(needle.WorkspaceID, needle.ConnectionID) {}
	}
	return e, nil
}

// clock returns the moment as PostgreSQL keeps it.
func (e *Engine) clock() time.Time { return e.now().UTC().Truncate(time.Microsecond) }

// Drivers describes the kinds of trackers that can be connected.
func (e *Engine) Drivers() []*needle.TrackerDriver {
	drivers := e.registry.Drivers()
	out := make([]*needle.TrackerDriver, len(drivers))
	for i, d := range drivers {
		out[i] = describe(d)
	}
	return out
}

// can reports whether trackers of a kind have a capability; those of a kind that this server does not know have none.
func (e *Engine) can(kind string, capability integrations.Capability) bool {
	driver, err := e.registry.Driver(kind)
	return err == nil && slices.Contains(driver.Capabilities(), capability)
}

// Due is a connection for which something is due.
type Due = store.DueConnection

// Due lists up to limit connections of all workspaces that a pass is due for, longest due first.
func (e *Engine) Due(ctx context.Context, limit int) ([]Due, error) {
	now := e.clock()
	return e.store.DuePasses(ctx, now, e.horizon(now), limit)
}

// horizon is the furthest that the next pass can be, unless the tracker asks to be left alone for longer.
func (e *Engine) horizon(now time.Time) time.Time {
	return now.Add(max(e.interval, longestWait) + store.ClockSlack)
}

// meter counts the requests that pass through it, and the time they take.
type meter struct {
	next   http.RoundTripper
	now    func() time.Time
	n      atomic.Int64
	waited atomic.Int64 // nanoseconds
}

// meter returns a meter before the engine's transport.
func (e *Engine) meter() *meter { return &meter{next: e.transport, now: e.now} }

// RoundTrip implements http.RoundTripper.
func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	m.n.Add(1)
	sent := m.now()
	defer func() { m.waited.Add(int64(m.now().Sub(sent))) }()
	return m.next.RoundTrip(r)
}

// spent is what a number of requests cost so far.
type spent struct {
	requests int
	waited   time.Duration
}

func (m *meter) spent() spent { return spent{m.count(), time.Duration(m.waited.Load())} }

// count returns the number of requests so far.
func (m *meter) count() int { return int(m.n.Load()) }
