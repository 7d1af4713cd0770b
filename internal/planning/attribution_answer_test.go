package planning_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// attributed is what an API would tell of one link, but for what has no history: the words, weights and columns of items and key
// results are as they are now.
type attributed struct {
	Item, KeyResult                              string
	Link                                         *needle.Contribution
	Grade                                        *needle.Grade
	Explanation                                  string
	Bet                                          *needle.LockedBet
	DeliveredAt, OpensAt, EndsAt, LatestAt, Read *time.Time
	Movement                                     *needle.WindowMovement
	Drift                                        *needle.Trend
	Signal                                       *needle.Signal
	Candidates, Unlinked, BaselinePoints         int
	Events                                       []*needle.OutsideEvent
	Doubts                                       []needle.Doubt
	Missing                                      []needle.Missing
	Bounds                                       *needle.Bounds
	Verdict                                      *needle.BetVerdict
	Experiment                                   *needle.Experiment
}

// toldOf renders all that an API would tell of the links of some key results and of their values, a line for each thing.
func toldOf(t testing.TB, f needle.AttributionFacts) string {
	t.Helper()
	e := impact.Gather(f)
	var b strings.Builder
	for _, a := range e.Attributions() {
		tell(t, &b, "link", attributed{
			Item: a.Item.Key(), KeyResult: a.KeyResult.Key(), Link: a.Contribution, Grade: a.Grade, Explanation: a.Explanation(), Bet: a.Bet,
			DeliveredAt: a.DeliveredAt, OpensAt: a.OpensAt, EndsAt: a.EndsAt, LatestAt: a.LatestAt, Read: a.TrackerReadAt,
			Movement: a.Movement, Drift: a.Drift, Signal: a.Signal, Candidates: a.Candidates, Unlinked: a.Unlinked,
			BaselinePoints: a.BaselinePoints, Events: a.Events, Doubts: a.Doubts, Missing: a.Missing, Bounds: a.Bounds,
			Verdict: a.Verdict, Experiment: a.Experiment,
		})
	}
	for _, k := range f.KeyResults {
		if k.CreatedAt.After(f.AsOf) {
			continue // What was not written yet has nothing to tell; that it has not is in what is told of teams.
		}
		var goals []*needle.GoalVersion
		for _, g := range f.Goals {
			if g.KeyResultID == k.ID {
				goals = append(goals, g)
			}
		}
		tell(t, &b, "goal "+k.Key(), impact.GoalAsOf(goals, f.AsOf))
		tell(t, &b, "chart "+k.Key(), e.Chart(k.ID, needle.SignalRules()))
		for _, days := range []int{30, 180} {
			tell(t, &b, fmt.Sprintf("movement %s %d", k.Key(), days), e.Breakdown(k.ID, f.AsOf.AddDate(0, 0, -days), f.AsOf))
		}
	}
	return b.String()
}

// toldOfTeam renders all that an API would tell of a team's attribution.
func toldOfTeam(t testing.TB, f needle.AttributionFacts, team needle.TeamID) string {
	t.Helper()
	f = f.Of(&needle.Team{ID: team})
	e := impact.Gather(f)
	var b strings.Builder
	b.WriteString(toldOf(t, f))
	for _, g := range e.Gaps() {
		var of []string
		if g.KeyResult != nil {
			of = append(of, g.KeyResult.Key())
		}
		for _, item := range g.Items {
			of = append(of, item.Key())
		}
		tell(t, &b, "gap "+string(g.Kind)+" "+strings.Join(of, " "), g.Evidence)
	}
	tell(t, &b, "line-up", e.LineUp(7))
	tell(t, &b, "calibration", impact.Calibrate([]needle.AttributionFacts{f}))
	return b.String()
}

func tell(t testing.TB, b *strings.Builder, what string, v any) {
	t.Helper()
	b.WriteString(what + ": " + asJSON(t, v) + "\n")
}
