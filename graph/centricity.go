package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func painPointID(p *needle.PainPoint) needle.PainPointID { return p.ID }

// instant is the moment that an argument names, now when it names none.
func (r *Resolver) instant(asOf *time.Time) (time.Time, error) {
	now := r.Now()
	if err := needle.ValidateAsOf("asOf", asOf, now); err != nil {
		return now, err
	}
	if asOf == nil {
		return now, nil
	}
	return *asOf, nil
}

// centricity answers for the objectives of a team, of a cycle, of both or of all.
func (r *Resolver) centricity(ctx context.Context, teamID, cycleID *string, asOf *time.Time) (*needle.CustomerCentricity, error) {
	at, err := r.instant(asOf)
	if err != nil {
		return nil, err
	}
	var scope needle.CentricityScope
	if scope.TeamID, err = r.teamAsked(ctx, teamID); err != nil {
		return nil, err
	}
	if scope.CycleID, err = r.cycleAsked(ctx, cycleID); err != nil {
		return nil, err
	}
	facts, err := r.scope(ctx).CentricityFacts(ctx, 0, at)
	if err != nil {
		return nil, err
	}
	return impact.Centricity(facts, scope, at), nil
}

// centricityTrend answers for each of the last cycles that have begun.
func (r *Resolver) centricityTrend(ctx context.Context, teamID *string, cycles int, asOf *time.Time) ([]*needle.CentricityPoint, error) {
	at, err := r.instant(asOf)
	if err != nil {
		return nil, err
	}
	if err := needle.ValidateTrend(cycles); err != nil {
		return nil, err
	}
	team, err := r.teamAsked(ctx, teamID)
	if err != nil {
		return nil, err
	}
	facts, err := r.scope(ctx).CentricityFacts(ctx, cycles, at)
	if err != nil {
		return nil, err
	}
	return impact.CentricityTrend(facts, team, cycles, at), nil
}

// teamAsked reads the team that an argument names; nil when it names none.
func (r *Resolver) teamAsked(ctx context.Context, id *string) (*needle.TeamID, error) {
	if id == nil {
		return nil, nil //nolint:nilnil // No team asked for is every team.
	}
	team, err := needle.ParseTeamID(*id)
	if err == nil {
		_, err = r.scope(ctx).Team(ctx, team)
	}
	return &team, about("teamId", err)
}

// cycleAsked reads the cycle that an argument names; nil when it names none.
func (r *Resolver) cycleAsked(ctx context.Context, id *string) (*needle.CycleID, error) {
	if id == nil {
		return nil, nil //nolint:nilnil // No cycle asked for is every cycle.
	}
	cycle, err := needle.ParseCycleID(*id)
	if err == nil {
		_, err = r.scope(ctx).Cycle(ctx, cycle)
	}
	return &cycle, about("cycleId", err)
}

// standings says where each pain point stood on the ladder; nil in the place of those that stood nowhere.
func (r *Resolver) standings(ctx context.Context, objs []*needle.PainPoint, asOf *time.Time) ([]*needle.PainStanding, error) {
	at, err := r.instant(asOf)
	if err != nil {
		return nil, err
	}
	facts, err := r.scope(ctx).LadderFacts(ctx, keys(objs, painPointID), at)
	if err != nil {
		return nil, err
	}
	return spread(objs, painPointID, impact.Standings(facts, at), nil)
}

func (r *Resolver) rungs(ctx context.Context, objs []*needle.PainPoint, asOf *time.Time) ([]*needle.Rung, error) {
	standings, err := r.standings(ctx, objs, asOf)
	out := make([]*needle.Rung, len(objs))
	for i, s := range standings {
		if s != nil {
			out[i] = &s.Rung
		}
	}
	return out, err
}

// heaviest cuts the uncovered pain points of each answer to the first ones.
func heaviest(objs []*needle.CustomerCentricity, first int) ([][]*needle.PainStanding, error) {
	if err := needle.ValidateUncovered(first); err != nil {
		return nil, err
	}
	out := make([][]*needle.PainStanding, len(objs))
	for i, c := range objs {
		out[i] = c.UncoveredPains[:min(first, len(c.UncoveredPains))]
	}
	return out, nil
}

// traceless reads the objectives that each answer names.
func (r *Resolver) traceless(ctx context.Context, objs []*needle.CustomerCentricity) ([][]*needle.Objective, error) {
	return unfold(ctx, objs, func(c *needle.CustomerCentricity) []needle.ObjectiveID { return c.TracelessIDs }, r.scope(ctx).ObjectivesByID)
}
