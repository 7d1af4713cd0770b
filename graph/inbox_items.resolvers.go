package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *inboxItemResolver) Reason(ctx context.Context, objs []*needle.InboxItem) ([]string, error) {
	return r.reasons(ctx, objs)
}

func (r *inboxItemResolver) Subject(ctx context.Context, objs []*needle.InboxItem) ([]needle.Node, error) {
	return readNodes(ctx, r.scope(ctx), keys(objs, (*needle.InboxItem).SubjectID))
}

func (r *inboxItemResolver) Objective(ctx context.Context, objs []*needle.InboxItem) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, maybe(objs, func(i *needle.InboxItem) *needle.ObjectiveID { return i.ObjectiveID }))
}

func (r *mutationResolver) MarkInboxRead(ctx context.Context, input needle.MarkInboxReadInput) (*model.MarkInboxReadPayload, error) {
	viewer, problems, err := settle(r.Planner.MarkInboxRead(ctx, input))
	return &model.MarkInboxReadPayload{Viewer: viewer, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) MarkInboxUnread(ctx context.Context, input needle.MarkInboxUnreadInput) (*model.MarkInboxUnreadPayload, error) {
	viewer, problems, err := settle(r.Planner.MarkInboxUnread(ctx, input))
	return &model.MarkInboxUnreadPayload{Viewer: viewer, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) MarkAllInboxRead(ctx context.Context, input needle.MarkAllInboxReadInput) (*model.MarkAllInboxReadPayload, error) {
	viewer, problems, err := settle(r.Planner.MarkAllInboxRead(ctx, input))
	return &model.MarkAllInboxReadPayload{Viewer: viewer, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *viewerResolver) Inbox(ctx context.Context, objs []*needle.Viewer, first *int, after *string, last *int, before *string, filter *needle.InboxItemFilter, orderBy []*needle.Order[needle.InboxItemOrderField]) ([]*needle.Page[*needle.InboxItem], error) {
	return r.scope(ctx).InboxItemsByUser(ctx, keys(objs, func(v *needle.Viewer) needle.UserID { return v.UserID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *viewerResolver) InboxCount(ctx context.Context, objs []*needle.Viewer, unread *bool) ([]int, error) {
	return r.inboxCounts(ctx, objs, unread)
}

func (r *Resolver) InboxItem() generated.InboxItemResolver { return &inboxItemResolver{r} }

type inboxItemResolver struct{ *Resolver }
