package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/graph/generated"
	"github.com/needle-okr/needle/internal/needle"
)

func (r *lineBreakResolver) Subject(ctx context.Context, objs []*needle.LineBreak) ([]needle.Node, error) {
	return readNodes(ctx, r.scope(ctx), keys(objs, func(b *needle.LineBreak) string { return b.SubjectID }))
}

func (r *lineObjectiveResolver) Objective(ctx context.Context, objs []*needle.LineObjective) ([]*needle.Objective, error) {
	return r.scope(ctx).ObjectivesByID(ctx, keys(objs, func(o *needle.LineObjective) needle.ObjectiveID { return o.ObjectiveID }))
}

func (r *lineOfSightResolver) KeyResults(ctx context.Context, objs []*needle.LineOfSight) ([][]*needle.KeyResult, error) {
	return unfold(ctx, objs, func(l *needle.LineOfSight) []needle.KeyResultID { return l.KeyResultIDs }, r.scope(ctx).KeyResultsByID)
}

func (r *lineOfSightResolver) Issues(ctx context.Context, objs []*needle.LineOfSight) ([][]*needle.Issue, error) {
	return unfold(ctx, objs, func(l *needle.LineOfSight) []needle.IssueID { return l.IssueIDs }, r.scope(ctx).IssuesByID)
}

func (r *linePainPointResolver) PainPoint(ctx context.Context, objs []*needle.LinePainPoint) ([]*needle.PainPoint, error) {
	return r.scope(ctx).PainPointsByID(ctx, keys(objs, func(p *needle.LinePainPoint) needle.PainPointID { return p.PainPointID }))
}

func (r *lineWorkResolver) Item(ctx context.Context, objs []*needle.LineWork) ([]*needle.BacklogItem, error) {
	return r.scope(ctx).BacklogItemsByID(ctx, keys(objs, func(w *needle.LineWork) needle.BacklogItemID { return w.ItemID }))
}

func (r *workspaceResolver) LineOfSight(ctx context.Context, objs []*needle.Workspace, from needle.LineOfSightFrom, asOf *time.Time) ([]*needle.LineOfSight, error) {
	return r.linesOfSight(ctx, objs, from, asOf)
}

func (r *Resolver) LineBreak() generated.LineBreakResolver { return &lineBreakResolver{r} }

func (r *Resolver) LineObjective() generated.LineObjectiveResolver { return &lineObjectiveResolver{r} }

func (r *Resolver) LineOfSight() generated.LineOfSightResolver { return &lineOfSightResolver{r} }

func (r *Resolver) LinePainPoint() generated.LinePainPointResolver { return &linePainPointResolver{r} }

func (r *Resolver) LineWork() generated.LineWorkResolver { return &lineWorkResolver{r} }

type (
	lineBreakResolver     struct{ *Resolver }
	lineObjectiveResolver struct{ *Resolver }
	lineOfSightResolver   struct{ *Resolver }
	linePainPointResolver struct{ *Resolver }
	lineWorkResolver      struct{ *Resolver }
)
