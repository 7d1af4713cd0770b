package syncing

import (
	"context"
	"fmt"
	"strings"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// RetryQuarantined asks for the records of a source that were set aside to be read again, with the next pass, which is asked
// for too. Where even their names could not be read, the whole source is read again. A source without such records, one that
// is read no more, and a paused connection answer CONFLICT.
func (e *Engine) RetryQuarantined(ctx context.Context, in needle.RetryQuarantinedInput) (*needle.Source, error) {
	var source *needle.Source
	valid := func() error { return nil }
	err := e.change(ctx, needle.ActSync, valid, func(ctx context.Context, a act) error {
		conn, err := a.sourceAndConnection(ctx, in.SourceID, &source)
		if err != nil {
			return err
		}
		names, nameless, err := a.QuarantinedNames(ctx, source.ID)
		switch {
		case err != nil:
			return err
		case source.RemovedAt != nil:
			return needle.Conflict("input.sourceId", "this source is not read any more")
		case len(names)+nameless == 0:
			return needle.Conflict("input.sourceId", "nothing of this source is set aside")
		case conn.State == needle.ConnectionPaused:
			return needle.Conflict("input.sourceId", "this connection is paused")
		}
		if err := a.SetRetryQuarantined(ctx, source.ID, true, nameless > 0); err != nil {
			return err
		}
		if nameless > 0 { // A walk that runs knows nothing of the new beginning.
			if err := a.InterruptSyncRuns(ctx, conn.ID); err != nil {
				return err
			}
		}
		if err := a.AskForSync(ctx, conn.ID, a.Now()); err != nil {
			return err
		}
		before := source.RetryQuarantined
		if source, err = a.Source(ctx, source.ID); err != nil {
			return err
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbUpdated, source.ID,
			map[string]any{"RetryQuarantined": before}, map[string]any{"RetryQuarantined": true, "Records": len(names) + nameless})
	})
	if err != nil {
		return nil, err
	}
	e.wake(ctx, source.WorkspaceID, source.ConnectionID)
	return source, nil
}

// sourceAndConnection reads a source, into where it says, and its connection, both locked.
func (a act) sourceAndConnection(ctx context.Context, id needle.SourceID, into **needle.Source) (*needle.Connection, error) {
	var err error
	if *into, err = a.Source(ctx, id); err != nil {
		return nil, at("input.sourceId", err)
	}
	return a.Connection(ctx, (*into).ConnectionID)
}

// retryQuarantined reads again, one by one, what was set aside, when a person asked for it.
func (w *walk) retryQuarantined(ctx context.Context) error {
	if !w.source.RetryQuarantined {
		return nil
	}
	if err := w.begin(ctx, needle.SyncRefresh); err != nil {
		return err
	}
	w.tell()
	err := w.askAgain(ctx)
	if err != nil {
		err = w.fail(ctx, err)
	}
	w.tell()
	return err
}

// askAgain asks for each record and notes the end.
func (w *walk) askAgain(ctx context.Context) error {
	names, _, err := w.scope.QuarantinedNames(ctx, w.source.ID)
	if err != nil {
		return err
	}
	for _, name := range names {
		ref := integrations.Ref{ID: name.RemoteID, Key: name.RemoteKey}
		if strings.HasPrefix(ref.ID, "sha256:") {
			ref.ID = ""
		}
		w.record.Seen++
		before := w.record.Quarantined
		if err := w.meet(ctx, ref); err != nil {
			return err
		}
		if w.record.Quarantined > before {
			continue
		}
		// It was understood, or there is nothing left to understand.
		if err := w.scope.ResolveQuarantined(ctx, w.source.ID, []string{name.RemoteID}); err != nil {
			return err
		}
	}
	now := w.clock()
	w.record.State, w.record.FinishedAt = needle.SyncSucceeded, &now
	w.bill(&w.record)
	err = w.scope.InTx(ctx, func(ctx context.Context, tx store.Scope) error {
		if err := tx.AdvanceSyncRun(ctx, &w.record); err != nil {
			return err
		}
		return tx.SetRetryQuarantined(ctx, w.source.ID, false, false)
	})
	if err != nil {
		return fmt.Errorf("noting what was read again of %s: %w", w.source.RemoteKey, err)
	}
	w.source.RetryQuarantined = false
	return nil
}
