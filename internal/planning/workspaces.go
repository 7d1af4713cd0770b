package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// UpdateWorkspace changes the viewer's workspace. Another policy holds from then on; what was agreed stays agreed.
func (p *Planner) UpdateWorkspace(ctx context.Context, in needle.UpdateWorkspaceInput) (*needle.Workspace, error) {
	var w *needle.Workspace
	err := p.change(ctx, needle.ActSetUp, in, func(ctx context.Context, a act) error {
		var err error
		if w, err = a.Workspace(ctx); err != nil {
			return err
		}
		if err := current(w.Version, in.ExpectedVersion); err != nil {
			return err
		}
		before := *w
		setText(&w.Name, in.Name)
		if in.Policy != nil {
			amend(&w.Policy, *in.Policy)
		}
		if err := a.UpdateWorkspace(ctx, w); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, w.ID, before, w, about{})
	})
	return w, err
}

// amend changes a policy as far as the input says.
func amend(p *needle.Policy, in needle.WorkspacePolicyInput) {
	set(&p.SignOffTeam, in.SignOffTeam)
	set(&p.SignOffLeader, in.SignOffLeader)
	set(&p.SignOffStakeholder, in.SignOffStakeholder)
	set(&p.SignOffCustomerFacing, in.SignOffCustomerFacing)
	set(&p.ReopenOnChange, in.ReopenOnChange)
	set(&p.FreshDays, in.FreshDays)
	set(&p.EvidenceNeeded, in.EvidenceNeeded)
	set(&p.StaleTrackerDays, in.StaleTrackerDays)
	set(&p.KeepRunningShare, in.KeepRunningShare)
	set(&p.RecentDays, in.RecentDays)
	set(&p.MostKeyResults, in.MostKeyResults)
	set(&p.DeadBetShare, in.DeadBetShare)
	set(&p.FewestCycleTimes, in.FewestCycleTimes)
}
