package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

func (r *queryResolver) SimilarPainPoints(ctx context.Context, title string, description *string, first int, excluding *string) ([]*needle.SimilarPainPoint, error) {
	return r.similar(ctx, needle.SimilarArgs{Title: title, Description: description, First: first}, excluding)
}
