package planning

import (
	"context"

	"github.com/needle-okr/needle/internal/needle"
)

// UpdateWorkspace changes the viewer's workspace.
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
		if err := a.UpdateWorkspace(ctx, w); err != nil {
			return err
		}
		return a.record(ctx, needle.VerbUpdated, w.ID, before, w, about{})
	})
	return w, err
}
