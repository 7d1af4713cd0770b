package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/needle-okr/needle/internal/syncing"
)

// pruneEvery is the time between two looks for history that is kept no longer.
const pruneEvery = 24 * time.Hour

// PruneArgs ask to delete history that is kept no longer.
type PruneArgs struct{}

// Kind implements river.JobArgs.
func (PruneArgs) Kind() string { return "prune" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (PruneArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

type pruneWorker struct {
	river.WorkerDefaults[PruneArgs]
	engine *syncing.Engine
}

// Work deletes what is old.
func (w *pruneWorker) Work(ctx context.Context, _ *river.Job[PruneArgs]) error {
	_, err := w.engine.Prune(ctx)
	return err
}
