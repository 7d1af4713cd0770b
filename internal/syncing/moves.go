package syncing

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/needle-okr/needle/integrations"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// A tracker that gives an issue a new identity when it moves lists it in its new place like any other. Only the old place
// knows where it went. So an issue that turns up in the course of things, although it was opened long ago, is held against
// those that were opened at the same moment in the other sources: the tracker is asked for each, and says which one moved.

// maxTwins bounds the questions of one page. Issues that were imported share the moment in which that was done; the count of
// their old place finds those that are not asked for.
const maxTwins = 50

// arrivals finds, among the issues of a page, those that moved here from another source: the issue each one was, by its new
// remote id.
func (w *walk) arrivals(ctx context.Context, page integrations.Page) (map[string]*needle.Issue, error) {
	arrived := map[string]*needle.Issue{}
	if w.sources < 2 || w.record.Kind != needle.SyncIncremental || w.source.Watermark == nil {
		return arrived, nil
	}
	late, err := w.latecomers(ctx, page)
	if err != nil || len(late) == 0 {
		return nil, err
	}
	twins, err := w.scope.IssueTwins(ctx, w.conn.ID, w.source.ID, slices.Collect(maps.Values(late)), maxTwins)
	if err != nil {
		return nil, err
	}
	for _, twin := range twins {
		_, err := w.tracker.Issue(ctx, integrations.Ref{ID: twin.RemoteID, Key: twin.RemoteKey})
		moved := (*integrations.MovedError)(nil)
		switch {
		case errors.As(err, &moved):
			if to := needle.Clean(moved.To.ID); !late[to].IsZero() {
				arrived[to] = twin
			}
		case err != nil && !outOfView(err) && !errors.As(err, new(*integrations.BrokenError)):
			return nil, &trackerError{err: err, source: w.source.Source}
		}
	}
	return arrived, nil
}

// latecomers lists when the issues of a page were opened that nobody here knew, although the source was read since: by
// their remote ids.
func (w *walk) latecomers(ctx context.Context, page integrations.Page) (map[string]time.Time, error) {
	late := map[string]time.Time{}
	for _, issue := range page.Issues {
		if issue.CreatedAt.Before(*w.source.Watermark) {
			late[needle.Clean(issue.Ref.ID)] = instant(issue.CreatedAt)
		}
	}
	if len(late) == 0 {
		return late, nil
	}
	known, err := w.scope.KnownIssues(ctx, w.conn.ID, slices.Collect(maps.Keys(late)))
	for _, id := range known {
		delete(late, id)
	}
	return late, err
}

// settleArrivals hands the items, and so the links, of issues that moved here to what they are now.
func (w *walk) settleArrivals(ctx context.Context, tx store.Scope, rows []*needle.Issue, arrived map[string]*needle.Issue) error {
	for _, row := range rows {
		was := arrived[row.RemoteID]
		if was == nil || row.ID.IsZero() {
			continue
		}
		if _, err := tx.MarkIssueGone(ctx, w.conn.ID, was.RemoteID, row.ObservedAt); err != nil {
			return err
		}
		if err := tx.MoveMirror(ctx, was.ID, row.ID); err != nil {
			return err
		}
	}
	return nil
}
