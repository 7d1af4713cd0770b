package syncing

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// RemoveSource stops reading a repository or project. Its issues, items, links and history stay as they were last seen;
// adding the source again goes on where it stopped. A source that was taken away already answers CONFLICT.
func (e *Engine) RemoveSource(ctx context.Context, in needle.RemoveSourceInput) (*needle.Source, error) {
	var source *needle.Source
	var conn *needle.Connection
	valid := func() error { return nil }
	err := e.change(ctx, needle.ActConnect, valid, func(ctx context.Context, a act) error {
		var err error
		if conn, err = a.sourceAndConnection(ctx, in.SourceID, &source); err != nil {
			return err
		}
		if in.ExpectedVersion != nil && *in.ExpectedVersion != source.Version {
			return needle.Conflict("input.expectedVersion", "somebody else changed this in the meantime; read it again")
		}
		if source.RemovedAt != nil {
			return needle.Conflict("input.sourceId", "this source is not read any more")
		}
		now := a.Now()
		source.RemovedAt, source.Unobserved, source.AcceptVanished, source.RetryAt = &now, 0, false, nil
		if err := a.UpdateSource(ctx, source); err != nil {
			return err
		}
		if err := a.stopPass(ctx, conn); err != nil {
			return err
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbDeleted, source.ID, source, nil)
	})
	if err != nil {
		return nil, err
	}
	if conn.State != needle.ConnectionPaused {
		e.wake(ctx, conn.WorkspaceID, conn.ID)
	}
	return source, nil
}

// stopPass stops the pass that runs and asks for another, since it does not know of a change.
func (a act) stopPass(ctx context.Context, conn *needle.Connection) error {
	if err := a.InterruptSyncRuns(ctx, conn.ID); err != nil || conn.State == needle.ConnectionPaused {
		return err
	}
	return a.AskForSync(ctx, conn.ID, a.Now())
}
