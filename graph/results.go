package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// What key results and objectives come to, each for a whole level at once.

func objectiveID(o *needle.Objective) needle.ObjectiveID { return o.ID }

// clocks is the instant as of which each key result is graded: now, or when its objective was closed.
func (r *Resolver) clocks(ctx context.Context, objs []*needle.KeyResult) ([]time.Time, []*needle.Objective, error) {
	found, err := r.scope(ctx).ObjectivesByID(ctx, keys(objs, func(k *needle.KeyResult) needle.ObjectiveID { return k.ObjectiveID }))
	if err != nil {
		return nil, nil, err
	}
	now, out := r.Now(), make([]time.Time, len(objs))
	for i, o := range found {
		out[i] = o.Clock(now)
	}
	return out, found, nil
}

func (r *Resolver) overdue(ctx context.Context, objs []*needle.KeyResult) ([]bool, error) {
	clocks, _, err := r.clocks(ctx, objs)
	out := make([]bool, len(objs))
	for i, at := range clocks {
		out[i] = objs[i].Overdue(at)
	}
	return out, err
}

func (r *Resolver) overdueDays(ctx context.Context, objs []*needle.KeyResult) ([]int, error) {
	clocks, _, err := r.clocks(ctx, objs)
	out := make([]int, len(objs))
	for i, at := range clocks {
		out[i] = objs[i].OverdueDays(at)
	}
	return out, err
}

// dueAt is when each next check-in falls due; null where no more is wanted.
func (r *Resolver) dueAt(ctx context.Context, objs []*needle.KeyResult) ([]*time.Time, error) {
	_, of, err := r.clocks(ctx, objs)
	out := make([]*time.Time, len(objs))
	for i, o := range of {
		if o.State != needle.ObjectiveClosed {
			at := objs[i].DueAt()
			out[i] = &at
		}
	}
	return out, err
}

// cycles reads the cycle of each key result.
func (r *Resolver) cycles(ctx context.Context, objs []*needle.KeyResult) ([]*needle.Cycle, error) {
	return r.scope(ctx).CyclesByID(ctx, keys(objs, func(k *needle.KeyResult) needle.CycleID { return k.CycleID }))
}

// paces is the share of the way each key result should have gone by its clock.
func (r *Resolver) paces(ctx context.Context, objs []*needle.KeyResult) ([]float64, error) {
	paces, _, err := r.graded(ctx, objs)
	return paces, err
}

// graded is what key results are graded by: their paces and their clocks.
func (r *Resolver) graded(ctx context.Context, objs []*needle.KeyResult) ([]float64, []time.Time, error) {
	clocks, _, err := r.clocks(ctx, objs)
	if err != nil {
		return nil, nil, err
	}
	cycles, err := r.cycles(ctx, objs)
	if err != nil {
		return nil, nil, err
	}
	paces := make([]float64, len(objs))
	for i, c := range cycles {
		paces[i] = impact.Pace(c, clocks[i])
	}
	return paces, clocks, nil
}

func (r *Resolver) healths(ctx context.Context, objs []*needle.KeyResult) ([]needle.Health, error) {
	paces, clocks, err := r.graded(ctx, objs)
	if err != nil {
		return nil, err
	}
	out := make([]needle.Health, len(objs))
	for i, k := range objs {
		out[i] = k.Health(paces[i], clocks[i])
	}
	return out, nil
}

func (r *Resolver) forecasts(ctx context.Context, objs []*needle.KeyResult) ([]*needle.Forecast, error) {
	cycles, err := r.cycles(ctx, objs)
	if err != nil {
		return nil, err
	}
	checkIns, err := r.scope(ctx).CheckInHistories(ctx, keys(objs, keyResultID))
	if err != nil {
		return nil, err
	}
	now, out := r.Now(), make([]*needle.Forecast, len(objs))
	for i, k := range objs {
		out[i] = impact.Forecast(impact.NewSeries(checkIns[k.ID], now), cycles[i].End())
	}
	return out, nil
}

// past works something out of each key result's check-ins and goals as known at an instant.
func past[V any](ctx context.Context, r *Resolver, objs []*needle.KeyResult, asOf *time.Time, work func([]*needle.CheckIn, []*needle.GoalVersion, time.Time) V) (map[needle.KeyResultID]V, error) {
	at, err := needle.KnownAt(asOf, r.Now())
	if err != nil {
		return nil, err
	}
	ids := keys(objs, keyResultID)
	checkIns, err := r.scope(ctx).CheckInHistories(ctx, ids)
	if err != nil {
		return nil, err
	}
	goals, err := r.scope(ctx).GoalHistories(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[needle.KeyResultID]V, len(ids))
	for _, id := range ids {
		out[id] = work(checkIns[id], goals[id], at)
	}
	return out, nil
}

// breaches are the spans that guards lay outside their bands; other key results have no band to lie outside of.
func (r *Resolver) breaches(ctx context.Context, objs []*needle.KeyResult, asOf *time.Time, last int) ([][]*needle.Breach, error) {
	found, err := past(ctx, r, objs, asOf, impact.Breaches)
	return latest(objs, keyResultID, found, last, err)
}

func (r *Resolver) progressParts(ctx context.Context, objs []*needle.KeyResult, asOf *time.Time) ([]*needle.ProgressParts, error) {
	found, err := past(ctx, r, objs, asOf, impact.Parts)
	return spread(objs, keyResultID, found, err)
}

// progress is the weighted mean of each objective's key results; null while none of them has one.
func (r *Resolver) progress(ctx context.Context, objs []*needle.Objective) ([]*float64, error) {
	found, err := r.scope(ctx).KeyResultsOfAll(ctx, keys(objs, objectiveID))
	if err != nil {
		return nil, err
	}
	out := make([]*float64, len(objs))
	for i, o := range objs {
		if p := impact.Progress(found[o.ID]); p != nil {
			out[i] = &p.Mean
		}
	}
	return out, nil
}

// scorings is what closing each objective gave, or would give now.
func (r *Resolver) scorings(ctx context.Context, objs []*needle.Objective) ([]*needle.Scoring, error) {
	found, err := r.scope(ctx).KeyResultsOfAll(ctx, keys(objs, objectiveID))
	if err != nil {
		return nil, err
	}
	out := make([]*needle.Scoring, len(objs))
	for i, o := range objs {
		out[i] = impact.Scoring(o, found[o.ID])
	}
	return out, nil
}

// rollUps sums up each objective with all that serves it.
func (r *Resolver) rollUps(ctx context.Context, objs []*needle.Objective) ([]*needle.RollUp, error) {
	s := r.scope(ctx)
	serving, err := s.ObjectivesServing(ctx, keys(objs, objectiveID))
	if err != nil {
		return nil, err
	}
	var all []*needle.Objective
	for _, below := range serving {
		all = append(all, below...)
	}
	keyResults, err := s.KeyResultsOfAll(ctx, keys(all, objectiveID))
	if err != nil {
		return nil, err
	}
	found, err := s.CyclesByID(ctx, keys(all, func(o *needle.Objective) needle.CycleID { return o.CycleID }))
	if err != nil {
		return nil, err
	}
	cycles := make(map[needle.CycleID]*needle.Cycle, len(found))
	for _, c := range found {
		cycles[c.ID] = c
	}
	now, out := r.Now(), make([]*needle.RollUp, len(objs))
	for i, o := range objs {
		out[i] = impact.RollUp(serving[o.ID], keyResults, cycles, now)
	}
	return out, nil
}
