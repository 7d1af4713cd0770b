package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) CreatePainPoint(ctx context.Context, input needle.CreatePainPointInput) (*model.CreatePainPointPayload, error) {
	painPoint, problems, err := settle(r.Planner.CreatePainPoint(ctx, input))
	return &model.CreatePainPointPayload{PainPoint: painPoint, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) UpdatePainPoint(ctx context.Context, input needle.UpdatePainPointInput) (*model.UpdatePainPointPayload, error) {
	painPoint, problems, err := settle(r.Planner.UpdatePainPoint(ctx, input))
	return &model.UpdatePainPointPayload{PainPoint: painPoint, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) DismissPainPoint(ctx context.Context, input needle.DismissPainPointInput) (*model.DismissPainPointPayload, error) {
	painPoint, problems, err := settle(r.Planner.DismissPainPoint(ctx, input))
	return &model.DismissPainPointPayload{PainPoint: painPoint, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) ReopenPainPoint(ctx context.Context, input needle.ReopenPainPointInput) (*model.ReopenPainPointPayload, error) {
	painPoint, problems, err := settle(r.Planner.ReopenPainPoint(ctx, input))
	return &model.ReopenPainPointPayload{PainPoint: painPoint, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *painPointResolver) Evidence(ctx context.Context, objs []*needle.PainPoint, first *int, after *string, last *int, before *string, filter *needle.EvidenceFilter, orderBy []*needle.Order[needle.EvidenceOrderField]) ([]*needle.Page[*needle.Evidence], error) {
	return r.scope(ctx).EvidenceByPainPoint(ctx, keys(objs, func(p *needle.PainPoint) needle.PainPointID { return p.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *painPointResolver) Objectives(ctx context.Context, objs []*needle.PainPoint, first *int, after *string, last *int, before *string, filter *needle.ObjectiveFilter, orderBy []*needle.Order[needle.ObjectiveOrderField]) ([]*needle.Page[*needle.Objective], error) {
	return r.scope(ctx).ObjectivesByPainPoint(ctx, keys(objs, func(p *needle.PainPoint) needle.PainPointID { return p.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *painPointResolver) Ideas(ctx context.Context, objs []*needle.PainPoint, first *int, after *string, last *int, before *string, filter *needle.IdeaFilter, orderBy []*needle.Order[needle.IdeaOrderField]) ([]*needle.Page[*needle.Idea], error) {
	return r.scope(ctx).IdeasByPainPoint(ctx, keys(objs, func(p *needle.PainPoint) needle.PainPointID { return p.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *painPointResolver) CreatedBy(ctx context.Context, objs []*needle.PainPoint) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(p *needle.PainPoint) needle.UserID { return p.CreatedBy }))
}

func (r *queryResolver) PainPoint(ctx context.Context, id string) (*needle.PainPoint, error) {
	return byID(ctx, id, needle.ParsePainPointID, r.scope(ctx).PainPointsByID)
}

func (r *queryResolver) PainPoints(ctx context.Context, first *int, after *string, last *int, before *string, filter *needle.PainPointFilter, orderBy []*needle.Order[needle.PainPointOrderField]) (*needle.Page[*needle.PainPoint], error) {
	return r.scope(ctx).PainPoints(ctx, list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *Resolver) PainPoint() generated.PainPointResolver { return &painPointResolver{r} }

type painPointResolver struct{ *Resolver }
