package graph

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// sightline is a workspace with one line from a pain point to an issue: each thing on it came five days after the one
// before, the pain point sixty days ago.
type sightline struct {
	e         *engine
	ctx       context.Context
	ids       map[string]string
	workspace needle.WorkspaceID
}

func (e *engine) newSightline(t *testing.T) *sightline {
	t.Helper()
	f := storetest.Seed(t, e.db)
	s := &sightline{e: e, ctx: viewerContext(t, f.Viewer(f.Owner)), ids: map[string]string{}, workspace: f.Workspace.ID}
	pain := f.PainPoint(func(p *needle.PainPoint) { p.CreatedAt, p.UpdatedAt = ago(60), ago(60) })
	other := f.PainPoint(func(p *needle.PainPoint) { p.CreatedAt, p.UpdatedAt = ago(60), ago(60) })
	f.Evidence(func(e *needle.Evidence) { e.PainPointID, e.ObservedAt, e.CreatedAt = pain.ID, ago(56), ago(55) })
	objective := f.Objective(func(o *needle.Objective) { o.CreatedAt, o.UpdatedAt = ago(50), ago(50) })
	f.Address(objective, pain)
	s.exec(t, "UPDATE objective_pain_points SET created_at = ? WHERE workspace_id = ?", ago(50), s.workspace)
	keyResult := f.KeyResult(func(k *needle.KeyResult) { k.CreatedAt, k.ObjectiveID = ago(45), objective.ID })
	epic := f.Item(func(b *needle.BacklogItem) { b.CreatedAt = ago(40) })
	issue := f.Issue(func(i *needle.Issue) { i.CreatedAt = ago(35) })
	item := f.Item(func(b *needle.BacklogItem) { b.CreatedAt, b.ParentID, b.IssueID = ago(35), &epic.ID, &issue.ID })
	link := f.Contribution(func(c *needle.Contribution) {
		c.ItemID, c.KeyResultID, c.ValidFrom, c.CreatedAt = epic.ID, keyResult.ID, ago(30), ago(30)
	})
	f.MoveItem(item, needle.StatusDone, ago(20))
	for name, id := range map[string]fmt.Stringer{
		"pain": pain.ID, "other": other.ID, "objective": objective.ID, "epic": epic.ID, "issue": issue.ID, "item": item.ID, "link": link.ID,
		"key result": keyResult.ID,
	} {
		s.ids[name] = id.String()
	}
	return s
}

func (s *sightline) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := s.e.db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// fill puts ids in the place of «names».
func (s *sightline) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string { return s.ids[strings.Trim(name, "«»")] })
}

// look answers everything about a line.
func (s *sightline) look(t *testing.T, from string, asOf time.Time) map[string]any {
	t.Helper()
	data := s.e.ask(s.ctx, t, s.fill(`query ($at: DateTime) { workspace { lineOfSight(from: { `+from+` }, asOf: $at) {
		connected painPoints { status severity evidence freshEvidence painPoint { id } } objectives { state objective { id } } keyResults { id }
		work { depth status deliveredAt item { id } } issues { id } steps { kind fromId toId since sentence contribution { bet { role } validFrom } }
		breaks { kind subjectId sentence } counts { steps }
	} } }`), map[string]any{"at": asOf.Format(time.RFC3339Nano)})
	return at[map[string]any](t, data, "workspace", "lineOfSight")
}

// sentencesOf are what a line says: its steps, then its breaks.
func sentencesOf(t *testing.T, line map[string]any) []string {
	t.Helper()
	said := []string{}
	for _, part := range []string{"steps", "breaks"} {
		for _, one := range at[[]any](t, line, part) {
			said = append(said, at[string](t, one, "sentence"))
		}
	}
	return said
}

// starts are where the line can be looked along from.
func starts() []string {
	return []string{`painPointId: "«pain»"`, `itemId: "«item»"`, `itemId: "«epic»"`, `issueId: "«issue»"`}
}

// TestLineOfSight_growsWithWhatIsKnown looks along the line as it was every five days.
func TestLineOfSight_growsWithWhatIsKnown(t *testing.T) {
	t.Parallel()
	s := newEngine(t).newSightline(t)
	for days, want := range map[int]string{
		61: "nothing was known of P-1 at 2025-12-31 09:00 UTC", 51: "no objective addresses P-1", 46: "no key result measures O-1",
		31: "no work is linked to KR-1",
	} {
		said := sentencesOf(t, s.look(t, `painPointId: "«pain»"`, ago(days)))
		if last := said[len(said)-1]; last != want {
			t.Errorf("%d days ago: %s, want %s", days, last, want)
		}
	}
	whole := []string{
		"O-1 addresses P-1", "KR-1 measures O-1", "B-1 drives KR-1, linked by a person", "B-2 is part of B-1", "octo/shop#4 is mirrored by B-2",
	}
	for _, from := range starts() {
		line := s.look(t, from, ago(5))
		said := sentencesOf(t, line)
		said[len(said)-1] = whole[len(whole)-1] // The number of the issue is the factory's.
		if diff := cmp.Diff(whole, said); diff != "" || at[bool](t, line, "connected") != true {
			t.Errorf("from %s (-want +got):\n%s", from, diff)
		}
	}
}

// TestLineOfSight_whatIsLearntLaterChangesTodayAndNeverYesterday changes every part of the line, now.
func TestLineOfSight_whatIsLearntLaterChangesTodayAndNeverYesterday(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change string
		gone   string
		said   string
	}{
		"a link that ends": {
			`mutation { unlink(input: { contributionId: "«link»" }) { userErrors { message } } }`,
			"B-1 drives KR-1, linked by a person", "no work is linked to KR-1",
		},
		"work that is linked": {
			`mutation { link(input: { itemId: "«item»", keyResultId: "«key result»", bet: { role: LEARNS } }) { userErrors { message } } }`,
			"", "B-2 learns about KR-1, linked by a person",
		},
		"a pain point that is addressed no more": {
			`mutation { updateObjective(input: { id: "«objective»", painPointIds: [] }) { userErrors { message } } }`,
			"O-1 addresses P-1", "no objective addresses P-1",
		},
		"a merge": {
			`mutation { mergePainPoints(input: { from: "«pain»", into: "«other»" }) { userErrors { message } } }`, "", "P-1 is a duplicate of P-2",
		},
		"a pain point that is dismissed": {
			`mutation { dismissPainPoint(input: { id: "«pain»", reason: "A matter of taste" }) { userErrors { message } } }`,
			"", "P-1 was dismissed, so nobody means to relieve it",
		},
		"a key result that is written": {
			`mutation { createKeyResult(input: { objectiveId: "«objective»", title: "Days", kind: METRIC, direction: DECREASE, unit: "days", goal: { baseline: 9, target: 1 } }) { userErrors { message } } }`,
			"", "no work is linked to KR-2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEngine(t).newSightline(t)
			before := map[string]map[string]any{}
			for _, from := range starts() {
				before[from] = s.look(t, from, ago(5))
			}
			changed := s.e.ask(s.ctx, t, s.fill(c.change), nil)
			if strings.Contains(fmt.Sprint(changed), "message") {
				t.Fatalf("nothing was changed: %v", changed)
			}
			for _, from := range starts() {
				if diff := cmp.Diff(before[from], s.look(t, from, ago(5))); diff != "" {
					t.Errorf("from %s, yesterday's answer changed (-before +after):\n%s", from, diff)
				}
			}
			now := strings.Join(sentencesOf(t, s.look(t, starts()[0], storetest.Now())), "\n")
			if !strings.Contains(now, c.said) || c.gone != "" && strings.Contains(now, c.gone) {
				t.Errorf("today's answer:\n%s", now)
			}
		})
	}
}

// TestLineOfSight_knowsWhenItWasTold looks back at what is dated back: what was believed then stands.
func TestLineOfSight_knowsWhenItWasTold(t *testing.T) {
	t.Parallel()
	s := newEngine(t).newSightline(t)
	before := s.look(t, starts()[0], ago(5))
	s.exec(t, `INSERT INTO superseded_transitions (workspace_id, transition_id, superseded_at)
		SELECT workspace_id, id, ? FROM item_transitions WHERE workspace_id = ? AND to_status = 'DONE'`, storetest.Now(), s.workspace)
	s.exec(t, `INSERT INTO contribution_versions (workspace_id, id, contribution_id, item_id, key_result_id, role, origin, valid_from, ended, recorded_at)
		SELECT workspace_id, gen_random_uuid(), contribution_id, item_id, key_result_id, role, origin, ?, true, ? FROM contribution_versions WHERE workspace_id = ?`,
		ago(15), storetest.Now(), s.workspace)
	if diff := cmp.Diff(before, s.look(t, starts()[0], ago(5))); diff != "" {
		t.Errorf("yesterday's answer changed (-before +after):\n%s", diff)
	}
	now := s.look(t, starts()[3], storetest.Now())
	if got := at[string](t, now, "work", 0, "status"); got != string(needle.StatusTodo) || at[bool](t, now, "connected") {
		t.Errorf("today the work stands at %s: %v", got, now)
	}
}

// lineOfSight demands that a line over much takes as many statements as one over little.
func (m *meter) lineOfSight(t *testing.T, w *crowd) {
	t.Helper()
	const query = `query ($from: LineOfSightFrom!) { workspace { lineOfSight(from: $from) {
		painPoints { painPoint { key } } objectives { objective { key } } keyResults { key } work { item { key } } issues { remoteKey }
		steps { contribution { author { name } } } breaks { kind } counts { work }
	} } }`
	issue := at[string](t, m.e.ask(m.ctx, t, `query ($id: ID!) { backlogItem(id: $id) { issue { id } } }`,
		map[string]any{"id": w.ids["BacklogItem"][1]}), "backlogItem", "issue", "id")
	for _, c := range []struct {
		field string
		ids   []string
		want  int
	}{
		{"painPointId", []string{w.ids["PainPoint"][0], w.ids["PainPoint"][1]}, 19},
		{"itemId", []string{w.ids["BacklogItem"][0], w.ids["BacklogItem"][1]}, 18},
		{"issueId", []string{issue}, 19},
	} {
		for _, id := range c.ids {
			sent := m.statements(t, query, map[string]any{"from": map[string]any{c.field: id}})
			if len(sent) != c.want {
				t.Errorf("from %s %s: %d statements, want %d:\n%s", c.field, id, len(sent), c.want, strings.Join(abridged(sent), "\n"))
			}
		}
	}
}
