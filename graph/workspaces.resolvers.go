package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) UpdateWorkspace(ctx context.Context, input needle.UpdateWorkspaceInput) (*model.UpdateWorkspacePayload, error) {
	workspace, problems, err := settle(r.Planner.UpdateWorkspace(ctx, input))
	return &model.UpdateWorkspacePayload{Workspace: workspace, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *queryResolver) Workspace(ctx context.Context) (*needle.Workspace, error) {
	return r.scope(ctx).Workspace(ctx)
}

func (r *Resolver) Workspace() generated.WorkspaceResolver { return &workspaceResolver{r} }

type workspaceResolver struct{ *Resolver }
