package demo

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// goal is an objective of the story and its key results.
type goal struct {
	key, team, cycle, by string
	title, text          string
	day                  int // when it was drafted
	proposed, agreed     int // never when it was not
	pains                []string
	serves               string // the objective it serves; empty for none
	servesResult         string // the key result it serves; empty for none
	results              []result
	outcome              needle.ObjectiveOutcome // empty while it is open
	retrospective        string
}

// result is a key result of the story. Its kind, direction and indicator are the usual ones when empty.
type result struct {
	key, title, wording string
	kind                needle.KeyResultKind
	direction           needle.Direction
	indicator           needle.Indicator
	unit                string
	goal                needle.GoalInput
	owner               string
	weight              float64 // 1 when 0
	cadence             int     // days; weekly when 0
	lagMin, lagMax      int     // days
	series              series
	change              *newGoal
	label               string // the tracker's label that links work to it; empty for none
	labelRole           needle.ContributionRole
}

// newGoal is a change of a key result's numbers.
type newGoal struct {
	day    int
	goal   needle.GoalInput
	reason string
}

// never is a day that does not come.
const never = 10_000

func (s *story) writeResults() {
	for _, g := range append(append(previousGoals(), checkoutGoals()...), onboardingGoals()...) {
		s.writeGoal(g)
		for i, r := range g.results {
			s.writeResult(g, r, float64(i))
		}
	}
}

func (s *story) writeGoal(g goal) {
	s.plan(g.day, 10, g.by, func(ctx context.Context) error {
		in := needle.CreateObjectiveInput{TeamID: s.teams[g.team].ID, CycleID: s.cycles[g.cycle].ID, Title: g.title, Description: &g.text}
		for _, p := range g.pains {
			in.PainPointIDs = append(in.PainPointIDs, s.pains[p].ID)
		}
		if o := s.objectives[g.serves]; o != nil {
			in.ParentObjectiveID = &o.ID
		}
		if k := s.keyResults[g.servesResult]; k != nil {
			in.ParentKeyResultID = &k.ID
		}
		return keep(s.objectives, g.key)(s.planner.CreateObjective(ctx, in))
	})
	s.moveGoal(g.proposed, g.by, g, needle.ObjectiveProposed)
	s.signGoal(g, g.agreed)
	s.moveGoal(g.agreed, owner, g, needle.ObjectiveAgreed)
	if g.outcome != "" {
		s.moveGoal(3, owner, g, needle.ObjectiveClosed)
	}
}

// stakeholder is the person who signs every goal for those who need the results.
const stakeholder = "ruth"

// signers are those who sign a team's goals for the team and for its leaders.
var signers = map[string][]string{payTeam: {"ines", "tobias"}, onbTeam: {"priya", "samuel"}}

// signGoal lets the people the policy asks for approve a goal on a day.
func (s *story) signGoal(g goal, day int) {
	s.plan(day, 11, g.by, func(ctx context.Context) error {
		_, err := s.planner.InviteParticipants(ctx, needle.InviteParticipantsInput{
			ObjectiveID: s.objectives[g.key].ID, Participants: []*needle.ParticipantInput{{UserID: s.people[stakeholder].ID}},
		})
		return err
	})
	for i, who := range append([]string{stakeholder}, signers[g.team]...) {
		s.plan(day, 12+float64(i), who, func(ctx context.Context) error {
			o, err := s.scope.Objective(ctx, s.objectives[g.key].ID)
			if err != nil {
				return err
			}
			_, err = s.planner.SignOff(ctx, needle.SignOffInput{ObjectiveID: o.ID, Revision: o.Revision, Verdict: needle.SignOffApprove})
			return err
		})
	}
}

func (s *story) moveGoal(d int, by string, g goal, to needle.ObjectiveState) {
	s.plan(d, 16, by, func(ctx context.Context) error {
		in := needle.MoveObjectiveInput{ID: s.objectives[g.key].ID, To: to}
		if to == needle.ObjectiveClosed {
			in.Outcome, in.Retrospective = &g.outcome, &g.retrospective
		}
		_, err := s.planner.MoveObjective(ctx, in)
		return err
	})
}

// resultDelay is how many days after its objective a key result is written.
const resultDelay = 2

func (s *story) writeResult(g goal, r result, place float64) {
	written := g.day + resultDelay
	s.plan(written, 10+place/10, g.by, func(ctx context.Context) error {
		in := needle.CreateKeyResultInput{
			ObjectiveID: s.objectives[g.key].ID, Title: r.title, Wording: optional(r.wording), Kind: optional(r.kind),
			Direction: optional(r.direction), Indicator: optional(r.indicator), Unit: optional(r.unit), Goal: r.goal,
			Weight: optional(r.weight), CadenceDays: optional(r.cadence), LagMinDays: &r.lagMin, LagMaxDays: &r.lagMax,
		}
		if u := s.people[r.owner]; u != nil {
			in.OwnerID = &u.ID
		}
		return keep(s.keyResults, r.key)(s.planner.CreateKeyResult(ctx, in))
	})
	if c := r.change; c != nil {
		s.plan(c.day, 14, r.owner, func(ctx context.Context) error {
			_, err := s.planner.ChangeGoal(ctx, needle.ChangeGoalInput{ID: s.keyResults[r.key].ID, Goal: c.goal, Reason: c.reason})
			return err
		})
		// New numbers are signed anew.
		s.signGoal(g, c.day+1)
		s.moveGoal(c.day+1, owner, g, needle.ObjectiveAgreed)
	}
	if r.label != "" {
		s.plan(written, 12+place/10, g.by, func(ctx context.Context) error {
			_, err := s.planner.CreateLinkRule(ctx, needle.CreateLinkRuleInput{
				Pattern: r.label, KeyResultID: s.keyResults[r.key].ID, Bet: &needle.BetInput{Role: optional(r.labelRole)},
			})
			return err
		})
	}
	s.writeCheckIns(r, written)
}
