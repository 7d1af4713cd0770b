package syncing

import (
	"context"
	"slices"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
)

// canWriteBack demands that trackers of a kind can show backlinks.
func canWriteBack(driver integrations.Driver) error {
	if slices.Contains(driver.Capabilities(), integrations.CanBacklink) {
		return nil
	}
	return needle.Invalid("input.writeBack", needle.CodeInvalid, driver.Name+" cannot show what an issue serves; its driver lacks BACKLINK")
}

// turnWriteBack turns writing back on or off; nil leaves it as it is.
func (e *Engine) turnWriteBack(conn *needle.Connection, on *bool) error {
	if on == nil || *on == conn.WriteBack {
		return nil
	}
	if *on {
		driver, err := e.registry.Driver(conn.Kind)
		if err != nil {
			return needle.Conflict("input.writeBack", "this server knows no trackers of this connection's kind any more")
		}
		if err := canWriteBack(driver); err != nil {
			return err
		}
	}
	conn.WriteBack = *on
	return nil
}

// followWriteBack brings the outbox in step with a connection that was changed: turned off, it removes what was written
// unless that is to stay; turned on, or given other credentials, it tries everything again.
func (a act) followWriteBack(ctx context.Context, before needle.Connection, conn *needle.Connection, in needle.UpdateConnectionInput) error {
	turned := conn.WriteBack != before.WriteBack
	var err error
	switch {
	case conn.WriteBack && (turned || len(in.Settings) > 0):
		_, err = a.RetryBacklinks(ctx, conn.ID, true)
	case in.RemoveBacklinks != nil && !*in.RemoveBacklinks:
		err = a.LeaveBacklinks(ctx, conn.ID)
	case turned || in.RemoveBacklinks != nil:
		_, err = a.QueueAllRemovals(ctx, conn.ID)
	case len(in.Settings) > 0: // Removals may have been refused.
		_, err = a.RetryBacklinks(ctx, conn.ID, true)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return a.AskForWriteBack(ctx, conn.ID)
}

// RetryBacklinks lets everything be tried again that the tracker of a connection refused to show or to remove. When there is
// no such thing, it answers CONFLICT.
func (e *Engine) RetryBacklinks(ctx context.Context, in needle.RetryBacklinksInput) (*needle.Connection, error) {
	var conn *needle.Connection
	valid := func() error { return nil }
	err := e.change(ctx, needle.ActConnect, valid, func(ctx context.Context, a act) error {
		if _, err := a.Connection(ctx, in.ConnectionID); err != nil {
			return at("input.connectionId", err)
		}
		retried, err := a.RetryBacklinks(ctx, in.ConnectionID, true)
		if err != nil {
			return err
		}
		if retried == 0 {
			return needle.Conflict("input.connectionId", "nothing was refused that could be tried again")
		}
		if err := a.AskForWriteBack(ctx, in.ConnectionID); err != nil {
			return err
		}
		if conn, err = a.Connection(ctx, in.ConnectionID); err != nil {
			return err
		}
		return record(ctx, a.Scope, &a.viewer, needle.VerbUpdated, conn.ID, nil, map[string]any{"BacklinksRetried": retried})
	})
	if err != nil {
		return nil, err
	}
	return conn, nil
}
