package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *objectiveResolver) MadeTogether(ctx context.Context, objs []*needle.Objective, asOf *time.Time) ([]*needle.MadeTogether, error) {
	return r.madeTogether(ctx, objs, asOf)
}

func (r *togetherPersonResolver) User(ctx context.Context, objs []*needle.TogetherPerson) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(p *needle.TogetherPerson) needle.UserID { return p.UserID }))
}

func (r *Resolver) TogetherPerson() generated.TogetherPersonResolver {
	return &togetherPersonResolver{r}
}

type togetherPersonResolver struct{ *Resolver }
