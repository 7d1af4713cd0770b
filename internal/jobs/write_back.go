package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

const (
	// longestWriteBack bounds a job; a run gives way by itself long before.
	longestWriteBack = 10 * time.Minute
	// nextTurn is when a run goes on that gave way to others.
	nextTurn = time.Second
)

// WriteBackArgs ask for a run over the outbox of a connection.
type WriteBackArgs struct {
	Workspace  needle.WorkspaceID  `json:"workspace"`
	Connection needle.ConnectionID `json:"connection"`
	// Due is when the outbox fell due. It makes a job unique as SyncArgs.Due does.
	Due time.Time `json:"due"`
}

// Kind implements river.JobArgs.
func (WriteBackArgs) Kind() string { return "write_back" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (WriteBackArgs) InsertOpts() river.InsertOpts { return oneAtATime(queueWriteBack) }

type writeBackWorker struct {
	river.WorkerDefaults[WriteBackArgs]
	engine *syncing.Engine
}

// Timeout implements river.Worker.
func (*writeBackWorker) Timeout(*river.Job[WriteBackArgs]) time.Duration { return longestWriteBack }

// Work runs over the outbox if it is due. One that gave way comes back; where another run is at work, the rows say what
// it leaves.
func (w *writeBackWorker) Work(ctx context.Context, job *river.Job[WriteBackArgs]) error {
	report, err := w.engine.WriteBack(ctx, job.Args.Workspace, job.Args.Connection)
	switch {
	case errors.Is(err, syncing.ErrBusy), errors.Is(err, syncing.ErrStopped), errors.Is(err, needle.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("writing back through %s: %w", job.Args.Connection, err)
	case report.More:
		return river.JobSnooze(nextTurn)
	}
	return nil
}
