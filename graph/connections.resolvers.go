package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *connectionResolver) DefaultTeam(ctx context.Context, objs []*needle.Connection) ([]*needle.Team, error) {
	return r.scope(ctx).TeamsByID(ctx, maybe(objs, func(c *needle.Connection) *needle.TeamID { return c.DefaultTeamID }))
}

func (r *connectionResolver) Sources(ctx context.Context, objs []*needle.Connection, first *int, after *string, last *int, before *string, filter *needle.SourceFilter, orderBy []*needle.Order[needle.SourceOrderField]) ([]*needle.Page[*needle.Source], error) {
	return r.scope(ctx).SourcesByConnection(ctx, keys(objs, func(c *needle.Connection) needle.ConnectionID { return c.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *connectionResolver) SyncRuns(ctx context.Context, objs []*needle.Connection, first *int, after *string, last *int, before *string, filter *needle.SyncRunFilter, orderBy []*needle.Order[needle.SyncRunOrderField]) ([]*needle.Page[*needle.SyncRun], error) {
	return r.scope(ctx).SyncRunsByConnection(ctx, keys(objs, func(c *needle.Connection) needle.ConnectionID { return c.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) CreateConnection(ctx context.Context, input needle.CreateConnectionInput) (*model.CreateConnectionPayload, error) {
	connection, problems, err := settle(r.Syncing.CreateConnection(ctx, input))
	return &model.CreateConnectionPayload{Connection: connection, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdateConnection(ctx context.Context, input needle.UpdateConnectionInput) (*model.UpdateConnectionPayload, error) {
	connection, problems, err := settle(r.Syncing.UpdateConnection(ctx, input))
	return &model.UpdateConnectionPayload{Connection: connection, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) TrackerDrivers(ctx context.Context) ([]*needle.TrackerDriver, error) {
	return r.Syncing.Drivers(), nil
}

func (r *queryResolver) Connection(ctx context.Context, id string) (*needle.Connection, error) {
	return byID(ctx, id, needle.ParseConnectionID, r.scope(ctx).ConnectionsByID)
}

func (r *queryResolver) Connections(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.ConnectionFilter, orderBy []*needle.Order[needle.ConnectionOrderField]) (*needle.Page[*needle.Connection], error) {
	return r.scope(ctx).Connections(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Connection() generated.ConnectionResolver { return &connectionResolver{r} }

type connectionResolver struct{ *Resolver }
