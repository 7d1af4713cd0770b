package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *objectiveResolver) RollUp(ctx context.Context, objs []*needle.Objective) ([]*needle.RollUp, error) {
	return r.rollUps(ctx, objs)
}
