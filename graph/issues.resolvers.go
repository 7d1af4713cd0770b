package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *issueResolver) Connection(ctx context.Context, objs []*needle.Issue) ([]*needle.Connection, error) {
	return r.scope(ctx).ConnectionsByID(ctx, keys(objs, func(i *needle.Issue) needle.ConnectionID { return i.ConnectionID }))
}

func (r *issueResolver) Source(ctx context.Context, objs []*needle.Issue) ([]*needle.Source, error) {
	return r.scope(ctx).SourcesByID(ctx, keys(objs, func(i *needle.Issue) needle.SourceID { return i.SourceID }))
}

func (r *issueResolver) Item(ctx context.Context, objs []*needle.Issue) ([]*needle.BacklogItem, error) {
	return r.scope(ctx).ItemsByIssue(ctx, keys(objs, func(i *needle.Issue) needle.IssueID { return i.ID }))
}

func (r *queryResolver) Issue(ctx context.Context, id string) (*needle.Issue, error) {
	return byID(ctx, id, needle.ParseIssueID, r.scope(ctx).IssuesByID)
}

func (r *queryResolver) Issues(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.IssueFilter, orderBy []*needle.Order[needle.IssueOrderField]) (*needle.Page[*needle.Issue], error) {
	return r.scope(ctx).Issues(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) Issue() generated.IssueResolver { return &issueResolver{r} }

type issueResolver struct{ *Resolver }
