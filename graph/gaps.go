package graph

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

func teamID(t *needle.Team) needle.TeamID { return t.ID }

// gaps lists the gaps of a level of teams.
func (r *Resolver) gaps(ctx context.Context, objs []*needle.Team, cycleID string, since, asOf *time.Time, kinds []needle.GapKind) ([]*needle.GapReport, error) {
	evidence, err := r.teamEvidence(ctx, objs, cycleID, since, asOf)
	if err != nil {
		return nil, err
	}
	return keys(evidence, func(e *impact.Evidence) *needle.GapReport { return e.GapReport(kinds) }), nil
}

// teamEvidence gathers what was known of the work and results of each team of a level in a cycle.
func (r *Resolver) teamEvidence(ctx context.Context, objs []*needle.Team, cycleID string, since, asOf *time.Time) ([]*impact.Evidence, error) {
	cycle, window, now, err := r.window(cycleID, since, asOf)
	if err != nil {
		return nil, err
	}
	facts, err := r.scope(ctx).AttributionFacts(ctx, keys(objs, teamID), cycle, window, now)
	if err != nil {
		return nil, about("cycleId", err)
	}
	return keys(objs, func(t *needle.Team) *impact.Evidence { return impact.Gather(facts.Of(t)) }), nil
}
