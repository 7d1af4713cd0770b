package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) CloseObjective(ctx context.Context, input needle.CloseObjectiveInput) (*model.CloseObjectivePayload, error) {
	objective, problems, err := settle(r.Planner.CloseObjective(ctx, input))
	return &model.CloseObjectivePayload{Objective: objective, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *objectiveResolver) Scoring(ctx context.Context, objs []*needle.Objective) ([]*needle.Scoring, error) {
	return r.scorings(ctx, objs)
}
