package graph

import (
	"context"
	"fmt"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *previewedLinkResolver) Item(ctx context.Context, objs []*needle.PreviewedLink) ([]*needle.BacklogItem, error) {
	panic(fmt.Errorf("not implemented: Item - item"))
}

func (r *previewedLinkResolver) KeyResult(ctx context.Context, objs []*needle.PreviewedLink) ([]*needle.KeyResult, error) {
	panic(fmt.Errorf("not implemented: KeyResult - keyResult"))
}

func (r *previewedLinkResolver) Rule(ctx context.Context, objs []*needle.PreviewedLink) ([]*needle.LinkRule, error) {
	panic(fmt.Errorf("not implemented: Rule - rule"))
}

func (r *queryResolver) PreviewLinkRule(ctx context.Context, input needle.PreviewLinkRuleInput, first *int, after *string) (*needle.LinkRulePreview, error) {
	panic(fmt.Errorf("not implemented: PreviewLinkRule - previewLinkRule"))
}

func (r *Resolver) PreviewedLink() generated.PreviewedLinkResolver { return &previewedLinkResolver{r} }

type previewedLinkResolver struct{ *Resolver }
