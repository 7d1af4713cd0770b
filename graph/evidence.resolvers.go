package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *evidenceResolver) PainPoint(ctx context.Context, objs []*needle.Evidence) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, keys(objs, func(e *needle.Evidence) needle.PainPointID { return e.PainPointID }))
}

func (r *evidenceResolver) Fresh(ctx context.Context, objs []*needle.Evidence) ([]bool, error) {
	return r.freshness(ctx, objs)
}

func (r *evidenceResolver) CreatedBy(ctx context.Context, objs []*needle.Evidence) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(e *needle.Evidence) needle.UserID { return e.CreatedBy }))
}

func (r *mutationResolver) AddEvidence(ctx context.Context, input needle.AddEvidenceInput) (*model.AddEvidencePayload, error) {
	evidence, problems, err := settle(r.Planner.AddEvidence(ctx, input))
	return &model.AddEvidencePayload{Evidence: evidence, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *painPointResolver) EvidenceFreshness(ctx context.Context, objs []*needle.PainPoint) ([]*needle.EvidenceFreshness, error) {
	return r.evidenceFreshness(ctx, objs)
}

func (r *Resolver) Evidence() generated.EvidenceResolver { return &evidenceResolver{r} }

type evidenceResolver struct{ *Resolver }
