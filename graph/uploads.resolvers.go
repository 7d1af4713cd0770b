package graph

import (
	"context"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *mutationResolver) UploadFile(ctx context.Context, input needle.UploadFileInput) (*model.UploadFilePayload, error) {
	result, problems, err := settle(r.Syncing.UploadFile(ctx, input))
	return &model.UploadFilePayload{Result: result, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *mutationResolver) PreviewUpload(ctx context.Context, input needle.PreviewUploadInput) (*model.PreviewUploadPayload, error) {
	report, problems, err := settle(r.Syncing.PreviewUpload(ctx, input))
	return &model.PreviewUploadPayload{Report: report, UserErrors: problems, ClientMutationID: input.ClientMutationID}, err
}

func (r *uploadResolver) UploadedBy(ctx context.Context, objs []*needle.Upload) ([]*needle.User, error) {
	return r.scope(ctx).UsersByID(ctx, keys(objs, func(u *needle.Upload) needle.UserID { return u.UploadedBy }))
}

func (r *Resolver) Upload() generated.UploadResolver { return &uploadResolver{r} }

type uploadResolver struct{ *Resolver }
