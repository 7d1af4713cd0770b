package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *importedPainPointResolver) PainPoint(ctx context.Context, objs []*needle.ImportedPainPoint) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, keys(objs, func(p *needle.ImportedPainPoint) needle.PainPointID { return p.PainPointID }))
}

func (r *mutationResolver) UpsertPainPoints(ctx context.Context, input needle.UpsertPainPointsInput) (*model.UpsertPainPointsPayload, error) {
	painImport, problems, err := settle(r.Planner.UpsertPainPoints(ctx, input))
	return &model.UpsertPainPointsPayload{PainImport: painImport, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) ImportPainPoints(ctx context.Context, input needle.ImportPainPointsInput) (*model.ImportPainPointsPayload, error) {
	painImport, problems, err := settle(r.Planner.ImportPainPoints(ctx, input))
	return &model.ImportPainPointsPayload{PainImport: painImport, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *Resolver) ImportedPainPoint() generated.ImportedPainPointResolver {
	return &importedPainPointResolver{r}
}

type importedPainPointResolver struct{ *Resolver }
