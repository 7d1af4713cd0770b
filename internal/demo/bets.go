package demo

import (
	"context"
	"time"

	"github.com/needle-okr/needle/internal/needle"
)

// writeBets tells what people say about bets: an outage that lies in effect windows and was noted wrongly first, a bet that
// was lowered after work had started, and an experiment.
func (s *story) writeBets() {
	var outage []*needle.OutsideEvent
	s.plan(39, 9, "dmitri", func(ctx context.Context) error {
		from, to := s.at(38, 7), s.at(38, 11)
		var err error
		outage, err = s.planner.RecordOutsideEvent(ctx, needle.RecordOutsideEventInput{
			ObjectiveID: &s.objectives["calm"].ID, Kind: needle.EventOutage, Title: "The card network was down", From: from, To: &to,
		})
		return err
	})
	s.plan(40, 16, "dmitri", func(ctx context.Context) error {
		to := s.at(38, 20)
		_, err := s.planner.CorrectOutsideEvent(ctx, needle.CorrectOutsideEventInput{ID: outage[0].ID, To: &to, Everywhere: true})
		return err
	})
	s.plan(57, 9, "ines", s.sale)
	s.plan(47, 11, "dmitri", func(ctx context.Context) error {
		low, high, note := -12.0, -4.0, "Fewer shoppers come back within a quarter than we thought."
		_, err := s.planner.Link(ctx, needle.LinkInput{
			ItemID: s.items["remember"].ID, KeyResultID: s.keyResults["time"].ID, Bet: &needle.BetInput{ExpectedLow: &low, ExpectedHigh: &high, Note: &note},
		})
		return err
	})
	s.plan(52, 10, "ines", func(ctx context.Context) error {
		confidence := 0.95
		_, err := s.planner.AttachExperiment(ctx, needle.AttachExperimentInput{
			ContributionID: s.links["say-why → completion"].ID, Source: "https://experiments.brightcart.example/pay-17: half of the shoppers saw the old words",
			Estimate: 0.9, Low: 0.2, High: 1.6, Confidence: &confidence,
		})
		return err
	})
}

// sale notes the sale weeks, which bring first-time buyers.
func (s *story) sale(ctx context.Context) error {
	to := s.at(63, 0).Add(-time.Second)
	_, err := s.planner.RecordOutsideEvent(ctx, needle.RecordOutsideEventInput{
		KeyResultIDs: []needle.KeyResultID{s.keyResults["completion"].ID}, Kind: needle.EventSeason, Title: "Sale week", From: s.at(56, 0), To: &to,
	})
	return err
}
