package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *reliefAnswerResolver) PainPoint(ctx context.Context, objs []*needle.ReliefAnswer) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, keys(objs, func(a *needle.ReliefAnswer) needle.PainPointID { return a.PainPointID }))
}

func (r *reliefAnswerResolver) RecordedBy(ctx context.Context, objs []*needle.ReliefAnswer) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(a *needle.ReliefAnswer) needle.UserID { return a.RecordedBy }))
}

func (r *Resolver) ReliefAnswer() generated.ReliefAnswerResolver { return &reliefAnswerResolver{r} }

type reliefAnswerResolver struct{ *Resolver }
