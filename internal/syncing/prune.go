package syncing

import (
	"context"
	"fmt"
	"time"
)

const (
	// keepRunsFor is how long the history of passes is kept.
	keepRunsFor = 30 * 24 * time.Hour
	// keepRunsOf is how many runs of each source are kept, however old.
	keepRunsOf = 100
	// pruneBatch is how many runs are deleted in one transaction.
	pruneBatch = 5000
)

// Prune deletes runs that nobody looks at any more: older than 30 days, not among the last 100 of their source, and not the
// last of six hours that read it whole. It returns how many.
func (e *Engine) Prune(ctx context.Context) (int, error) {
	before, total := e.clock().Add(-keepRunsFor), 0
	for {
		n, err := e.store.PruneSyncRuns(ctx, before, keepRunsOf, pruneBatch)
		total += n
		if err != nil {
			return total, fmt.Errorf("pruning the history of passes: %w", err)
		}
		if n < pruneBatch {
			return total, nil
		}
	}
}
