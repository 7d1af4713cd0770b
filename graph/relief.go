package graph

import (
	"context"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// reliefs compares the reports of each pain point before and after the work on it.
func (r *Resolver) reliefs(ctx context.Context, objs []*needle.PainPoint, input *needle.ReliefInput) ([]*needle.Relief, error) {
	if input == nil {
		input = new(needle.ReliefInput)
	}
	now := r.Now()
	if err := input.Validate(now); err != nil {
		return nil, err
	}
	if input.AsOf != nil {
		now = *input.AsOf
	}
	facts, err := r.scope(ctx).LadderFacts(ctx, keys(objs, painPointID), now)
	if err != nil {
		return nil, err
	}
	out := make([]*needle.Relief, len(objs))
	for i, p := range objs {
		out[i] = impact.Relief(facts, p.ID, *input, now)
	}
	return out, nil
}

// estimates compares the spans of each relief check.
func estimates(objs []*needle.ReliefCheck) []*needle.ReliefEstimate {
	out := make([]*needle.ReliefEstimate, len(objs))
	for i, c := range objs {
		out[i] = impact.RateRatio(c.Before, c.After, impact.ReliefConfidence)
	}
	return out
}

func rootID(p *needle.PainPoint) needle.PainPointID { return p.RootID }

// reliefAnswers counts what reporters said last, those of a duplicate with the pain point it was merged into.
func (r *Resolver) reliefAnswers(ctx context.Context, objs []*needle.PainPoint) ([]*needle.ReliefAnswers, error) {
	found, err := r.scope(ctx).ReliefAnswersOf(ctx, keys(objs, rootID))
	return spread(objs, rootID, found, err)
}
