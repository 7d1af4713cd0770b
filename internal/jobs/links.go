package jobs

import (
	"context"

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
func (LinkArgs) InsertOpts() river.InsertOpts { return oneAtATime(queueSync) }

type linkWorker struct {
	river.WorkerDefaults[LinkArgs]
	engine *syncing.Engine
}

// Work carries the changes on from where an earlier job ended.
func (w *linkWorker) Work(ctx context.Context, job *river.Job[LinkArgs]) error {
	return w.engine.FinishLinking(ctx, job.Args.Workspace)
}
