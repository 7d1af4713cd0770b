package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *keyResultResolver) OutsideEvents(ctx context.Context, objs []*needle.KeyResult, first *int, after *string, last *int, before *string, filter *needle.OutsideEventFilter, orderBy []*needle.Order[needle.OutsideEventOrderField]) ([]*needle.Page[*needle.OutsideEvent], error) {
	return r.scope(ctx).OutsideEventsByKeyResult(ctx, keys(objs, keyResultID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) RecordOutsideEvent(ctx context.Context, input needle.RecordOutsideEventInput) (*model.RecordOutsideEventPayload, error) {
	events, problems, err := settleAll(r.Planner.RecordOutsideEvent(ctx, input))
	return &model.RecordOutsideEventPayload{OutsideEvents: events, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) CorrectOutsideEvent(ctx context.Context, input needle.CorrectOutsideEventInput) (*model.CorrectOutsideEventPayload, error) {
	events, problems, err := settleAll(r.Planner.CorrectOutsideEvent(ctx, input))
	return &model.CorrectOutsideEventPayload{OutsideEvents: events, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) RemoveOutsideEvent(ctx context.Context, input needle.RemoveOutsideEventInput) (*model.RemoveOutsideEventPayload, error) {
	events, problems, err := settleAll(r.Planner.RemoveOutsideEvent(ctx, input))
	return &model.RemoveOutsideEventPayload{OutsideEvents: events, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *outsideEventResolver) KeyResult(ctx context.Context, objs []*needle.OutsideEvent) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, keys(objs, func(e *needle.OutsideEvent) needle.KeyResultID { return e.KeyResultID }))
}

func (r *outsideEventResolver) Author(ctx context.Context, objs []*needle.OutsideEvent) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(e *needle.OutsideEvent) needle.UserID { return e.AuthorID }))
}

func (r *outsideEventResolver) Supersedes(ctx context.Context, objs []*needle.OutsideEvent) ([]*needle.OutsideEvent, error) {
	return r.scope(ctx).OutsideEventsByID(ctx, maybe(objs, func(e *needle.OutsideEvent) *needle.OutsideEventID { return e.SupersedesID }))
}

func (r *outsideEventResolver) SupersededBy(ctx context.Context, objs []*needle.OutsideEvent) ([]*needle.OutsideEvent, error) {
	return r.scope(ctx).OutsideEventsByID(ctx, maybe(objs, func(e *needle.OutsideEvent) *needle.OutsideEventID { return e.SupersededByID }))
}

func (r *outsideEventResolver) RemovedBy(ctx context.Context, objs []*needle.OutsideEvent) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(e *needle.OutsideEvent) *needle.UserID { return e.RemovedBy }))
}

func (r *Resolver) OutsideEvent() generated.OutsideEventResolver { return &outsideEventResolver{r} }

type outsideEventResolver struct{ *Resolver }
