package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/needle-okr/needle/graph"
	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/integrations/file"
	"github.com/needle-okr/needle/integrations/github"
	"github.com/needle-okr/needle/integrations/jira"
	"github.com/needle-okr/needle/internal/config"
	"github.com/needle-okr/needle/internal/jobs"
	"github.com/needle-okr/needle/internal/live"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/server"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/syncing"
)

// drivers are the kinds of trackers this program knows.
func drivers() (*integrations.Registry, error) {
	return integrations.NewRegistry(github.Driver(), jira.Driver(), file.Driver())
}

// app is everything a process is made of.
type app struct {
	config config.Config
	log    *slog.Logger
	store  *store.Store
	engine *syncing.Engine
	jobs   *jobs.Client
	live   *live.Hub
}

// newApp puts the parts together. It contacts nothing: a database that is down is no error.
func newApp(c config.Config, log *slog.Logger, pageSize int) (*app, error) {
	a := &app{config: c, log: log}
	registry, err := drivers()
	if err != nil {
		return nil, err
	}
	if a.store, err = openStore(c); err != nil {
		return nil, err
	}
	a.engine, err = syncing.New(syncing.Config{
		Store: a.store, Registry: registry, Logger: log, Interval: c.SyncInterval, PageSize: pageSize, FilesDir: c.FilesDir,
		UserAgent: "needle/" + versionText(), Wake: a.wake, WakeInbox: a.wakeInbox, PublicURL: c.PublicURL,
		Transport: integrations.NewTransport(reach(c)),
	})
	if err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	a.live = live.New(live.Config{URL: string(c.DatabaseURL), Log: log})
	a.jobs, err = jobs.New(jobs.Config{
		URL: string(c.DatabaseURL), Engine: a.engine, Planner: planning.New(a.store), Workers: c.Workers, Logger: quiet(log), Grace: c.ShutdownGrace,
	})
	if err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	return a, nil
}

// reach is where trackers may be.
func reach(c config.Config) integrations.Reach {
	if c.TrackerPrivateAddresses {
		return integrations.ReachEverything
	}
	return integrations.ReachPublic
}

// openStore opens the database without contacting it.
func openStore(c config.Config) (*store.Store, error) {
	key := c.CursorKey()
	if key == nil {
		// Cursors then work for this process only.
		key = make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, fmt.Errorf("making a key for cursors: %w", err)
		}
	}
	ring := store.KeyRing{Keys: map[string][]byte{}}
	for _, k := range c.SecretKeys.Keys() {
		ring.Keys[k.ID] = k.Secret()
	}
	if current, ok := c.SecretKeys.Current(); ok {
		ring.Current = current.ID
	}
	return store.Open(store.Config{URL: string(c.DatabaseURL), Pool: c.DBPool, CursorKey: key, Keys: ring})
}

// wake begins a pass that was asked for without waiting for the schedule. It only makes things faster.
func (a *app) wake(ctx context.Context, workspace needle.WorkspaceID, connection needle.ConnectionID) {
	if err := a.jobs.EnqueueSync(ctx, workspace, connection); err != nil {
		a.log.WarnContext(ctx, "a pass that was asked for waits for the schedule", "connection", connection, "error", err)
	}
}

// wakeInbox has webhooks worked off without waiting for the schedule.
func (a *app) wakeInbox(workspace needle.WorkspaceID, connection needle.ConnectionID) {
	a.jobs.WakeInbox(workspace, connection)
}

// server returns the HTTP side.
func (a *app) server() *server.Server {
	resolver := &graph.Resolver{
		Store: a.store, Planner: planning.New(a.store).WithSearch(a.engine.Searches), Syncing: a.engine, Live: a.live, Now: time.Now,
	}
	return server.New(server.Config{
		Schema: graph.NewExecutor(resolver), Store: a.store, Syncing: a.engine, Log: a.log, Introspection: a.config.Introspection, Grace: a.config.ShutdownGrace,
	})
}

// stopSlack is how much longer than the grace period a stop may take before it is given up.
const stopSlack = 10 * time.Second

// run serves on the listener, unless it is nil, and works off jobs until ctx ends; then it lets both finish and closes
// the database.
func (a *app) run(ctx context.Context, listener net.Listener) error {
	if err := a.jobs.Start(ctx); err != nil {
		return errors.Join(err, a.store.Close())
	}
	group, running := errgroup.WithContext(ctx)
	if listener != nil {
		group.Go(func() error { return a.server().Serve(running, listener) })
		group.Go(func() error { return a.live.Run(running) })
	}
	group.Go(func() error {
		<-running.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.config.ShutdownGrace+stopSlack)
		defer cancel()
		return a.jobs.Stop(ending)
	})
	return errors.Join(group.Wait(), a.store.Close())
}

// close gives back what newApp took, for commands that do not run the app.
func (a *app) close(ctx context.Context) error {
	return errors.Join(a.jobs.Stop(ctx), a.store.Close())
}

// listen takes the address of the API.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use: stop what listens there, or choose another address with --addr", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	return l, nil
}

// quiet leaves out what only River's makers read.
func quiet(log *slog.Logger) *slog.Logger {
	return slog.New(&fromWarn{log.Handler()})
}

// fromWarn is a handler that lets warnings and errors pass.
type fromWarn struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h *fromWarn) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h *fromWarn) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &fromWarn{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h *fromWarn) WithGroup(name string) slog.Handler { return &fromWarn{h.Handler.WithGroup(name)} }

// isTerminal reports whether a person looks at the output.
func isTerminal(w any) bool {
	file, ok := w.(*os.File)
	return ok && terminal(file)
}
