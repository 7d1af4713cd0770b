package graph

import (
	"context"
	"fmt"
	"time"

	"github.com/needle-okr/needle/graph/model"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *issueResolver) UnobservedSince(ctx context.Context, objs []*needle.Issue) ([]*time.Time, error) {
	panic(fmt.Errorf("not implemented: UnobservedSince - unobservedSince"))
}

func (r *mutationResolver) CheckConnection(ctx context.Context, input needle.CheckConnectionInput) (*model.CheckConnectionPayload, error) {
	panic(fmt.Errorf("not implemented: CheckConnection - checkConnection"))
}

func (r *mutationResolver) AvailableSources(ctx context.Context, input needle.AvailableSourcesInput) (*model.AvailableSourcesPayload, error) {
	panic(fmt.Errorf("not implemented: AvailableSources - availableSources"))
}

func (r *mutationResolver) RemoveSource(ctx context.Context, input needle.RemoveSourceInput) (*model.RemoveSourcePayload, error) {
	panic(fmt.Errorf("not implemented: RemoveSource - removeSource"))
}
