package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) RetryQuarantined(ctx context.Context, input needle.RetryQuarantinedInput) (*model.RetryQuarantinedPayload, error) {
	source, problems, err := settle(r.Syncing.RetryQuarantined(ctx, input))
	return &model.RetryQuarantinedPayload{Source: source, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *quarantinedIssueResolver) Raw(ctx context.Context, objs []*needle.QuarantinedIssue) ([]*string, error) {
	return r.rawBodies(ctx, objs)
}

func (r *sourceResolver) Quarantined(ctx context.Context, objs []*needle.Source, first *int, after *string, last *int, before *string, filter *needle.QuarantinedIssueFilter, orderBy []*needle.Order[needle.QuarantinedIssueOrderField]) ([]*needle.Page[*needle.QuarantinedIssue], error) {
	return r.scope(ctx).QuarantinedBySource(ctx, keys(objs, func(s *needle.Source) needle.SourceID { return s.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) QuarantinedIssue() generated.QuarantinedIssueResolver {
	return &quarantinedIssueResolver{r}
}

type quarantinedIssueResolver struct{ *Resolver }
