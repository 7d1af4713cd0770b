package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *checkInResolver) KeyResult(ctx context.Context, objs []*needle.CheckIn) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, keys(objs, func(c *needle.CheckIn) needle.KeyResultID { return c.KeyResultID }))
}

func (r *checkInResolver) Author(ctx context.Context, objs []*needle.CheckIn) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(c *needle.CheckIn) *needle.UserID { return c.AuthorID }))
}

func (r *checkInResolver) Supersedes(ctx context.Context, objs []*needle.CheckIn) ([]*needle.CheckIn, error) {
	return r.scope(ctx).CheckInsByID(ctx, maybe(objs, func(c *needle.CheckIn) *needle.CheckInID { return c.SupersedesID }))
}

func (r *checkInResolver) SupersededBy(ctx context.Context, objs []*needle.CheckIn) ([]*needle.CheckIn, error) {
	return r.scope(ctx).CheckInsByID(ctx, maybe(objs, func(c *needle.CheckIn) *needle.CheckInID { return c.SupersededByID }))
}

func (r *mutationResolver) RecordCheckIns(ctx context.Context, input needle.RecordCheckInsInput) (*model.RecordCheckInsPayload, error) {
	batch, problems, err := settle(r.Planner.RecordCheckIns(ctx, input))
	return &model.RecordCheckInsPayload{Batch: batch, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) RecordCheckIn(ctx context.Context, input needle.RecordCheckInInput) (*model.RecordCheckInPayload, error) {
	checkIn, problems, err := settle(r.Planner.RecordCheckIn(ctx, input))
	return &model.RecordCheckInPayload{CheckIn: checkIn, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *Resolver) CheckIn() generated.CheckInResolver { return &checkInResolver{r} }

type checkInResolver struct{ *Resolver }
