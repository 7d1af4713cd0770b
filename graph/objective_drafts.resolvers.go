package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) DraftObjective(ctx context.Context, input needle.DraftObjectiveInput) (*model.DraftObjectivePayload, error) {
	objective, problems, err := settle(r.Planner.DraftObjective(ctx, input))
	return &model.DraftObjectivePayload{Objective: objective, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}
