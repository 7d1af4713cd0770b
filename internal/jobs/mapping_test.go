package jobs_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestMappings_areAppliedInTheBackground(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conn := w.connect()
	_, err := w.engine.SyncConnection(t.Context(), w.f.Workspace.ID, conn.ID, nil)
	check(t, err)
	m, err := w.engine.SetMapping(w.ctx, needle.SetMappingInput{
		ConnectionID: conn.ID, States: []*needle.StateMappingInput{{RawState: "OPEN", Status: needle.StatusInProgress}},
	})
	check(t, err)
	if m.AppliedAt != nil || m.Pending != 1 {
		t.Fatalf("before any job the mapping is %+v", m)
	}
	check(t, w.client().Start(t.Context()))
	until(t, "the mapping to be applied", func() bool {
		return w.count(`SELECT count(*) FROM mappings WHERE applied_at IS NOT NULL`) == 1
	})
	if n := w.count(`SELECT count(*) FROM issues WHERE status = 'IN_PROGRESS'`); n != 1 {
		t.Errorf("%d issues follow the mapping", n)
	}
}
