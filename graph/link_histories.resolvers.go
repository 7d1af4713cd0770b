package graph

import (
	"context"
	"fmt"
	"time"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *backlogItemResolver) Links(ctx context.Context, objs []*needle.BacklogItem, keyResultID *string, asOf *time.Time, includeEnded bool, last int) ([][]*needle.Contribution, error) {
	panic(fmt.Errorf("not implemented: Links - links"))
}

func (r *contributionResolver) Epic(ctx context.Context, objs []*needle.Contribution) ([]*needle.BacklogItem, error) {
	panic(fmt.Errorf("not implemented: Epic - epic"))
}

func (r *contributionResolver) Container(ctx context.Context, objs []*needle.Contribution) ([]bool, error) {
	panic(fmt.Errorf("not implemented: Container - container"))
}

func (r *contributionResolver) Versions(ctx context.Context, objs []*needle.Contribution, first *int, after *string, last *int, before *string) ([]*needle.Page[*needle.LinkVersion], error) {
	panic(fmt.Errorf("not implemented: Versions - versions"))
}

func (r *linkVersionResolver) Author(ctx context.Context, objs []*needle.LinkVersion) ([]*needle.User, error) {
	panic(fmt.Errorf("not implemented: Author - author"))
}

func (r *linkVersionResolver) Rule(ctx context.Context, objs []*needle.LinkVersion) ([]*needle.LinkRule, error) {
	panic(fmt.Errorf("not implemented: Rule - rule"))
}

func (r *linkVersionResolver) Epic(ctx context.Context, objs []*needle.LinkVersion) ([]*needle.BacklogItem, error) {
	panic(fmt.Errorf("not implemented: Epic - epic"))
}

func (r *Resolver) LinkVersion() generated.LinkVersionResolver { return &linkVersionResolver{r} }

type linkVersionResolver struct{ *Resolver }
