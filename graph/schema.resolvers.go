package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *queryResolver) Viewer(ctx context.Context) (*needle.Viewer, error) {
	viewer, _ := needle.ViewerFrom(ctx)
	return &viewer, nil
}

func (r *queryResolver) Node(ctx context.Context, id string) (needle.Node, error) {
	found, err := r.nodes(ctx, "id", []string{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (r *queryResolver) Nodes(ctx context.Context, ids []string) ([]needle.Node, error) {
	return r.nodes(ctx, "ids", ids)
}

func (r *queryResolver) ByKey(ctx context.Context, key string) (needle.Node, error) {
	return r.byKey(ctx, key)
}

func (r *Resolver) Mutation() generated.MutationResolver { return &mutationResolver{r} }

func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

type (
	mutationResolver struct{ *Resolver }
	queryResolver    struct{ *Resolver }
)
