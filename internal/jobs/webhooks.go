package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

const (
	// queueInbox holds work on webhooks, which must not wait behind passes.
	queueInbox = "inbox"
	// gatherFor is how long webhooks are gathered before their connection's inbox is worked off: a burst makes one job.
	gatherFor = 250 * time.Millisecond
	// ringPatience bounds adding the jobs of what was gathered.
	ringPatience = 10 * time.Second
	// longestInbox bounds a job; what it leaves is found by the Sweep.
	longestInbox = time.Hour
	// tendEvery is the time between two rounds of care for webhooks.
	tendEvery = time.Hour
)

// InboxArgs ask to work off the webhooks that wait for a connection.
type InboxArgs struct {
	Workspace  needle.WorkspaceID  `json:"workspace"`
	Connection needle.ConnectionID `json:"connection"`
	// Due is when it was asked for. It is part of what makes a job unique: see SyncArgs.
	Due time.Time `json:"due"`
}

// Kind implements river.JobArgs.
func (InboxArgs) Kind() string { return "webhook_inbox" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (InboxArgs) InsertOpts() river.InsertOpts { return oneAtATime(queueInbox) }

type inboxWorker struct {
	river.WorkerDefaults[InboxArgs]
	engine *syncing.Engine
}

// Timeout implements river.Worker.
func (*inboxWorker) Timeout(*river.Job[InboxArgs]) time.Duration { return longestInbox }

// Work works the inbox off. When the tracker limits meanwhile, the job comes back when the limit ends.
func (w *inboxWorker) Work(ctx context.Context, job *river.Job[InboxArgs]) error {
	report, err := w.engine.WorkInbox(ctx, job.Args.Workspace, job.Args.Connection)
	if err == nil && !report.Idle && !report.RetryAt.IsZero() {
		return river.JobSnooze(max(time.Until(report.RetryAt), time.Second))
	}
	return err
}

// TendWebhooksArgs ask to forget old webhooks and to have failed ones sent again.
type TendWebhooksArgs struct{}

// Kind implements river.JobArgs.
func (TendWebhooksArgs) Kind() string { return "tend_webhooks" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (TendWebhooksArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueInbox, MaxAttempts: jobTries}
}

type tendWebhooksWorker struct {
	river.WorkerDefaults[TendWebhooksArgs]
	engine *syncing.Engine
}

// Timeout implements river.Worker.
func (*tendWebhooksWorker) Timeout(*river.Job[TendWebhooksArgs]) time.Duration { return longestInbox }

// Work forgets first: it needs no tracker.
func (w *tendWebhooksWorker) Work(ctx context.Context, _ *river.Job[TendWebhooksArgs]) error {
	if err := w.engine.PurgeWebhooks(ctx); err != nil {
		return err
	}
	_, err := w.engine.RedeliverWebhooks(ctx)
	return err
}

// bell gathers connections whose inbox got something and adds one job for each. What it loses, the Sweep finds.
type bell struct {
	ring func(context.Context, []river.InsertManyParams)

	mu      sync.Mutex
	waiting map[InboxArgs]bool
	timer   *time.Timer
	silent  bool
	ringing sync.WaitGroup
}

// push has the inbox of a connection worked off soon. It returns at once.
func (b *bell) push(workspace needle.WorkspaceID, connection needle.ConnectionID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silent {
		return
	}
	if b.waiting == nil {
		b.waiting = map[InboxArgs]bool{}
		b.ringing.Add(1)
		b.timer = time.AfterFunc(gatherFor, b.strike)
	}
	b.waiting[InboxArgs{Workspace: workspace, Connection: connection}] = true
}

// strike adds the jobs of what was gathered.
func (b *bell) strike() {
	defer b.ringing.Done()
	b.mu.Lock()
	waiting := b.waiting
	b.waiting = nil
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), ringPatience)
	defer cancel()
	due := time.Now().UTC()
	params := make([]river.InsertManyParams, 0, len(waiting))
	for args := range waiting {
		args.Due = due
		params = append(params, river.InsertManyParams{Args: args})
	}
	b.ring(ctx, params)
}

// stop takes no more and waits for what is being added.
func (b *bell) stop() {
	b.mu.Lock()
	b.silent = true
	if b.waiting != nil && b.timer.Stop() {
		b.waiting = nil
		b.ringing.Done()
	}
	b.mu.Unlock()
	b.ringing.Wait()
}

// WakeInbox has the webhooks that wait for a connection worked off soon; many calls within a moment make one job. It
// returns at once, and is for speed alone: the Sweep finds what waits without it.
func (c *Client) WakeInbox(workspace needle.WorkspaceID, connection needle.ConnectionID) {
	c.bell.push(workspace, connection)
}

// ringInbox adds jobs.
func (c *Client) ringInbox(ctx context.Context, params []river.InsertManyParams) {
	if _, err := c.river.InsertMany(ctx, params); err != nil {
		c.log.WarnContext(ctx, "webhooks wait for the schedule", "error", err)
	}
}
