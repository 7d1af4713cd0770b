package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/needle-okr/needle/internal/planning"
)

// queueAttributions holds the working out of attributions, which may take long after an import and holds up nothing else.
const queueAttributions = "attributions"

// AttributionsArgs ask to work out what can be said of work and key results ahead of the question.
type AttributionsArgs struct{}

// Kind implements river.JobArgs.
func (AttributionsArgs) Kind() string { return "compute_attributions" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (AttributionsArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueAttributions, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: uniqueFor, ByState: unfinished}}
}

type attributionsWorker struct {
	river.WorkerDefaults[AttributionsArgs]
	planner *planning.Planner
}

// Timeout implements river.Worker. What is not worked out by then is due for the next job.
func (*attributionsWorker) Timeout(*river.Job[AttributionsArgs]) time.Duration { return longestPass }

// Work works out all that is due.
func (w *attributionsWorker) Work(ctx context.Context, _ *river.Job[AttributionsArgs]) error {
	_, err := w.planner.ComputeDueAttributions(ctx)
	return err
}
