package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/needle-okr/needle/internal/config"
	"github.com/needle-okr/needle/internal/demo"
	"github.com/needle-okr/needle/internal/localpg"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// demoCmd starts everything with an example workspace.
type demoCmd struct {
	Addr  string `help:"Host and port of the API; NEEDLE_ADDR when not given." placeholder:"HOST:PORT"`
	Dir   string `help:"Data folder; one for this purpose when not given." placeholder:"FOLDER"`
	Fresh bool   `help:"Start over: throw away what earlier runs left."`
	JSON  bool   `name:"json" help:"For scripts: print one line of JSON when ready, and nothing else, to standard output; the fake GitHub stays as it is."`
	Seed  uint64 `default:"1" help:"Varies the noise in the example data."`
}

// What is set for a demo whatever the environment says: small steps and short waits, for people who watch.
const (
	demoPageSize     = 20
	demoSyncInterval = 30 * time.Second
	demoWorkers      = 2
	demoStopPatience = 15 * time.Second
)

// Run runs the demo until it is told to stop.
func (c *demoCmd) Run(ctx context.Context, env *environment) error {
	cfg, err := c.config(env)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, cfg.Addr)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // The server has closed it by then, unless it never ran.
	show := env.stdout
	if c.JSON {
		show = env.stderr
	}
	if c.Dir == "" {
		if c.Dir, err = localpg.DefaultDir("demo"); err != nil {
			return err
		}
	}
	log := env.logger(cfg)
	d, err := demo.Start(ctx, demo.Config{
		Dir: c.Dir, Fresh: c.Fresh, Seed: c.Seed, Migrate: migrateUp, Log: log,
		Say: func(step string) { fmt.Fprintln(show, "  "+step+" …") },
	})
	if err != nil {
		return err
	}
	err = c.play(ctx, env, show, cfg, log, listener, d)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), demoStopPatience)
	defer cancel()
	return errors.Join(err, d.Stop(ending))
}

// config reads the settings that a demo leaves to its operator.
func (c *demoCmd) config(env *environment) (config.Config, error) {
	cfg, err := config.Load(func(name string) (string, bool) {
		value, set := env.lookup(name)
		if name == "NEEDLE_LOG_LEVEL" && value == "" {
			return "warn", true
		}
		return value, set
	}, config.ReadFile)
	if err != nil {
		return cfg, err
	}
	if c.Addr != "" {
		cfg.Addr = c.Addr
	}
	cfg.SyncInterval, cfg.Workers = demoSyncInterval, demoWorkers
	return cfg, nil
}

// play reads the trackers once, says that all is ready and serves.
func (c *demoCmd) play(ctx context.Context, env *environment, show io.Writer, cfg config.Config, log *slog.Logger, listener net.Listener, d *demo.Demo) error {
	cfg.DatabaseURL = config.DSN(d.DatabaseURL())
	var err error
	if cfg.SecretKeys, err = config.ParseKeyRing(d.SecretKeys()); err != nil {
		return fmt.Errorf("reading the demo's keys: %w", err)
	}
	if err := cfg.Validate(); err != nil {
		return err
	}
	a, err := newApp(cfg, log, demoPageSize) //nolint:contextcheck // It contacts nothing.
	if err != nil {
		return err
	}
	if err := readTrackers(ctx, a, d, show); err != nil {
		return errors.Join(err, a.close(context.WithoutCancel(ctx)))
	}
	cycle, err := activeCycle(ctx, a.store)
	if err != nil {
		return errors.Join(err, a.close(context.WithoutCancel(ctx)))
	}
	if err := c.ready(env.stdout, addressOf(listener), d, cycle); err != nil {
		return errors.Join(err, a.close(context.WithoutCancel(ctx)))
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return a.run(running, listener) })
	if !c.JSON {
		group.Go(func() error { return d.Drift(running) })
	}
	group.Go(func() error {
		select {
		case <-d.Done():
			return errors.New("the private PostgreSQL has ended; its log is in " + d.Dir())
		case <-running.Done():
			return nil
		}
	})
	return group.Wait()
}

// readTrackers runs a pass over each connection, so that everything is there when the demo says it is ready.
func readTrackers(ctx context.Context, a *app, d *demo.Demo, show io.Writer) error {
	passes, err := d.Connect(ctx, a.store, a.engine)
	if err != nil {
		return err
	}
	for _, p := range passes {
		bar := &progress{out: show}
		report, err := a.engine.SyncConnection(ctx, p.Workspace, p.Connection, bar.tell)
		if err != nil {
			return fmt.Errorf("reading %s: %w", p.Name, err)
		}
		if report.State != needle.ConnectionOK {
			return fmt.Errorf("reading %s: the connection is %s%s", p.Name, report.State, because(report.Reason))
		}
		fmt.Fprintf(show, "  %s: %s\n", p.Name, summary(report))
	}
	return nil
}

// activeCycle returns the id of the cycle that the example question is about.
func activeCycle(ctx context.Context, db *store.Store) (needle.CycleID, error) {
	scope, err := workspaceScope(ctx, db, demo.Slug)
	if err != nil {
		return needle.CycleID{}, err
	}
	active := needle.CycleActive
	page, err := scope.Cycles(ctx, store.CycleList{Filter: &needle.CycleFilter{State: &needle.Comparator[needle.CycleState]{Eq: &active}}})
	if err == nil && len(page.Nodes) == 0 {
		err = errors.New("the demo's workspace has no active cycle: start over with --fresh")
	}
	if err != nil {
		return needle.CycleID{}, err
	}
	return page.Nodes[0].ID, nil
}

// question asks which work moves which result of a team.
const question = `query ($team: String!, $cycle: ID!) { teams(filter: {key: {eq: $team}}) { nodes { name review(cycleId: $cycle) { ` +
	`keyResults { keyResult { key title unit } goal { target } then { value } now { value } movement { towards } movementNote ` +
	`work { item { key title } status deliveredAt deliveredInWindow } } orphanWork { item { key title } } starvedKeyResults { key title } } } } }`

// ready says that the demo can be used, and how.
func (c *demoCmd) ready(out io.Writer, url string, d *demo.Demo, cycle needle.CycleID) error {
	if c.JSON {
		line, err := json.Marshal(struct {
			URL         string `json:"url"`
			Token       string `json:"token"`
			DatabaseURL string `json:"databaseUrl"`
			GitHubURL   string `json:"githubUrl"`
		}{url, d.Token(), d.DatabaseURL(), d.TrackerURL()})
		if err != nil {
			return fmt.Errorf("saying that the demo is ready: %w", err)
		}
		_, err = fmt.Fprintf(out, "%s\n", line)
		return err
	}
	fmt.Fprintf(out, `
Needle is ready.

  API      %[1]s/graphql
  Schema   %[1]s/schema.graphql
  Token    %[2]s
  GitHub   %[3]s (a fake one)
  Data     %[4]s

Which work moves which result of the team Checkout?

curl -s %[1]s/graphql \
  -H 'Authorization: Bearer %[2]s' \
  -H 'Content-Type: application/json' \
  -d '{"query": "%[5]s",
       "variables": {"team": "PAY", "cycle": "%[6]s"}}'

Ctrl-C stops everything. The data stays: the next start goes on with it, --fresh starts over.
`, url, d.Token(), d.TrackerURL(), d.Dir(), question, cycle)
	return nil
}
