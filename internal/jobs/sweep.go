package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// sweepLimit bounds what one sweep enqueues of a kind; the next one takes the rest.
const sweepLimit = 1000

// SweepArgs ask to look what is due that no job stands for yet.
type SweepArgs struct{}

// Kind implements river.JobArgs.
func (SweepArgs) Kind() string { return "sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SweepArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

type sweepWorker struct {
	river.WorkerDefaults[SweepArgs]
	engine *syncing.Engine
}

// Work enqueues a pass for each connection whose row says that one is due, the work on each inbox and each outbox that waits
// for it, the mappings that are to be applied, and the rest of what changes of rules began.
func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[SweepArgs]) error {
	return errors.Join(
		enqueue(ctx, w.engine.DueInboxes, func(d syncing.Due) InboxArgs {
			return InboxArgs{Workspace: d.WorkspaceID, Connection: d.ConnectionID, Due: d.Since.UTC().Truncate(time.Minute)}
		}),
		enqueue(ctx, w.engine.Due, func(d syncing.Due) SyncArgs {
			return SyncArgs{Workspace: d.WorkspaceID, Connection: d.ConnectionID, Due: d.Since.UTC()}
		}),
		enqueue(ctx, w.engine.PendingMappings, func(d syncing.Due) MappingArgs {
			return MappingArgs{Workspace: d.WorkspaceID, Connection: d.ConnectionID, Since: d.Since.UTC()}
		}),
		enqueue(ctx, w.engine.LinkingDue, func(id needle.WorkspaceID) LinkArgs { return LinkArgs{Workspace: id} }),
		enqueue(ctx, w.engine.DueWriteBacks, func(d syncing.Due) WriteBackArgs {
			return WriteBackArgs{Workspace: d.WorkspaceID, Connection: d.ConnectionID, Due: d.Since.UTC()}
		}),
	)
}

// enqueue adds a job for each thing that is due.
func enqueue[D any, A river.JobArgs](ctx context.Context, due func(context.Context, int) ([]D, error), job func(D) A) error {
	all, err := due(ctx, sweepLimit)
	if err != nil || len(all) == 0 {
		return err
	}
	jobs := make([]river.InsertManyParams, len(all))
	for i, one := range all {
		jobs[i].Args = job(one)
	}
	_, err = river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, jobs)
	return err
}
