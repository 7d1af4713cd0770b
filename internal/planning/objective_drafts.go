package planning

import (
	"context"
	"strconv"

	"github.com/needle-okr/needle/internal/needle"
)

// DraftObjective drafts an objective from the pain it is to end, and invites the author, the team's lead and everybody
// who captured the pain or what shows it. Pain points that were merged stand for what remains of them; a DISMISSED one
// answers CONFLICT.
func (p *Planner) DraftObjective(ctx context.Context, in needle.DraftObjectiveInput) (*needle.Objective, error) {
	var o *needle.Objective
	err := p.change(ctx, needle.ActWriteObjective, in, func(ctx context.Context, a act) error {
		pains, err := a.painToEnd(ctx, in.PainPointIDs)
		if err != nil {
			return err
		}
		roots := make([]needle.PainPointID, len(pains))
		for i, p := range pains {
			roots[i] = p.ID
		}
		description := or(in.Description, needle.DraftDescription(pains))
		o, err = a.draft(ctx, needle.CreateObjectiveInput{
			TeamID: in.TeamID, CycleID: in.CycleID, PainPointIDs: roots, Title: or(in.Title, needle.DraftTitle(pains)),
			Description: &description,
		})
		if err != nil {
			return err
		}
		return a.inviteListeners(ctx, o, roots)
	})
	return o, err
}

// painToEnd reads what remains of pain points, each once and held, in the order of the input.
func (a act) painToEnd(ctx context.Context, ids []needle.PainPointID) ([]needle.PainToEnd, error) {
	named, err := a.HoldPainPoints(ctx, ids)
	if err != nil {
		return nil, err
	}
	roots := make([]needle.PainPointID, len(named))
	var errs needle.Errors
	for i, p := range named {
		if p == nil {
			errs = append(errs, needle.NotFound(painField(i), "pain point"))
			continue
		}
		roots[i] = p.RootID
	}
	if len(errs) > 0 {
		return nil, errs
	}
	remaining, err := a.HoldPainPoints(ctx, roots)
	if err != nil {
		return nil, err
	}
	newest, err := a.NewestEvidence(ctx, roots)
	if err != nil {
		return nil, err
	}
	var pains []needle.PainToEnd
	seen := map[needle.PainPointID]bool{}
	for i, p := range remaining {
		if p.Status == needle.PainDismissed {
			errs = append(errs, needle.Conflict(painField(i), "this pain point was dismissed"))
		}
		if !seen[p.ID] {
			pains = append(pains, needle.PainToEnd{PainPoint: p, Newest: newest[p.ID]})
		}
		seen[p.ID] = true
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return pains, nil
}

func painField(i int) string { return "input.painPointIds." + strconv.Itoa(i) }

// inviteListeners makes those participants who heard the pain, each with the function they usually have.
func (a act) inviteListeners(ctx context.Context, o *needle.Objective, roots []needle.PainPointID) error {
	ids, err := a.PainCapturers(ctx, roots)
	if err != nil {
		return err
	}
	people, err := a.UsersByID(ctx, ids)
	if err != nil {
		return err
	}
	rows := make([]*needle.Participant, len(people))
	for i, u := range people {
		rows[i] = a.participant(o, u.ID, u.Function)
	}
	if err := a.InsertParticipants(ctx, rows); err != nil {
		return err
	}
	return a.record(ctx, needle.VerbLinked, o.ID, nil, partaking{rows}, about{&o.TeamID, &o.ID})
}
