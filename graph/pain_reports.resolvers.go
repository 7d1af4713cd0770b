package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) ReportPainPoint(ctx context.Context, input needle.ReportPainPointInput) (*model.ReportPainPointPayload, error) {
	painReport, problems, err := settle(r.Planner.ReportPainPoint(ctx, input))
	return &model.ReportPainPointPayload{PainReport: painReport, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *painPointResolver) Reports(ctx context.Context, objs []*needle.PainPoint, first *int, after *string, last *int, before *string, filter *needle.PainReportFilter, orderBy []*needle.Order[needle.PainReportOrderField]) ([]*needle.Page[*needle.PainReport], error) {
	return r.scope(ctx).PainReportsByPainPoint(ctx, keys(objs, func(p *needle.PainPoint) needle.PainPointID { return p.ID }), list(r.Resolver, first, after, last, before, filter, orderBy))
}

func (r *painReportResolver) PainPoint(ctx context.Context, objs []*needle.PainReport) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, keys(objs, func(p *needle.PainReport) needle.PainPointID { return p.PainPointID }))
}

func (r *painReportResolver) Evidence(ctx context.Context, objs []*needle.PainReport) ([]*needle.Evidence, error) {
	return r.scope(ctx).EvidenceByID(ctx, maybe(objs, func(p *needle.PainReport) *needle.EvidenceID { return p.EvidenceID }))
}

func (r *painReportResolver) CreatedBy(ctx context.Context, objs []*needle.PainReport) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(p *needle.PainReport) needle.UserID { return p.CreatedBy }))
}

func (r *Resolver) PainReport() generated.PainReportResolver { return &painReportResolver{r} }

type painReportResolver struct{ *Resolver }
