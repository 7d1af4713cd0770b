package graph

import (
	"context"
	"fmt"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) RetryQuarantined(ctx context.Context, input needle.RetryQuarantinedInput) (*model.RetryQuarantinedPayload, error) {
	panic(fmt.Errorf("not implemented: RetryQuarantined - retryQuarantined"))
}

func (r *quarantinedIssueResolver) Raw(ctx context.Context, objs []*needle.QuarantinedIssue) ([]*string, error) {
	panic(fmt.Errorf("not implemented: Raw - raw"))
}

func (r *sourceResolver) Quarantined(ctx context.Context, objs []*needle.Source, first *int, after *string, last *int, before *string, filter *needle.QuarantinedIssueFilter, orderBy []*needle.Order[needle.QuarantinedIssueOrderField]) ([]*needle.Page[*needle.QuarantinedIssue], error) {
	panic(fmt.Errorf("not implemented: Quarantined - quarantined"))
}

func (r *Resolver) QuarantinedIssue() generated.QuarantinedIssueResolver {
	return &quarantinedIssueResolver{r}
}

type quarantinedIssueResolver struct{ *Resolver }
