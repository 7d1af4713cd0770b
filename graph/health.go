package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/needle-okr/needle/internal/live"
	"github.com/needle-okr/needle/internal/needle"
)

// health works out how well connections are.
func (r *Resolver) health(facts []needle.ConnectionFacts, err error) ([]*needle.ConnectionHealth, error) {
	if err != nil {
		return nil, err
	}
	out, now := make([]*needle.ConnectionHealth, len(facts)), r.Now()
	for i, f := range facts {
		out[i] = f.Health(now)
	}
	return out, nil
}

// unobserved says since when issues are out of view, by their sources.
func unobserved(objs []*needle.Issue) func([]*needle.Source, error) ([]*time.Time, error) {
	return func(sources []*needle.Source, err error) ([]*time.Time, error) {
		out := make([]*time.Time, len(objs))
		for i, s := range sources {
			if s != nil {
				out[i] = s.UnobservedSince()
			}
		}
		return out, err
	}
}

// rawBodies reads the first part of the raw bodies of quarantined issues; nil for those that hold none.
func (r *Resolver) rawBodies(ctx context.Context, objs []*needle.QuarantinedIssue) ([]*string, error) {
	found, err := r.scope(ctx).QuarantinedRaws(ctx, keys(objs, func(q *needle.QuarantinedIssue) uuid.UUID { return q.ID }), needle.MaxRaw)
	out := make([]*string, len(objs))
	for i, q := range objs {
		if raw, ok := found[q.ID]; ok {
			out[i] = &raw
		}
	}
	return out, err
}

// syncProgress follows the passes over a connection, each time as the viewer may see them.
func (r *Resolver) syncProgress(ctx context.Context, connection string) (<-chan *needle.SyncProgress, error) {
	id, err := needle.ParseConnectionID(connection)
	if err != nil {
		return nil, about("connectionId", err)
	}
	scope := r.scope(ctx)
	progress, err := live.Follow(ctx, r.Live, live.SyncTopic(scope.WorkspaceID(), id), func(ctx context.Context) (*needle.SyncProgress, error) {
		return scope.SyncProgress(ctx, id)
	})
	return progress, about("connectionId", err)
}
