// Package jobs runs Needle's work in the background: it wires the use cases that may take long to River, a queue inside
// PostgreSQL.
//
// Rows are the truth about what must happen; River is the engine that makes it happen. A job that is lost, doubled or
// started late therefore does no harm: the Sweep finds every connection whose rows say that a pass is due, and a pass
// that is not due, or that runs already, is not run. Nothing is decided here: a worker reads its arguments, calls one
// function and says when to come back.
//
// River uses a small pool of its own, on a direct address of the database: it listens for notifications, which a
// transaction pooler does not pass on.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning"
	"github.com/needle-okr/needle/internal/syncing"
)

const (
	// DefaultSweepEvery is the time between two looks at what is due.
	DefaultSweepEvery = 15 * time.Second
	// DefaultGrace is how long running jobs may finish after a stop was asked for.
	DefaultGrace = 20 * time.Second
	// poolSize is for fetching, finishing and listening; the work itself uses the store's connections.
	poolSize = 4
	// firstRetry and lastRetry bound the wait between two tries to start while the database does not answer.
	firstRetry = 500 * time.Millisecond
	lastRetry  = 10 * time.Second
	// keepCompleted is how long finished jobs stay to be looked at; what they did is in the rows.
	keepCompleted = time.Hour
	// queueSync holds passes, so that they do not hold up other jobs.
	queueSync = "sync"
	// queueWriteBack holds runs over outboxes, which mostly wait for their pace; writeBackWorkers of them go on at a time.
	queueWriteBack   = "write_back"
	writeBackWorkers = 8
)

// Config says what a Client works with.
type Config struct {
	// URL is a direct address of the database, not one of a transaction pooler.
	URL string
	// Engine runs the passes. It is required unless Workers is zero.
	Engine *syncing.Engine
	// Planner works out attributions. It is required unless Workers is zero.
	Planner *planning.Planner
	// Workers is how many passes run at a time; zero makes a Client that only adds jobs.
	Workers int
	// Logger is told what River has to say; nil means nobody is.
	Logger *slog.Logger
	// SweepEvery is the time between two looks at what is due; zero means DefaultSweepEvery.
	SweepEvery time.Duration
	// Grace is how long running jobs may finish after Stop before they are cut off; zero means DefaultGrace.
	Grace time.Duration
}

// Client adds jobs and, unless it has no workers, runs them. It is safe for concurrent use.
type Client struct {
	pool    *pgxpool.Pool
	river   *river.Client[pgx.Tx]
	log     *slog.Logger
	workers int
	bell    bell

	mu      sync.Mutex
	cancel  context.CancelFunc // of the start; nil before Start
	started chan struct{}      // closed when the start has ended, one way or the other
	running bool
}

// New returns a Client. It does not contact the database. The error is about the Config.
func New(c Config) (*Client, error) {
	if c.Workers < 0 || c.Workers > 0 && (c.Engine == nil || c.Planner == nil) {
		return nil, errors.New("a client with workers needs an engine and a planner, and not fewer than zero workers")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.SweepEvery == 0 {
		c.SweepEvery = DefaultSweepEvery
	}
	if c.Grace == 0 {
		c.Grace = DefaultGrace
	}
	pool, err := newPool(context.Background(), c.URL)
	if err != nil {
		return nil, err
	}
	client := &Client{pool: pool, log: c.Logger, workers: c.Workers}
	client.bell.ring = client.ringInbox
	if client.river, err = river.NewClient(riverpgxv5.New(pool), client.riverConfig(c)); err != nil {
		pool.Close()
		return nil, fmt.Errorf("making the job queue: %w", err)
	}
	return client, nil
}

// newPool makes the pool without using it.
func newPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx's message may quote the URL and with it the password.
		return nil, errors.New("reading the database URL for jobs: it is not a valid PostgreSQL connection string")
	}
	config.MaxConns, config.MinConns = poolSize, 0
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("making the job pool: %w", err)
	}
	return pool, nil
}

func (c *Client) riverConfig(from Config) *river.Config {
	config := &river.Config{Logger: from.Logger, CompletedJobRetentionPeriod: keepCompleted}
	if from.Workers == 0 {
		return config
	}
	config.Workers = river.NewWorkers()
	river.AddWorker(config.Workers, &syncWorker{engine: from.Engine})
	river.AddWorker(config.Workers, &mappingWorker{engine: from.Engine})
	river.AddWorker(config.Workers, &sweepWorker{engine: from.Engine})
	river.AddWorker(config.Workers, &linkWorker{engine: from.Engine})
	river.AddWorker(config.Workers, &inboxWorker{engine: from.Engine})
	river.AddWorker(config.Workers, &tendWebhooksWorker{engine: from.Engine})
	river.AddWorker(config.Workers, &writeBackWorker{engine: from.Engine})
	river.AddWorker(config.Workers, &pruneWorker{engine: from.Engine})
	river.AddWorker(config.Workers, &attributionsWorker{planner: from.Planner})
	config.Queues = map[string]river.QueueConfig{
		queueSync: {MaxWorkers: from.Workers}, queueInbox: {MaxWorkers: from.Workers}, queueWriteBack: {MaxWorkers: writeBackWorkers},
		queueAttributions: {MaxWorkers: 1}, river.QueueDefault: {MaxWorkers: 1},
	}
	config.SoftStopTimeout = from.Grace
	config.PeriodicJobs = []*river.PeriodicJob{
		every(from.SweepEvery, SweepArgs{}), every(from.SweepEvery, AttributionsArgs{}), every(tendEvery, TendWebhooksArgs{}), every(pruneEvery, PruneArgs{}),
	}
	return config
}

// every adds a job at once and then again and again.
func every(d time.Duration, args river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(
		river.PeriodicInterval(d),
		func() (river.JobArgs, *river.InsertOpts) { return args, nil },
		&river.PeriodicJobOpts{ID: args.Kind(), RunOnStart: true},
	)
}

// Start begins to run jobs, until Stop. It returns at once: while the database does not answer, it is tried again.
// Without workers there is nothing to run. A Client starts once.
func (c *Client) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		return errors.New("the job client was started before")
	}
	ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	c.started = make(chan struct{})
	go func() {
		defer close(c.started)
		if c.workers > 0 {
			c.keepStarting(ctx)
		}
	}()
	return nil
}

// keepStarting starts River as soon as the database lets it, or gives up when ctx ends.
func (c *Client) keepStarting(ctx context.Context) {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		// The end of ctx stops River softly, as River.Stop does.
		err := c.river.Start(ctx)
		if err == nil {
			c.mu.Lock()
			c.running = true
			c.mu.Unlock()
			return
		}
		c.log.WarnContext(ctx, "jobs cannot start; trying again", "error", err, "wait", wait)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// Stop takes no more jobs, lets the running ones finish for the grace period, then cuts them off, and closes the pool.
// What is cut off goes on at the next start. It returns when everything has ended, or an error that matches ctx's when
// that comes first; the pool is then left open, for what still uses it.
func (c *Client) Stop(ctx context.Context) error {
	c.bell.stop()
	c.mu.Lock()
	cancel, started := c.cancel, c.started
	c.mu.Unlock()
	if cancel != nil {
		cancel()
		select {
		case <-started:
		case <-ctx.Done():
			return fmt.Errorf("stopping jobs: %w", ctx.Err())
		}
		if c.isRunning() {
			if err := c.river.Stop(ctx); err != nil {
				return fmt.Errorf("stopping jobs: %w", err)
			}
		}
	}
	c.pool.Close()
	return nil
}

func (c *Client) isRunning() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running
}

// EnqueueSync asks for a pass over a connection soon; asking again within a second adds nothing. While another pass
// runs, it waits for its end. It is for speed alone: the Sweep finds what is due without it.
func (c *Client) EnqueueSync(ctx context.Context, workspace needle.WorkspaceID, connection needle.ConnectionID) error {
	args := SyncArgs{Workspace: workspace, Connection: connection, Due: time.Now().UTC().Truncate(time.Second)}
	if _, err := c.river.Insert(ctx, args, nil); err != nil {
		return fmt.Errorf("asking for a pass: %w", err)
	}
	return nil
}

// MigrateRiver brings River's own tables up to date. It may run at any number of places at once.
func MigrateRiver(ctx context.Context, url string) error {
	pool, err := newPool(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("preparing the tables of jobs: %w", err)
	}
	return migrateAlone(ctx, pool, func() error {
		if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrating the tables of jobs: %w", err)
		}
		return nil
	})
}
