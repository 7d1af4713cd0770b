package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *previewedLinkResolver) Item(ctx context.Context, objs []*needle.PreviewedLink) ([]*needle.BacklogItem, error) {
	return r.scope(ctx).BacklogItemsByID(ctx, keys(objs, func(l *needle.PreviewedLink) needle.BacklogItemID { return l.ItemID }))
}

func (r *previewedLinkResolver) KeyResult(ctx context.Context, objs []*needle.PreviewedLink) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, keys(objs, func(l *needle.PreviewedLink) needle.KeyResultID { return l.KeyResultID }))
}

func (r *previewedLinkResolver) Rule(ctx context.Context, objs []*needle.PreviewedLink) ([]*needle.LinkRule, error) {
	return r.scope(ctx).LinkRulesByID(ctx, maybe(objs, func(l *needle.PreviewedLink) *needle.LinkRuleID { return l.RuleID }))
}

func (r *queryResolver) PreviewLinkRule(ctx context.Context, input needle.PreviewLinkRuleInput, first *int, after *string) (*needle.LinkRulePreview, error) {
	return r.Syncing.PreviewLinkRule(ctx, input, needle.PageArgs{First: first, After: after})
}

func (r *Resolver) PreviewedLink() generated.PreviewedLinkResolver { return &previewedLinkResolver{r} }

type previewedLinkResolver struct{ *Resolver }
