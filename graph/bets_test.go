package graph

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/needle-okr/needle/internal/impact"
	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// stageByImpact is an item's stage as package impact works it out from the histories of the item and its links.
func stageByImpact(t *testing.T, scope store.Scope, b *needle.BacklogItem, now time.Time) needle.Stage {
	t.Helper()
	if b.Stage != needle.StageDelivered {
		return b.Stage
	}
	versions, err := scope.LinkHistories(t.Context(), []needle.BacklogItemID{b.ID})
	if err != nil {
		t.Fatal(err)
	}
	moves, err := scope.Transitions(t.Context(), []needle.BacklogItemID{b.ID})
	if err != nil {
		t.Fatal(err)
	}
	links := impact.LinksAsOf(versions[b.ID], now)
	if len(links) == 0 {
		return needle.StageDelivered
	}
	for _, link := range links {
		k, err := scope.KeyResult(t.Context(), link.KeyResultID)
		if err != nil {
			t.Fatal(err)
		}
		own := slices.DeleteFunc(slices.Clone(versions[b.ID]), func(v *needle.ContributionVersion) bool { return v.ID != link.ID })
		if impact.EffectWindow(*b.DeliveredAt, impact.LockBet(own, moves[b.ID], now).Counts(), k).To.After(now) {
			return needle.StageMeasuring
		}
	}
	return needle.StageVerdict
}

// TestStages_areWhatPackageImpactWorksOut compares the two ways in which it is known when effect windows end, on items with
// random histories of links and moves, and with the filter of lists.
func TestStages_areWhatPackageImpactWorksOut(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := storetest.Seed(t, db)
	scope, now := store.New(db, store.Config{}).In(f.Workspace.ID), storetest.Now()
	random := rand.New(rand.NewPCG(1, 2)) // The histories shall be the same in every run.
	ago := func() time.Time { return now.AddDate(0, 0, -random.IntN(60)) }
	lag := func() *int {
		if days := random.IntN(60); days < 40 {
			return &days
		}
		return nil
	}
	results := make([]*needle.KeyResult, 3)
	for i := range results {
		results[i] = f.KeyResult(func(k *needle.KeyResult) { k.LagMinDays, k.LagMaxDays = 5*i, 20*i+5 })
	}
	statuses := []needle.StatusCategory{needle.StatusInProgress, needle.StatusDone, needle.StatusDone, needle.StatusTodo, needle.StatusDropped}
	var ids []needle.BacklogItemID
	for range 120 {
		b := f.Item(func(b *needle.BacklogItem) { b.CreatedAt = now.AddDate(0, 0, -90) })
		ids = append(ids, b.ID)
		moves := []time.Time{ago(), ago(), ago()}
		slices.SortFunc(moves, time.Time.Compare)
		for i, at := range moves[:1+random.IntN(3)] {
			to := statuses[random.IntN(len(statuses))]
			if i == 2 {
				to = needle.StatusDone
			}
			f.MoveItem(b, to, at)
		}
		for i := range random.IntN(3) {
			c := f.Contribution(func(c *needle.Contribution) {
				c.ItemID, c.KeyResultID, c.ValidFrom = b.ID, results[2*i+random.IntN(2-i)].ID, now.AddDate(0, 0, -70+random.IntN(40))
			})
			for at := c.ValidFrom; random.IntN(3) > 0; {
				at = at.Add(time.Duration(1+random.IntN(200)) * time.Hour)
				if at.After(now) {
					break
				}
				if c.LagMinDays, c.LagMaxDays = lag(), lag(); c.LagMinDays != nil && c.LagMaxDays != nil && *c.LagMinDays > *c.LagMaxDays {
					c.LagMinDays, c.LagMaxDays = c.LagMaxDays, c.LagMinDays
				}
				f.RepeatContribution(c, at)
			}
			if random.IntN(5) == 0 {
				f.EndContribution(c, now)
			}
		}
	}
	got, err := scope.Stages(t.Context(), ids, now)
	if err != nil {
		t.Fatal(err)
	}
	items, err := scope.BacklogItemsByID(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	want, count := map[needle.BacklogItemID]needle.Stage{}, map[needle.Stage]int{}
	for _, b := range items {
		want[b.ID] = stageByImpact(t, scope, b, now)
		count[want[b.ID]]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stages (-impact +store):\n%s", diff)
	}
	for _, stage := range []needle.Stage{needle.StageDelivered, needle.StageMeasuring, needle.StageVerdict, needle.StageClosed, needle.StageInProgress} {
		page, err := scope.BacklogItems(t.Context(), store.BacklogItemList{
			PageArgs: needle.PageArgs{First: ptr(100)}, Now: now, Filter: &needle.BacklogItemFilter{Stage: &needle.Comparator[needle.Stage]{Eq: &stage}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Nodes) != count[stage] || count[stage] == 0 {
			t.Errorf("%d items are listed at %s, and %d are", len(page.Nodes), stage, count[stage])
		}
		for _, b := range page.Nodes {
			if want[b.ID] != stage {
				t.Errorf("%s is listed at %s and is at %s", b.Key(), stage, want[b.ID])
			}
		}
	}
}
