package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// freshness says which evidence still speaks for the present, by the workspace's policy.
func (r *Resolver) freshness(ctx context.Context, objs []*needle.Evidence) ([]bool, error) {
	policy, err := r.scope(ctx).Policy(ctx)
	if err != nil {
		return nil, err
	}
	now, out := r.Now(), make([]bool, len(objs))
	for i, e := range objs {
		out[i] = e.Fresh(policy, now)
	}
	return out, nil
}

// evidenceFreshness counts what freshness says about all evidence of each pain point.
func (r *Resolver) evidenceFreshness(ctx context.Context, objs []*needle.PainPoint) ([]*needle.EvidenceFreshness, error) {
	s := r.scope(ctx)
	policy, err := s.Policy(ctx)
	if err != nil {
		return nil, err
	}
	return s.EvidenceFreshness(ctx, keys(objs, func(p *needle.PainPoint) needle.PainPointID { return p.ID }), policy.FreshSince(r.Now()))
}

// similar finds what may be the same as what somebody is writing.
func (r *Resolver) similar(ctx context.Context, in needle.SimilarArgs, excluding *string) ([]*needle.SimilarPainPoint, error) {
	if excluding != nil {
		id, err := needle.ParsePainPointID(*excluding)
		if err != nil {
			return nil, about("excluding", err)
		}
		in.Excluding = &id
	}
	return r.scope(ctx).SimilarPainPoints(ctx, in)
}
