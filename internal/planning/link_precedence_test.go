package planning_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
)

// linkModel is what links should be, worked out the slow way.
type linkModel struct {
	items, keyResults int
	above             []int // of each item; -1 for none
	hand              [][]string
	text              [][]bool
	label             []bool
	on                []bool // by key result: covers what has the label
}

// own is who speaks for an item by itself; "ENDED" is a person's word, too.
func (m *linkModel) own(item, keyResult int) string {
	switch {
	case m.hand[item][keyResult] != "":
		return m.hand[item][keyResult]
	case m.text[item][keyResult]:
		return "TEXT"
	case m.label[item] && m.on[keyResult]:
		return "RULE"
	default:
		return ""
	}
}

// origin is where the live link comes from; empty when there is none.
func (m *linkModel) origin(item, keyResult int) string {
	if own := m.own(item, keyResult); own != "" {
		return strings.TrimPrefix(own, "ENDED")
	}
	seen := map[int]bool{}
	for up := m.above[item]; up >= 0 && !seen[up]; up = m.above[up] {
		seen[up] = true
		if own := m.own(up, keyResult); own == "ENDED" {
			return ""
		} else if own != "" {
			return "EPIC"
		}
	}
	return ""
}

func (m *linkModel) all() []string {
	var out []string
	for i := range m.items {
		for k := range m.keyResults {
			if origin := m.origin(i, k); origin != "" {
				out = append(out, fmt.Sprintf("item %d, key result %d: %s", i, k, origin))
			}
		}
	}
	slices.Sort(out)
	return out
}

// linkWorld is a world with a forest of mirrored items and the model of their links.
type linkWorld struct {
	*world
	linkModel
	pieces []needle.BacklogItemID
	issue  []needle.IssueID
	kr     []*needle.KeyResult
	rules  []*needle.LinkRule
	chance *rand.Rand
}

func newLinkWorld(t *testing.T, seed uint64) *linkWorld {
	t.Helper()
	w := &linkWorld{world: newHouse(t).world(t), chance: rand.New(rand.NewPCG(seed, 7))}
	w.items, w.keyResults = 5, 2
	for range w.items {
		issue := w.f.Issue()
		item := w.f.Item(func(b *needle.BacklogItem) { b.IssueID = &issue.ID })
		w.pieces, w.issue, w.above = append(w.pieces, item.ID), append(w.issue, issue.ID), append(w.above, -1)
		w.hand, w.text = append(w.hand, make([]string, w.keyResults)), append(w.text, make([]bool, w.keyResults))
		w.label = append(w.label, false)
	}
	for k := range w.keyResults {
		w.kr = append(w.kr, w.f.KeyResult())
		w.rules = append(w.rules, must[needle.LinkRule](t)(w.planner.CreateLinkRule(w.ctx, needle.CreateLinkRuleInput{
			Pattern: "label", KeyResultID: w.kr[k].ID,
		})))
		w.on = append(w.on, true)
	}
	return w
}

// read does what a pass does after it stored the issue of an item.
func (w *linkWorld) read(t *testing.T, item int) {
	t.Helper()
	var texts []store.TextLink
	for k, says := range w.text[item] {
		if says {
			texts = append(texts, store.TextLink{IssueID: w.issue[item], KeyResult: w.kr[k].Number, Bet: needle.Bet{Role: needle.RoleDrives}})
		}
	}
	labels := "[]"
	if w.label[item] {
		labels = `["Label"]`
	}
	if _, err := w.house.store.DB().DB.ExecContext(t.Context(), `UPDATE issues SET labels = $1 WHERE id = $2`, labels, w.issue[item].UUID.String()); err != nil {
		t.Fatal(err)
	}
	err := w.scope.InTx(t.Context(), func(ctx context.Context, tx store.Scope) error {
		_, err := tx.LinkIssues(ctx, []needle.IssueID{w.issue[item]}, texts)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// step does one thing by chance, to the world and to the model, and says what.
func (w *linkWorld) step(t *testing.T) string {
	t.Helper()
	i, k := w.chance.IntN(w.items), w.chance.IntN(w.keyResults)
	switch w.chance.IntN(7) {
	case 0:
		must[needle.Contribution](t)(w.planner.Link(w.ctx, needle.LinkInput{ItemID: w.pieces[i], KeyResultID: w.kr[k].ID}))
		w.hand[i][k] = "PERSON"
		return fmt.Sprintf("a person links item %d to key result %d", i, k)
	case 1:
		live, err := w.scope.LiveContribution(t.Context(), w.pieces[i], w.kr[k].ID)
		if err != nil || live == nil {
			return fmt.Sprint("nothing to unlink ", err)
		}
		must[needle.Contribution](t)(w.planner.Unlink(w.ctx, needle.UnlinkInput{ContributionID: live.ID}))
		w.hand[i][k] = "ENDED"
		return fmt.Sprintf("a person unlinks item %d from key result %d", i, k)
	case 2:
		w.text[i][k] = !w.text[i][k]
		w.read(t, i)
		return fmt.Sprintf("the text of item %d declares key result %d: %v", i, k, w.text[i][k])
	case 3, 4:
		w.label[i] = !w.label[i]
		w.read(t, i)
		return fmt.Sprintf("item %d has the label: %v", i, w.label[i])
	case 5:
		w.on[k] = !w.on[k]
		setRule(w.world, w.rules[k], needle.UpdateLinkRuleInput{Enabled: &w.on[k]})
		return fmt.Sprintf("the rule for key result %d is on: %v", k, w.on[k])
	default:
		return w.reparent(t, i)
	}
}

// reparent puts an item below another one, or below none; what would close a loop is refused and changes nothing.
func (w *linkWorld) reparent(t *testing.T, i int) string {
	t.Helper()
	up := w.chance.IntN(w.items+1) - 1
	var parent *needle.BacklogItemID
	if up >= 0 {
		parent = &w.pieces[up]
	}
	if _, err := w.planner.UpdateBacklogItem(w.ctx, needle.UpdateBacklogItemInput{ID: w.pieces[i], ParentID: needle.Given(parent)}); err != nil {
		if needle.UserErrors(err) == nil {
			t.Fatal(err)
		}
		return "a loop that is refused"
	}
	w.above[i] = up
	return fmt.Sprintf("item %d lies below %d", i, up)
}

// live reads the live links of the items to the key results.
func (w *linkWorld) live(t *testing.T) []string {
	t.Helper()
	rows, err := w.house.store.DB().QueryContext(t.Context(), `
		SELECT item_id, key_result_id, origin FROM contributions WHERE workspace_id = ? AND valid_to IS NULL`, w.f.Workspace.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var item needle.BacklogItemID
		var keyResult needle.KeyResultID
		var origin string
		if err := rows.Scan(&item, &keyResult, &origin); err != nil {
			t.Fatal(err)
		}
		i := slices.Index(w.pieces, item)
		k := slices.IndexFunc(w.kr, func(k *needle.KeyResult) bool { return k.ID == keyResult })
		if i >= 0 && k >= 0 {
			out = append(out, fmt.Sprintf("item %d, key result %d: %s", i, k, origin))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func TestLinks_areOfTheStrongestOriginWhateverHappens(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newLinkWorld(t, seed)
			var done []string
			for range 60 {
				done = append(done, w.step(t))
				if diff := cmp.Diff(w.all(), w.live(t)); diff != "" {
					t.Fatalf("the links are others (-want +got):\n%s\nafter %s", diff, strings.Join(done, "\n"))
				}
			}
			// The history tells the same: the last version of each link that holds is what the link says, and the others ended.
			wantRows(t, w.world, `
				SELECT count(*)::text FROM contributions AS c WHERE c.workspace_id = $1 AND (
					SELECT (v.origin, v.rule_id, v.epic_id, v.author_id, v.role, v.ended) FROM contribution_versions AS v
					WHERE v.workspace_id = c.workspace_id AND v.contribution_id = c.id ORDER BY v.recorded_at DESC, v.id DESC LIMIT 1
				) IS DISTINCT FROM (c.origin, c.rule_id, c.epic_id, c.author_id, c.role, c.valid_to IS NOT NULL)`, w.f.Workspace.ID.UUID.String(), "0")
		})
	}
}
