package jobs_test

import (
	"testing"

	"github.com/needle-okr/needle/internal/needle"
)

func TestClient_carriesChangesOfRulesToAllWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	issue := w.f.Issue(func(i *needle.Issue) { i.Labels = []string{"needle"} })
	w.f.Item(func(b *needle.BacklogItem) { b.IssueID = &issue.ID })
	rule := w.f.LinkRule()
	check(t, w.store.In(w.f.Workspace.ID).WalkLinkRule(t.Context(), rule.ID))
	check(t, w.client().Start(t.Context()))
	until(t, "the rule reached all work", func() bool { return w.count(`SELECT count(*) FROM link_rules WHERE evaluated_at IS NOT NULL`) == 1 })
	if n := w.count(`SELECT count(*) FROM contributions WHERE origin = 'RULE' AND valid_to IS NULL`); n != 1 {
		t.Errorf("%d items are linked, want one", n)
	}
}
