package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *centricityPointResolver) Cycle(ctx context.Context, objs []*needle.CentricityPoint) ([]*needle.Cycle, error) {
	return r.scope(ctx).CyclesByID(ctx, keys(objs, func(p *needle.CentricityPoint) needle.CycleID { return p.CycleID }))
}

func (r *customerCentricityResolver) Uncovered(ctx context.Context, objs []*needle.CustomerCentricity, first int) ([][]*needle.PainStanding, error) {
	return heaviest(objs, first)
}

func (r *customerCentricityResolver) Traceless(ctx context.Context, objs []*needle.CustomerCentricity) ([][]*needle.Objective, error) {
	return r.traceless(ctx, objs)
}

func (r *painPointResolver) Rung(ctx context.Context, objs []*needle.PainPoint, asOf *time.Time) ([]*needle.Rung, error) {
	return r.rungs(ctx, objs, asOf)
}

func (r *painPointResolver) Standing(ctx context.Context, objs []*needle.PainPoint, asOf *time.Time) ([]*needle.PainStanding, error) {
	return r.standings(ctx, objs, asOf)
}

func (r *painStandingResolver) PainPoint(ctx context.Context, objs []*needle.PainStanding) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, keys(objs, func(s *needle.PainStanding) needle.PainPointID { return s.PainPointID }))
}

func (r *queryResolver) CustomerCentricity(ctx context.Context, teamID *string, cycleID *string, asOf *time.Time) (*needle.CustomerCentricity, error) {
	return r.centricity(ctx, teamID, cycleID, asOf)
}

func (r *queryResolver) CentricityTrend(ctx context.Context, teamID *string, cycles int, asOf *time.Time) ([]*needle.CentricityPoint, error) {
	return r.centricityTrend(ctx, teamID, cycles, asOf)
}

func (r *Resolver) CentricityPoint() generated.CentricityPointResolver {
	return &centricityPointResolver{r}
}

func (r *Resolver) CustomerCentricity() generated.CustomerCentricityResolver {
	return &customerCentricityResolver{r}
}

func (r *Resolver) PainStanding() generated.PainStandingResolver { return &painStandingResolver{r} }

type (
	centricityPointResolver    struct{ *Resolver }
	customerCentricityResolver struct{ *Resolver }
	painStandingResolver       struct{ *Resolver }
)
