package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *backlinkResolver) Issue(ctx context.Context, objs []*needle.Backlink) ([]*needle.Issue, error) {
	return r.scope(ctx).IssuesByID(ctx, keys(objs, func(b *needle.Backlink) needle.IssueID { return b.IssueID }))
}

func (r *connectionResolver) Backlinks(ctx context.Context, objs []*needle.Connection, first *int, after *string, last *int, before *string, filter *needle.BacklinkFilter, orderBy []*needle.Order[needle.BacklinkOrderField]) ([]*needle.Page[*needle.Backlink], error) {
	return r.scope(ctx).BacklinksByConnection(ctx, keys(objs, func(c *needle.Connection) needle.ConnectionID { return c.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *issueResolver) Backlink(ctx context.Context, objs []*needle.Issue) ([]*needle.Backlink, error) {
	return r.scope(ctx).BacklinksByIssue(ctx, keys(objs, func(i *needle.Issue) needle.IssueID { return i.ID }))
}

func (r *mutationResolver) RetryBacklinks(ctx context.Context, input needle.RetryBacklinksInput) (*model.RetryBacklinksPayload, error) {
	connection, problems, err := settle(r.Syncing.RetryBacklinks(ctx, input))
	return &model.RetryBacklinksPayload{Connection: connection, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) PreviewBacklink(ctx context.Context, issueID string) (*needle.BacklinkText, error) {
	id, err := needle.ParseIssueID(issueID)
	if err != nil {
		return nil, about("issueId", err)
	}
	return r.Syncing.PreviewBacklink(ctx, id)
}

func (r *Resolver) Backlink() generated.BacklinkResolver { return &backlinkResolver{r} }

type backlinkResolver struct{ *Resolver }
