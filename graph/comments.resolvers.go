package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *backlogItemResolver) Comments(ctx context.Context, objs []*needle.BacklogItem, first *int, after *string, last *int, before *string, filter *needle.CommentFilter, orderBy []*needle.Order[needle.CommentOrderField]) ([]*needle.Page[*needle.Comment], error) {
	return r.scope(ctx).CommentsByItem(ctx, keys(objs, func(b *needle.BacklogItem) needle.BacklogItemID { return b.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *commentResolver) Subject(ctx context.Context, objs []*needle.Comment) ([]needle.Node, error) {
	return readNodes(ctx, r.scope(ctx), keys(objs, func(c *needle.Comment) string { return c.SubjectID }))
}

func (r *commentResolver) Thread(ctx context.Context, objs []*needle.Comment) ([]*needle.Comment, error) {
	return r.scope(ctx).CommentsByID(ctx, keys(objs, func(c *needle.Comment) needle.CommentID { return c.ThreadID }))
}

func (r *commentResolver) Replies(ctx context.Context, objs []*needle.Comment, first *int, after *string, last *int, before *string, filter *needle.CommentFilter, orderBy []*needle.Order[needle.CommentOrderField]) ([]*needle.Page[*needle.Comment], error) {
	return r.scope(ctx).RepliesByThread(ctx, keys(objs, commentID), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *commentResolver) Mentions(ctx context.Context, objs []*needle.Comment) ([][]*needle.User, error) {
	found, err := r.scope(ctx).MentionsByComment(ctx, keys(objs, commentID))
	return spread(objs, commentID, found, err)
}

func (r *commentResolver) Edits(ctx context.Context, objs []*needle.Comment, last int) ([][]*needle.CommentEdit, error) {
	found, err := r.scope(ctx).CommentEdits(ctx, keys(objs, commentID))
	return latest(objs, commentID, found, last, err)
}

func (r *commentResolver) ResolvedBy(ctx context.Context, objs []*needle.Comment) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, maybe(objs, func(c *needle.Comment) *needle.UserID { return c.ResolvedBy }))
}

func (r *commentResolver) CreatedBy(ctx context.Context, objs []*needle.Comment) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(c *needle.Comment) needle.UserID { return c.CreatedBy }))
}

func (r *ideaResolver) Comments(ctx context.Context, objs []*needle.Idea, first *int, after *string, last *int, before *string, filter *needle.CommentFilter, orderBy []*needle.Order[needle.CommentOrderField]) ([]*needle.Page[*needle.Comment], error) {
	return r.scope(ctx).CommentsBySubject(ctx, keys(objs, func(i *needle.Idea) string { return i.ID.String() }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *keyResultResolver) Comments(ctx context.Context, objs []*needle.KeyResult, first *int, after *string, last *int, before *string, filter *needle.CommentFilter, orderBy []*needle.Order[needle.CommentOrderField]) ([]*needle.Page[*needle.Comment], error) {
	return r.scope(ctx).CommentsBySubject(ctx, keys(objs, func(k *needle.KeyResult) string { return k.ID.String() }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *mutationResolver) AddComment(ctx context.Context, input needle.AddCommentInput) (*model.AddCommentPayload, error) {
	comment, problems, err := settle(r.Planner.AddComment(ctx, input))
	return &model.AddCommentPayload{Comment: comment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) EditComment(ctx context.Context, input needle.EditCommentInput) (*model.EditCommentPayload, error) {
	comment, problems, err := settle(r.Planner.EditComment(ctx, input))
	return &model.EditCommentPayload{Comment: comment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) DeleteComment(ctx context.Context, input needle.DeleteCommentInput) (*model.DeleteCommentPayload, error) {
	comment, problems, err := settle(r.Planner.DeleteComment(ctx, input))
	return &model.DeleteCommentPayload{Comment: comment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) ResolveThread(ctx context.Context, input needle.ResolveThreadInput) (*model.ResolveThreadPayload, error) {
	comment, problems, err := settle(r.Planner.ResolveThread(ctx, input))
	return &model.ResolveThreadPayload{Comment: comment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) ReopenThread(ctx context.Context, input needle.ReopenThreadInput) (*model.ReopenThreadPayload, error) {
	comment, problems, err := settle(r.Planner.ReopenThread(ctx, input))
	return &model.ReopenThreadPayload{Comment: comment, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *objectiveResolver) Comments(ctx context.Context, objs []*needle.Objective, first *int, after *string, last *int, before *string, filter *needle.CommentFilter, orderBy []*needle.Order[needle.CommentOrderField]) ([]*needle.Page[*needle.Comment], error) {
	return r.scope(ctx).CommentsBySubject(ctx, keys(objs, func(o *needle.Objective) string { return o.ID.String() }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *painPointResolver) Comments(ctx context.Context, objs []*needle.PainPoint, first *int, after *string, last *int, before *string, filter *needle.CommentFilter, orderBy []*needle.Order[needle.CommentOrderField]) ([]*needle.Page[*needle.Comment], error) {
	return r.scope(ctx).CommentsBySubject(ctx, keys(objs, func(p *needle.PainPoint) string { return p.ID.String() }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Comment() generated.CommentResolver { return &commentResolver{r} }

type commentResolver struct{ *Resolver }
