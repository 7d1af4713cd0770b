package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/textdiff"
)

func commentID(c *needle.Comment) needle.CommentID { return c.ID }

// suggestible reads what each suggestion would change.
func (r *Resolver) suggestible(ctx context.Context, objs []*needle.Suggestion) ([]needle.Node, error) {
	return readNodes(ctx, r.scope(ctx), keys(objs, func(s *needle.Suggestion) string { return s.SubjectID }))
}

// stale says which suggestions cannot be accepted any more.
func (r *Resolver) stale(ctx context.Context, objs []*needle.Suggestion) ([]bool, error) {
	subjects, err := r.suggestible(ctx, objs)
	if err != nil {
		return nil, err
	}
	out := make([]bool, len(objs))
	for i, s := range objs {
		subject, ok := subjects[i].(needle.Suggestible)
		out[i] = ok && s.Stale(subject)
	}
	return out, nil
}

// diffs shows the way of each change word by word.
func diffs(objs []*needle.SuggestedChange) [][]*needle.DiffPart {
	out := make([][]*needle.DiffPart, len(objs))
	for i, c := range objs {
		out[i] = textdiff.Words(c.From, c.To)
	}
	return out
}
