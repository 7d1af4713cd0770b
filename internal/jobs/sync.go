package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

const (
	// busyWait is when to look again at a connection over which another pass runs.
	busyWait = 10 * time.Second
	// longestPass bounds a job, so that River in the end forgets one whose process was killed.
	longestPass = 24 * time.Hour
	// uniqueFor bounds how long a job that was killed before it began its pass stands in the way.
	uniqueFor = 10 * time.Minute
	// jobTries is small: what fails because of the database is found again by the Sweep.
	jobTries = 3
)

// unfinished are the states in which a job stands in the way of another one like it.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
}

// SyncArgs ask for a pass over a connection.
type SyncArgs struct {
	Workspace  needle.WorkspaceID  `json:"workspace"`
	Connection needle.ConnectionID `json:"connection"`
	// Due is when the pass fell due or was asked for. It is part of what makes a job unique: a job whose process was
	// killed counts as running for long, and must not stand in the way of the job that goes on with the pass, which fell
	// due when the dead one began.
	Due time.Time `json:"due"`
}

// Kind implements river.JobArgs.
func (SyncArgs) Kind() string { return "sync_connection" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SyncArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueSync, MaxAttempts: jobTries, UniqueOpts: river.UniqueOpts{
		ByArgs: true, ByPeriod: uniqueFor, ByState: unfinished,
	}}
}

type syncWorker struct {
	river.WorkerDefaults[SyncArgs]
	engine *syncing.Engine
}

// Timeout implements river.Worker. A pass that takes longer goes on from its last page in the next job.
func (*syncWorker) Timeout(*river.Job[SyncArgs]) time.Duration { return longestPass }

// Work runs the pass if it is due. A limited connection comes back when its limit ends.
func (w *syncWorker) Work(ctx context.Context, job *river.Job[SyncArgs]) error {
	report, err := w.engine.SyncDue(ctx, job.Args.Workspace, job.Args.Connection)
	switch {
	case errors.Is(err, syncing.ErrBusy):
		return river.JobSnooze(busyWait)
	case errors.Is(err, syncing.ErrStopped), errors.Is(err, needle.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("syncing %s: %w", job.Args.Connection, err)
	case report.State == needle.ConnectionLimited && !report.Idle:
		return river.JobSnooze(max(time.Until(report.RetryAt), time.Second))
	}
	return nil
}

// SweepArgs ask to look what is due that no job stands for yet.
type SweepArgs struct{}

// Kind implements river.JobArgs.
func (SweepArgs) Kind() string { return "sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SweepArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

// sweepLimit bounds what one sweep enqueues; the next one takes the rest.
const sweepLimit = 1000

type sweepWorker struct {
	river.WorkerDefaults[SweepArgs]
	engine *syncing.Engine
}

// Work enqueues a pass for each connection whose row says that one is due, the work on each inbox and each outbox that waits
// for it, the mappings that are to be applied, and the rest of what changes of rules began.
func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[SweepArgs]) error {
	return errors.Join(w.sweepInboxes(ctx), w.sweepPasses(ctx), w.sweepMappings(ctx), w.sweepLinks(ctx), w.sweepOutboxes(ctx))
}

func (w *sweepWorker) sweepPasses(ctx context.Context) error {
	due, err := w.engine.Due(ctx, sweepLimit)
	if err != nil || len(due) == 0 {
		return err
	}
	jobs := make([]river.InsertManyParams, len(due))
	for i, d := range due {
		jobs[i].Args = SyncArgs{Workspace: d.WorkspaceID, Connection: d.ConnectionID, Due: d.Since.UTC()}
	}
	_, err = river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, jobs)
	return err
}
