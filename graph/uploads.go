package graph

import (
	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

// uploadFilePayload answers what became of an upload; done is nil when it was refused.
func uploadFilePayload(done *needle.UploadResult, problems []*needle.Error, mark *string) *model.UploadFilePayload {
	out := &model.UploadFilePayload{UserErrors: problems, ClientMutationID: mark}
	if done != nil {
		out.Upload, out.Source, out.Changed, out.Report = done.Upload, done.Source, done.Changed, done.Report
	}
	return out
}
