package store

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// InsertPainReports stores new reports.
func (s Scope) InsertPainReports(ctx context.Context, rows []*needle.PainReport) error {
	if len(rows) == 0 {
		return nil
	}
	return s.insert(ctx, &rows)
}
