package demo

import (
	"context"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// writeTogether tells how people write results together and what became of a pain: a vote in progress, comments, a
// suggestion, a proposal, ideas, a merged duplicate, and a pain that went away. The objective "codes" shows the opposite:
// one person drafted it alone.
func (s *story) writeTogether() {
	for i, g := range []struct {
		name   string
		weight float64
	}{{large, 3}, {mid, 2}, {small, 1}} {
		s.plan(-cycleDays-12, 10+float64(i), owner, func(ctx context.Context) error {
			_, err := s.planner.CreateSegment(ctx, needle.CreateSegmentInput{Name: g.name, Weight: g.weight})
			return err
		})
	}
	s.writeDuplicate()
	s.writeRelief()
	s.writeIdeas()
	s.writeDiscussion()
	s.writeVote()
}

// writeDuplicate captures a pain twice and merges the two.
func (s *story) writeDuplicate() {
	s.plan(26, 11, "carla", func(ctx context.Context) error {
		return keep(s.pains, "address-again")(s.planner.CreatePainPoint(ctx, needle.CreatePainPointInput{
			Title: "The address has to be typed twice", Category: optional(needle.CategoryComplexity), Severity: optional(4),
			Evidence: []*needle.EvidenceInput{s.evidence(proof{
				needle.EvidenceTicket, "Why do you ask where I live when you just did?", "Copperleaf Tools", large, 26, "carla",
			})},
		}))
	})
	s.plan(27, 9, "jonas", func(ctx context.Context) error {
		_, err := s.planner.MergePainPoints(ctx, needle.MergePainPointsInput{
			From: s.pains["address-again"].ID, Into: s.pains["address"].ID, Note: optional("The same two forms."),
		})
		return err
	})
}

// vault is the day on which the work of the previous cycle took effect.
const vault = -35

// writeRelief captures a pain of the previous cycle, lets customers report it less and less, and looks whether it is gone.
func (s *story) writeRelief() {
	s.plan(-cycleDays-11, 10, "jonas", func(ctx context.Context) error {
		return keep(s.pains, "errors")(s.planner.CreatePainPoint(ctx, needle.CreatePainPointInput{
			Title: "Payments break off for no reason a shopper can see", Category: optional(needle.CategoryQuality), Severity: optional(4),
		}))
	})
	report := func(n, d int) {
		s.plan(d, 15, "jonas", func(ctx context.Context) error {
			at := s.at(d, 14)
			_, err := s.planner.ReportPainPoint(ctx, needle.ReportPainPointInput{
				PainPointID: s.pains["errors"].ID, Reporter: "Shop " + strconv.Itoa(n), Segment: optional(small), ReportedAt: &at,
			})
			return err
		})
	}
	for n := range 22 {
		report(n, vault-29+n)
	}
	for n, d := range []int{vault + 6, vault + 15, vault + 23, vault + 24} {
		report(n, d)
	}
	s.plan(4, 11, "jonas", func(ctx context.Context) error {
		_, err := s.planner.CheckRelief(ctx, needle.CheckReliefInput{
			PainPointID: s.pains["errors"].ID, Relieved: true, ExposureUnit: optional("payments"),
			Before: needle.ReliefSpanInput{From: s.at(vault-29, 0), To: s.at(vault, 0), Exposure: optional(61_400.0)},
			After:  needle.ReliefSpanInput{From: s.at(vault, 0), To: s.at(vault+29, 0), Exposure: optional(66_800.0)},
			Note:   optional("What is left are two shops with a plug-in of their own."),
		})
		return err
	})
}

// writeIdeas raises an idea that is open and one that is parked.
func (s *story) writeIdeas() {
	s.plan(14, 10, "ruth", func(ctx context.Context) error {
		_, err := s.planner.RaiseIdea(ctx, needle.RaiseIdeaInput{
			Title: "Show the refund's way like a parcel's", PainPointID: &s.pains["refunds"].ID,
		})
		return err
	})
	var parked *needle.Idea
	s.plan(16, 10, "carla", func(ctx context.Context) (err error) {
		parked, err = s.planner.RaiseIdea(ctx, needle.RaiseIdeaInput{
			Title: "Call every new shop in its first week", PainPointID: &s.pains["next-step"].ID,
		})
		return err
	})
	s.plan(19, 15, "samuel", func(ctx context.Context) error {
		_, err := s.planner.ParkIdea(ctx, needle.ParkIdeaInput{ID: parked.ID, Reason: "Two people cannot call forty shops a week; we learn first what they would ask."})
		return err
	})
}

// discussed is the objective that is proposed and not agreed yet.
const discussed = "next"

// writeDiscussion lets people speak about the proposed objective, and offer changes of it.
func (s *story) writeDiscussion() {
	s.plan(48, 10, "ruth", func(ctx context.Context) error {
		_, err := s.planner.AddComment(ctx, needle.AddCommentInput{
			SubjectID: s.objectives[discussed].ID.String(),
			Body:      "Does this hold for shops that were set up by an agency? [@Priya](" + s.people["priya"].ID.String() + "), do we know?",
		})
		return err
	})
	s.plan(49, 9, "samuel", func(ctx context.Context) error {
		_, err := s.planner.SuggestObjective(ctx, needle.SuggestObjectiveInput{
			ObjectiveID: s.objectives[discussed].ID, Title: optional("Every shop owner knows the next step and why it comes next"),
			Rationale: optional("A list without reasons is what we had before."),
		})
		return err
	})
	s.plan(49, 14, "carla", func(ctx context.Context) error {
		_, err := s.planner.ProposeKeyResult(ctx, needle.ProposeKeyResultInput{
			ObjectiveID: s.objectives[discussed].ID, Title: "Questions per new shop about what to do next", Unit: optional("questions/shop"),
			Direction: optional(needle.DirectionDecrease), Goal: needle.GoalInput{Baseline: optional(2.4), Target: optional(1.0)},
			Rationale: optional("It is what we hear on the phone."),
		})
		return err
	})
}

// writeVote opens a hidden vote that is still in progress.
func (s *story) writeVote() {
	var vote *needle.Vote
	s.plan(50, 10, "priya", func(ctx context.Context) (err error) {
		vote, err = s.planner.OpenVote(ctx, needle.OpenVoteInput{SubjectID: s.objectives[discussed].ID.String()})
		return err
	})
	for i, b := range []struct {
		who    string
		value  int
		reason string
	}{{"lena", 5, ""}, {"ruth", 2, "Nobody has asked an agency."}, {"priya", 4, ""}} {
		s.plan(51, 10+float64(i), b.who, func(ctx context.Context) error {
			_, err := s.planner.CastBallot(ctx, needle.CastBallotInput{VoteID: vote.ID, Value: b.value, Reason: optional(b.reason)})
			return err
		})
	}
}
