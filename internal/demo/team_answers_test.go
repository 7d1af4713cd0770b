package demo

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// teamAnswers demands that what is told of teams from attribution has something to tell: gaps of several kinds, a team whose
// deliveries line up with movement and one of which it cannot be told yet, and bets that hoped for too much.
func (s seeded) teamAnswers(t *testing.T) {
	t.Helper()
	name, first := thisCycle, needle.PageArgs{First: new(needle.MaxPage)}
	page, err := s.scope.Teams(t.Context(), store.TeamList{PageArgs: first, OrderBy: []*needle.Order[needle.TeamOrderField]{{Field: needle.TeamByKey}}})
	teams := all(t, page, err)
	cycles, err := s.scope.Cycles(t.Context(), store.CycleList{Filter: &needle.CycleFilter{Name: &needle.StringComparator{Eq: &name}}})
	if err != nil || len(teams) != 2 || teams[1].Key != payTeam {
		t.Fatal(teams, err)
	}
	ids := []needle.TeamID{teams[0].ID, teams[1].ID}
	facts, err := s.scope.AttributionFacts(t.Context(), ids, cycles.Nodes[0].ID, needle.ReviewWindow{}, s.now)
	if err != nil {
		t.Fatal(err)
	}
	want := []map[needle.GapKind]int{{needle.GapStarved: 2, needle.GapLateWork: 1}, {needle.GapStarved: 2, needle.GapRetroFit: 1}}
	for i, team := range teams {
		e := impact.Gather(facts.Of(team))
		if diff := cmp.Diff(want[i], count(e.GapReport(nil).Gaps, func(g *needle.Gap) needle.GapKind { return g.Kind })); diff != "" {
			t.Errorf("gaps of %s (-want +got):\n%s", team.Key, diff)
		}
		switch l := e.LineUp(1); {
		case team.Key == payTeam && (l.Percentile == nil || *l.Percentile < 90):
			t.Errorf("the deliveries of %s do not line up: %+v", team.Key, l)
		case team.Key != payTeam && (l.Percentile != nil || l.Note == ""):
			t.Errorf("the line-up of %s can tell: %+v", team.Key, l)
		}
	}
	bets, err := s.scope.CalibrationFacts(t.Context(), ids, s.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range impact.Calibrations(teams, bets) {
		if len(c.Cycles) != 2 || c.Judged < 2 || c.Forecasts == 0 || c.RealisedToExpected == nil || *c.RealisedToExpected > 0.9 {
			t.Errorf("calibration of %s: %+v", c.Team.Key, c)
		}
	}
	earlier, err := s.scope.KeyResults(t.Context(), store.KeyResultList{Filter: &needle.KeyResultFilter{Title: &needle.StringComparator{Contains: new("technical reasons")}}})
	if err != nil || len(earlier.Nodes) != 1 {
		t.Fatal(earlier, err)
	}
	errorRate, err := s.scope.KeyResultFacts(t.Context(), []needle.KeyResultID{earlier.Nodes[0].ID}, s.now)
	if err != nil {
		t.Fatal(err)
	}
	said := impact.Gather(errorRate).Attributions()
	if len(said) != 1 || *said[0].Grade != needle.GradeSoleCandidate || said[0].Verdict.Verdict != needle.VerdictInside {
		t.Errorf("of the work of the cycle before it is said: %v", said)
	}
}
