package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// ProposeKeyResult offers a key result for an objective, agreed or not. One that is closed answers CONFLICT.
func (p *Planner) ProposeKeyResult(ctx context.Context, in needle.ProposeKeyResultInput) (*needle.Proposal, error) {
	var offered *needle.Proposal
	err := p.change(ctx, needle.ActPropose, in, func(ctx context.Context, a act) error {
		k := a.keyResult(needle.CreateKeyResultInput{
			ObjectiveID: in.ObjectiveID, Title: in.Title, Wording: in.Wording, Kind: in.Kind, Direction: in.Direction,
			Indicator: in.Indicator, Unit: in.Unit, Goal: in.Goal,
		})
		if err := k.Validate(); err != nil {
			return err
		}
		o, err := a.openObjective(ctx, "input.objectiveId", in.ObjectiveID)
		if err != nil {
			return err
		}
		if err := a.join(ctx, o, a.viewer); err != nil {
			return err
		}
		offered = &needle.Proposal{
			Stamp: a.Stamp(), ID: needle.NewProposalID(), ObjectiveID: o.ID, Title: k.Title, Wording: k.Wording, Kind: k.Kind,
			Direction: k.Direction, Indicator: k.Indicator, Unit: k.Unit, Goal: k.Goal, Rationale: needle.Clean(or(in.Rationale, "")),
			Offer: needle.Offer{State: needle.OfferOpen, CreatedBy: a.viewer.UserID},
		}
		if err := a.InsertProposal(ctx, offered); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, offered.ID, nil, offered, about{&o.TeamID, &o.ID})
	})
	return offered, err
}

// AcceptProposal writes the key result that was proposed, as if who accepts had written it; the proposal keeps its
// author. One for an objective that is closed answers CONFLICT.
func (p *Planner) AcceptProposal(ctx context.Context, in needle.AcceptProposalInput) (*needle.Proposal, error) {
	var offered *needle.Proposal
	err := p.change(ctx, needle.ActDecide, nil, func(ctx context.Context, a act) error {
		found, err := a.ProposalsByID(ctx, []needle.ProposalID{in.ID})
		if err != nil {
			return err
		}
		if found[0] == nil {
			return needle.NotFound("input.id", "proposal")
		}
		// What it adds to is locked before the proposal, as everywhere: an objective, then its parts.
		o, err := a.openObjective(ctx, "input.id", found[0].ObjectiveID)
		if err != nil {
			return err
		}
		if offered, err = a.proposal(ctx, in.ID, in.ExpectedVersion); err != nil {
			return err
		}
		before := *offered
		if err := a.settle(&offered.Offer, needle.OfferAccepted, ""); err != nil {
			return err
		}
		k := a.keyResult(needle.CreateKeyResultInput{
			ObjectiveID: o.ID, Title: offered.Title, Wording: &offered.Wording, Kind: &offered.Kind, Direction: &offered.Direction,
			Indicator: &offered.Indicator, Unit: &offered.Unit, Goal: offered.Input(),
			OwnerID: in.OwnerID, Weight: in.Weight, CadenceDays: in.CadenceDays,
		})
		offered.KeyResultID = &k.ID
		if err := a.record(ctx, needle.VerbMoved, offered.ID, before, offered, about{&o.TeamID, &o.ID}); err != nil {
			return err
		}
		if err := a.addKeyResult(ctx, k); err != nil {
			return err
		}
		return a.UpdateProposal(ctx, offered)
	})
	return offered, err
}

// DeclineProposal says that a proposal is not taken up, and why.
func (p *Planner) DeclineProposal(ctx context.Context, in needle.DeclineProposalInput) (*needle.Proposal, error) {
	return p.endProposal(ctx, needle.ActDecide, in, in.ID, in.ExpectedVersion, func(a act, o *needle.Offer) error {
		return a.settle(o, needle.OfferDeclined, in.Reason)
	})
}

// WithdrawProposal takes one's own proposal back.
func (p *Planner) WithdrawProposal(ctx context.Context, in needle.WithdrawProposalInput) (*needle.Proposal, error) {
	return p.endProposal(ctx, needle.ActPropose, nil, in.ID, in.ExpectedVersion, act.withdraw)
}

// endProposal ends a proposal that becomes no key result.
func (p *Planner) endProposal(ctx context.Context, action needle.Action, in valid, id needle.ProposalID, expected *int, end func(act, *needle.Offer) error) (*needle.Proposal, error) {
	var offered *needle.Proposal
	err := p.change(ctx, action, in, func(ctx context.Context, a act) error {
		var err error
		if offered, err = a.proposal(ctx, id, expected); err != nil {
			return err
		}
		before := *offered
		if err := end(a, &offered.Offer); err != nil {
			return err
		}
		if err := a.UpdateProposal(ctx, offered); err != nil {
			return err
		}
		team, err := a.teamOf(ctx, offered.ObjectiveID)
		if err != nil {
			return err
		}
		return a.record(ctx, needle.VerbMoved, offered.ID, before, offered, about{team, &offered.ObjectiveID})
	})
	return offered, err
}

// proposal reads a proposal that is about to change.
func (a act) proposal(ctx context.Context, id needle.ProposalID, expected *int) (*needle.Proposal, error) {
	offered, err := a.Proposal(ctx, id)
	if err != nil {
		return nil, at("input.id", err)
	}
	return offered, current(offered.Version, expected)
}
