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

// MappingArgs ask to apply the mapping of a connection to the issues that are stored.
type MappingArgs struct {
	Workspace  needle.WorkspaceID  `json:"workspace"`
	Connection needle.ConnectionID `json:"connection"`
	// Since is when the mapping was written. It is part of what makes a job unique: each mapping has a job of its own.
	Since time.Time `json:"since"`
}

// Kind implements river.JobArgs.
func (MappingArgs) Kind() string { return "apply_mapping" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (MappingArgs) InsertOpts() river.InsertOpts { return oneAtATime(queueSync) }

type mappingWorker struct {
	river.WorkerDefaults[MappingArgs]
	engine *syncing.Engine
}

// Timeout implements river.Worker. What is not done by then goes on behind the last batch in the next job.
func (*mappingWorker) Timeout(*river.Job[MappingArgs]) time.Duration { return longestPass }

// Work applies the mapping as far as it is not applied.
func (w *mappingWorker) Work(ctx context.Context, job *river.Job[MappingArgs]) error {
	err := w.engine.ApplyMapping(ctx, job.Args.Workspace, job.Args.Connection)
	if err != nil && !errors.Is(err, needle.ErrNotFound) {
		return fmt.Errorf("applying the mapping of %s: %w", job.Args.Connection, err)
	}
	return nil
}
