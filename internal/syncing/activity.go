package syncing

import (
	"context"
	"fmt"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// record writes the activity of a change. viewer is nil when Needle itself did it.
func record(ctx context.Context, tx store.Scope, viewer *needle.Viewer, verb needle.Verb, subject fmt.Stringer, before, after any) error {
	activity, err := needle.NewActivity(tx.WorkspaceID(), viewer, verb, subject, before, after, tx.Now())
	if err != nil {
		return err
	}
	return tx.InsertActivity(ctx, activity)
}
