package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/syncing"
)

// LinkArgs ask to carry changes of link rules to all work of a workspace.
type LinkArgs struct {
	Workspace needle.WorkspaceID `json:"workspace"`
}

// Kind implements river.JobArgs.
func (LinkArgs) Kind() string { return "link_work" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (LinkArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueSync, MaxAttempts: jobTries, UniqueOpts: river.UniqueOpts{
		ByArgs: true, ByPeriod: uniqueFor, ByState: unfinished,
	}}
}

type linkWorker struct {
	river.WorkerDefaults[LinkArgs]
	engine *syncing.Engine
}

// Work carries the changes on from where an earlier job ended.
func (w *linkWorker) Work(ctx context.Context, job *river.Job[LinkArgs]) error {
	return w.engine.FinishLinking(ctx, job.Args.Workspace)
}

// sweepLinks enqueues the rest of what changes of rules began.
func (w *sweepWorker) sweepLinks(ctx context.Context) error {
	due, err := w.engine.LinkingDue(ctx, sweepLimit)
	if err != nil || len(due) == 0 {
		return err
	}
	jobs := make([]river.InsertManyParams, len(due))
	for i, workspace := range due {
		jobs[i].Args = LinkArgs{Workspace: workspace}
	}
	_, err = river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, jobs)
	return err
}
