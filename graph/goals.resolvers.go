package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *goalVersionResolver) Author(ctx context.Context, objs []*needle.GoalVersion) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(g *needle.GoalVersion) needle.UserID { return g.AuthorID }))
}

func (r *keyResultResolver) ProgressParts(ctx context.Context, objs []*needle.KeyResult, asOf *time.Time) ([]*needle.ProgressParts, error) {
	return r.progressParts(ctx, objs, asOf)
}

func (r *keyResultResolver) Breaches(ctx context.Context, objs []*needle.KeyResult, asOf *time.Time, last int) ([][]*needle.Breach, error) {
	return r.breaches(ctx, objs, asOf, last)
}

func (r *mutationResolver) ChangeGoal(ctx context.Context, input needle.ChangeGoalInput) (*model.ChangeGoalPayload, error) {
	keyResult, problems, err := settle(r.Planner.ChangeGoal(ctx, input))
	return &model.ChangeGoalPayload{KeyResult: keyResult, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *Resolver) GoalVersion() generated.GoalVersionResolver { return &goalVersionResolver{r} }

type goalVersionResolver struct{ *Resolver }
