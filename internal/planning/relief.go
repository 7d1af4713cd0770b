package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
)

// CheckRelief records what was found when somebody looked whether a pain is gone, with the reports known now, and moves
// the pain point by what they concluded. A DISMISSED one and a duplicate answer CONFLICT.
func (p *Planner) CheckRelief(ctx context.Context, in needle.CheckReliefInput) (*needle.ReliefCheck, error) {
	var check *needle.ReliefCheck
	err := p.change(ctx, needle.ActCheckRelief, nil, func(ctx context.Context, a act) error {
		now := a.Now()
		if err := in.Validate(now); err != nil {
			return err
		}
		// Objectives are locked before the pain points they address, here as where they are agreed.
		targeted, err := a.TargetedByAgreed(ctx, in.PainPointID)
		if err != nil {
			return err
		}
		pain, err := a.livePain(ctx, "input.painPointId", in.PainPointID)
		if err != nil {
			return err
		}
		facts, err := a.LadderFacts(ctx, []needle.PainPointID{pain.ID}, now)
		if err != nil {
			return err
		}
		check = &needle.ReliefCheck{
			WorkspaceID: a.WorkspaceID(), ID: needle.NewReliefCheckID(), PainPointID: pain.ID,
			Before: in.Before.Span(), After: in.After.Span(), ExposureUnit: needle.Clean(or(in.ExposureUnit, "")),
			Relieved: in.Relieved, Note: needle.Clean(or(in.Note, "")), CheckedBy: a.viewer.UserID, CheckedAt: now,
		}
		check.Before.Reports = impact.CountReports(facts, pain.ID, check.Before, now)
		check.After.Reports = impact.CountReports(facts, pain.ID, check.After, now)
		if err := a.InsertReliefCheck(ctx, check); err != nil {
			return err
		}
		if err := a.record(ctx, needle.VerbCreated, check.ID, nil, check, about{}); err != nil {
			return err
		}
		return a.relieve(ctx, pain, check, targeted)
	})
	return check, err
}

// relieve moves a pain point by what a relief check concluded; one that is where it belongs stays untouched.
func (a act) relieve(ctx context.Context, pain *needle.PainPoint, check *needle.ReliefCheck, targeted bool) error {
	if check.Relieved == (pain.Status == needle.PainRelieved) {
		return nil
	}
	before := *pain
	switch {
	case check.Relieved:
		pain.Status, pain.RelievedAt = needle.PainRelieved, &check.CheckedAt
	case targeted:
		pain.Status, pain.RelievedAt = needle.PainTargeted, nil
	default:
		pain.Status, pain.RelievedAt = needle.PainOpen, nil
	}
	if err := a.UpdatePainPoint(ctx, pain); err != nil {
		return err
	}
	return a.record(ctx, needle.VerbMoved, pain.ID, before, pain, about{})
}

// AnswerRelief records what a reporter said when asked whether the pain is gone. Somebody who never reported the pain
// point or a duplicate of it answers NOT_FOUND; a DISMISSED pain point and a duplicate answer CONFLICT.
func (p *Planner) AnswerRelief(ctx context.Context, in needle.AnswerReliefInput) (*needle.ReliefAnswer, error) {
	var answer *needle.ReliefAnswer
	err := p.change(ctx, needle.ActCheckRelief, nil, func(ctx context.Context, a act) error {
		if err := in.Validate(a.Now()); err != nil {
			return err
		}
		pain, err := a.livePain(ctx, "input.painPointId", in.PainPointID)
		if err != nil {
			return err
		}
		reporter, err := a.ReporterOf(ctx, pain.ID, needle.Clean(in.Reporter))
		if err != nil {
			return at("input.reporter", err)
		}
		answer = &needle.ReliefAnswer{
			WorkspaceID: a.WorkspaceID(), ID: needle.NewReliefAnswerID(), PainPointID: pain.ID, Reporter: reporter,
			Answer: in.Answer, Note: needle.Clean(or(in.Note, "")), AnsweredAt: a.moment(in.AnsweredAt),
			RecordedBy: a.viewer.UserID, RecordedAt: a.Now(),
		}
		if err := a.InsertReliefAnswer(ctx, answer); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbCreated, answer.ID, nil, answer, about{})
	})
	return answer, err
}
