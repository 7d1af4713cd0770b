package store

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// CalibrationFacts reads everything that calibrations of some teams are computed from as of an instant, in nine statements
// however many teams there are; CalibrationFacts.ByTeam cuts them. Cycles that began before needle.CalibrationSince are left
// out.
func (s Scope) CalibrationFacts(ctx context.Context, teams []needle.TeamID, asOf time.Time) (needle.CalibrationFacts, error) {
	var f needle.CalibrationFacts
	policy, err := s.Policy(ctx)
	if err != nil {
		return f, err
	}
	f.Policy, f.Since, f.AsOf = policy.AttributionPolicy, needle.CalibrationSince(asOf), asOf
	sh := shapeOf[needle.Cycle](nil)
	f.Cycles, err = readRows[needle.Cycle](ctx, s, sh, "SELECT "+sh.columns+` FROM cycles AS t
		WHERE t.workspace_id = ?0 AND t.starts_on >= ?1 AND t.id IN (
			SELECT k.cycle_id FROM key_results AS k WHERE k.workspace_id = ?0 AND k.team_id = ANY(?2::uuid[])
		) ORDER BY t.starts_on, t.id`, s.workspace, needle.NewDate(f.Since), uuids(distinct(raw(teams))))
	if err != nil {
		return f, err
	}
	cycles := make([]needle.CycleID, len(f.Cycles))
	for i, c := range f.Cycles {
		cycles[i] = c.ID
	}
	if f.KeyResults, err = s.keyResultsToReview(ctx, teams, cycles...); err != nil {
		return f, err
	}
	return f, s.attributionFacts(ctx, &f.AttributionFacts, nil)
}
