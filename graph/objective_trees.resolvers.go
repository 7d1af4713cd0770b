package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *cycleResolver) ObjectiveTree(ctx context.Context, objs []*needle.Cycle, teamID *string) ([]*needle.ObjectiveTree, error) {
	return r.objectiveTrees(ctx, objs, teamID)
}

func (r *objectiveTreeNodeResolver) Objective(ctx context.Context, objs []*needle.ObjectiveTreeNode) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, keys(objs, treeObjectiveID))
}

func (r *objectiveTreeNodeResolver) ParentObjective(ctx context.Context, objs []*needle.ObjectiveTreeNode) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, maybe(objs, (*needle.ObjectiveTreeNode).ParentID))
}

func (r *objectiveTreeNodeResolver) ViaKeyResult(ctx context.Context, objs []*needle.ObjectiveTreeNode) ([]*needle.KeyResult, error) {
	return r.scope(ctx).KeyResultsByID(ctx, maybe(objs, func(n *needle.ObjectiveTreeNode) *needle.KeyResultID { return n.ViaID }))
}

func (r *objectiveTreeNodeResolver) ServesOutside(ctx context.Context, objs []*needle.ObjectiveTreeNode) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, maybe(objs, (*needle.ObjectiveTreeNode).OutsideID))
}

func (r *objectiveTreeNodeResolver) KeyResults(ctx context.Context, objs []*needle.ObjectiveTreeNode) ([][]*needle.KeyResult, error) {
	found, err := r.scope(ctx).KeyResultsOfAll(ctx, keys(objs, treeObjectiveID))
	return spread(objs, treeObjectiveID, found, err)
}

func (r *Resolver) ObjectiveTreeNode() generated.ObjectiveTreeNodeResolver {
	return &objectiveTreeNodeResolver{r}
}

type objectiveTreeNodeResolver struct{ *Resolver }
