package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *objectiveResolver) Hints(ctx context.Context, objs []*needle.Objective) ([][]*needle.WritingHint, error) {
	return r.hints(ctx, objs)
}

func (r *queryResolver) WritingHints(ctx context.Context, draft needle.WritingDraft) ([]*needle.WritingHint, error) {
	return draft.Hints()
}
