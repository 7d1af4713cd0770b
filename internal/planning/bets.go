package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// AttachExperiment attaches an experiment to a link. A link that ended answers CONFLICT; one to a milestone or a guard is
// INVALID: these do not move by an amount.
func (p *Planner) AttachExperiment(ctx context.Context, in needle.AttachExperimentInput) (*needle.Experiment, error) {
	var x *needle.Experiment
	err := p.change(ctx, needle.ActAttachExperiment, in, func(ctx context.Context, a act) error {
		b, err := a.holdBet(ctx, in.ContributionID)
		if err != nil {
			return err
		}
		if b.keyResult.Kind != needle.KindMetric || b.keyResult.Direction == needle.DirectionMaintain {
			return needle.Invalid("input.contributionId", needle.CodeInvalid, "experiments are made of metrics that are to move; this key result is a milestone or a guard")
		}
		x = &needle.Experiment{
			WorkspaceID: a.WorkspaceID(), ID: needle.NewExperimentID(), ContributionID: in.ContributionID, Source: needle.Clean(in.Source),
			Estimate: in.Estimate, Low: in.Low, High: in.High, Confidence: in.Confidence, AuthorID: a.viewer.UserID, RecordedAt: a.Now(),
		}
		if err := a.InsertExperiment(ctx, x); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, x.ID, nil, x, b.concerns())
	})
	return x, err
}

// RemoveExperiment takes an experiment back. One that was taken back already answers CONFLICT.
func (p *Planner) RemoveExperiment(ctx context.Context, in needle.RemoveExperimentInput) (*needle.Experiment, error) {
	var x *needle.Experiment
	err := p.change(ctx, needle.ActAttachExperiment, nil, func(ctx context.Context, a act) error {
		var err error
		if x, err = a.Experiment(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if x.RemovedAt != nil {
			return needle.Conflict("input.id", "this experiment was taken back already")
		}
		on, err := a.ends(ctx, x.ContributionID)
		if err != nil {
			return err
		}
		before, end := *x, latest(a.Now(), x.RecordedAt)
		x.RemovedAt, x.RemovedBy = &end, &a.viewer.UserID
		if err := a.RemoveExperiment(ctx, x); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbDeleted, x.ID, before, nil, on)
	})
	return x, err
}

// DisputeVerdict notes that the viewer disputes the verdict on a bet. It changes no verdict. A link that ended, one whose
// effect window has not ended, a verdict that is another one by now, and one that the viewer disputes already answer
// CONFLICT.
func (p *Planner) DisputeVerdict(ctx context.Context, in needle.DisputeVerdictInput) (*needle.VerdictDispute, error) {
	var d *needle.VerdictDispute
	err := p.change(ctx, needle.ActDisputeVerdict, in, func(ctx context.Context, a act) error {
		b, err := a.holdBet(ctx, in.ContributionID)
		if err != nil {
			return err
		}
		verdict, err := a.verdict(ctx, b)
		switch {
		case err != nil:
			return err
		case verdict == nil:
			return needle.Conflict("input.contributionId", "no verdict on this bet has fallen due: its effect window has not ended")
		case verdict.Verdict != in.Verdict:
			return needle.Conflict("input.verdict", "the verdict is "+string(verdict.Verdict)+" by now")
		}
		d = &needle.VerdictDispute{
			WorkspaceID: a.WorkspaceID(), ID: needle.NewVerdictDisputeID(), ContributionID: in.ContributionID, Verdict: in.Verdict,
			Reason: needle.Clean(in.Reason), AuthorID: a.viewer.UserID, RecordedAt: a.Now(),
		}
		if err := a.InsertVerdictDispute(ctx, d); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, d.ID, nil, d, b.concerns())
	})
	return d, err
}

// WithdrawDispute withdraws a dispute of the viewer's own; another's answers FORBIDDEN, one that was withdrawn already
// CONFLICT.
func (p *Planner) WithdrawDispute(ctx context.Context, in needle.WithdrawDisputeInput) (*needle.VerdictDispute, error) {
	var d *needle.VerdictDispute
	err := p.change(ctx, needle.ActDisputeVerdict, nil, func(ctx context.Context, a act) error {
		var err error
		if d, err = a.VerdictDispute(ctx, in.ID); err != nil {
			return at("input.id", err)
		}
		if !d.CanWithdraw(a.viewer) {
			return needle.Invalid("input.id", needle.CodeForbidden, "only who disputes a verdict withdraws the dispute")
		}
		if d.WithdrawnAt != nil {
			return needle.Conflict("input.id", "this dispute was withdrawn already")
		}
		on, err := a.ends(ctx, d.ContributionID)
		if err != nil {
			return err
		}
		before, end := *d, latest(a.Now(), d.RecordedAt)
		d.WithdrawnAt = &end
		if err := a.WithdrawVerdictDispute(ctx, d); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbDeleted, d.ID, before, nil, on)
	})
	return d, err
}

// heldBet is a link that holds, with the two things that it joins.
type heldBet struct {
	link      *needle.Contribution
	item      *needle.BacklogItem
	keyResult *needle.KeyResult
}

func (b heldBet) concerns() about { return about{&b.item.TeamID, &b.keyResult.ObjectiveID} }

// holdBet reads a link that must hold, locked until the end of the transaction. One that ended answers CONFLICT.
func (a act) holdBet(ctx context.Context, id needle.ContributionID) (heldBet, error) {
	const field = "input.contributionId"
	link, err := a.Contribution(ctx, id)
	if err != nil {
		return heldBet{}, at(field, err)
	}
	if link.ValidTo != nil {
		return heldBet{}, needle.Conflict(field, "this link has ended")
	}
	items, err := a.BacklogItemsByID(ctx, []needle.BacklogItemID{link.ItemID})
	if err != nil {
		return heldBet{}, err
	}
	keyResults, err := a.KeyResultsByID(ctx, []needle.KeyResultID{link.KeyResultID})
	if err != nil {
		return heldBet{}, err
	}
	return heldBet{link, items[0], keyResults[0]}, nil
}

// verdict returns how a bet came out by what is known now; nil while no verdict has fallen due.
func (a act) verdict(ctx context.Context, b heldBet) (*needle.BetVerdict, error) {
	facts, err := a.KeyResultFacts(ctx, []needle.KeyResultID{b.keyResult.ID}, a.Now())
	if err != nil {
		return nil, err
	}
	for _, said := range impact.Gather(facts).Attributions() {
		if said.Contribution.ID == b.link.ID {
			return said.Verdict, nil
		}
	}
	return nil, nil //nolint:nilnil // A server whose clock runs ahead has just written the link: nothing has fallen due.
}
