package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

func ago(days int) time.Time { return storetest.Now().AddDate(0, 0, -days) }

// TestCentricityFacts_readTheItemsThatMatter demands the items that were open at an instant or serve a key result, and
// no work that was closed long ago.
func TestCentricityFacts_readTheItemsThatMatter(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	scope := store.New(db, store.Config{}).In(f.Workspace.ID)
	begin := ago(150)
	f.Cycle(func(c *needle.Cycle) {
		c.StartsOn, c.EndsOn, c.CreatedAt = needle.NewDate(begin), needle.NewDate(begin.AddDate(0, 0, 89)), ago(200)
	})
	names := map[needle.BacklogItemID]string{}
	item := func(name string, status needle.StatusCategory, days int, parent *needle.BacklogItem) *needle.BacklogItem {
		b := f.Item(func(b *needle.BacklogItem) {
			b.CreatedAt = ago(190)
			if parent != nil {
				b.ParentID = &parent.ID
			}
		})
		if status != needle.StatusTodo {
			f.MoveItem(b, status, ago(days))
		}
		names[b.ID] = name
		return b
	}
	item("open", needle.StatusTodo, 0, nil)
	item("done long ago", needle.StatusDone, 180, nil)
	item("dropped in the cycle", needle.StatusDropped, 100, nil)
	linked := item("linked and done long ago", needle.StatusDone, 180, nil)
	child := item("below it", needle.StatusDone, 180, linked)
	item("further below", needle.StatusDone, 180, child)
	f.Contribution(func(c *needle.Contribution) { c.ItemID = linked.ID })
	read := func(cycles int) []string {
		facts, err := scope.CentricityFacts(t.Context(), cycles, storetest.Now())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range facts.Items {
			got = append(got, names[i.ID])
			if i.ID == linked.ID && (i.FirstChildAt == nil || !i.FirstChildAt.Equal(ago(190))) {
				t.Errorf("its first child is of %v", i.FirstChildAt)
			}
		}
		slices.Sort(got)
		return got
	}
	serving := []string{"below it", "further below", "linked and done long ago", "open"}
	if diff := cmp.Diff(serving, read(0)); diff != "" {
		t.Errorf("now (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"below it", "dropped in the cycle", "further below", "linked and done long ago", "open"}, read(6)); diff != "" {
		t.Errorf("since the cycle began (-want +got):\n%s", diff)
	}
}

// TestLadderFacts_keepToTheirPainPoints demands what is known of a pain point and its duplicates, and nothing of others.
func TestLadderFacts_keepToTheirPainPoints(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	elsewhere := storetest.Seed(t, db)
	elsewhere.Evidence()
	scope := store.New(db, store.Config{}).In(f.Workspace.ID)
	remains := f.PainPoint()
	middle := f.PainPoint(func(p *needle.PainPoint) { p.MergedIntoID = &remains.ID })
	far := f.PainPoint(func(p *needle.PainPoint) { p.MergedIntoID = &middle.ID })
	f.Merge(func(m *needle.PainMerge) { m.FromID, m.IntoID = middle.ID, remains.ID })
	f.Merge(func(m *needle.PainMerge) { m.FromID, m.IntoID = far.ID, middle.ID })
	other := f.PainPoint()
	own, others := f.Objective(), f.Objective()
	f.Address(own, far)
	f.Address(others, other)
	for _, o := range []*needle.Objective{own, others} {
		k := f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = o.ID })
		b := f.Item()
		f.Contribution(func(c *needle.Contribution) { c.ItemID, c.KeyResultID = b.ID, k.ID })
	}
	for _, p := range []*needle.PainPoint{remains, middle, far, other} {
		f.Evidence(func(e *needle.Evidence) { e.PainPointID = p.ID })
	}
	count := func(pains ...needle.PainPointID) map[string]int {
		facts, err := scope.LadderFacts(t.Context(), pains, storetest.Now())
		if err != nil {
			t.Fatal(err)
		}
		return map[string]int{
			"pains": len(facts.Pains), "evidence": len(facts.Evidence), "reports": len(facts.Reports), "addressed": len(facts.Addressed),
			"objectives": len(facts.Objectives), "key results": len(facts.KeyResults), "goals": len(facts.Goals),
			"links": len(facts.Links), "items": len(facts.Items), "transitions": len(facts.Transitions),
		}
	}
	of := func(pains, objectives int) map[string]int {
		return map[string]int{
			"pains": pains, "evidence": pains, "reports": pains, "addressed": objectives, "objectives": objectives,
			"key results": objectives, "goals": objectives, "links": objectives, "items": objectives, "transitions": objectives,
		}
	}
	for name, c := range map[string]struct {
		got, want map[string]int
	}{
		"one with duplicates": {count(remains.ID), of(3, 1)},
		"another":             {count(other.ID), of(1, 1)},
		"both":                {count(remains.ID, other.ID), of(4, 2)},
		"none":                {count(), of(0, 0)},
		"one that is not":     {count(needle.NewPainPointID()), of(0, 0)},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
