package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// oneAtATime are the options of a job that another one with the same arguments stands in the way of.
func oneAtATime(queue string) river.InsertOpts {
	return river.InsertOpts{Queue: queue, MaxAttempts: jobTries, UniqueOpts: river.UniqueOpts{
		ByArgs: true, ByPeriod: uniqueFor, ByState: unfinished,
	}}
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
func (SyncArgs) InsertOpts() river.InsertOpts { return oneAtATime(queueSync) }

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
