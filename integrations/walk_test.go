package integrations_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/integrations"
)

func TestFollowing_choosesBetweenRestartAndCursor(t *testing.T) {
	t.Parallel()
	at := func(second int) time.Time { return time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC) }
	source := integrations.Source{ID: "1", Key: "acme/shop"}
	asked := integrations.Query{Source: source, Since: at(5), After: "here", PageSize: 7, IncludePullRequests: true, Validator: "v"}
	kept := integrations.Query{Source: source, Since: at(5), PageSize: 7, IncludePullRequests: true}
	restart, onward := kept, kept
	restart.Since, onward.After = at(9), "next"
	for _, c := range []struct {
		name string
		page integrations.Page
		want integrations.Query
		more bool
	}{
		{"time went on: restart there", integrations.Page{Next: "next", Through: at(9)}, restart, true},
		{"a whole page of one time: cursor", integrations.Page{Next: "next", Through: at(5)}, onward, true},
		{"no item told its time: cursor", integrations.Page{Next: "next"}, onward, true},
		{"the last page: end", integrations.Page{Through: at(9)}, integrations.Query{}, false},
		{"nothing changed: end", integrations.Page{Next: "next", NotModified: true}, integrations.Query{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, more := c.page.Following(asked)
			if diff := cmp.Diff(c.want, got); diff != "" || more != c.more {
				t.Errorf("more = %t; %s", more, diff)
			}
		})
	}
}

// TestFollowing_losesNothing walks a model of a source, ordered by (time, id),
// whose items change at random between pages.
func TestFollowing_losesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := 0
		times := map[int]int{}
		for id := range rapid.IntRange(0, 40).Draw(t, "items") {
			now += rapid.IntRange(0, 1).Draw(t, "gap")
			times[id] = now
		}
		seen, size := map[int]int{}, rapid.IntRange(1, 9).Draw(t, "page size")
		changes := rapid.IntRange(0, 30).Draw(t, "changes")
		q, pages := integrations.Query{}, 0
		for more := true; more; pages++ {
			if pages > 1000 {
				t.Fatal("the walk does not end")
			}
			for range rapid.IntRange(0, 3).Draw(t, "changes now") {
				if changes--; changes >= 0 && len(times) > 0 {
					now++
					times[rapid.IntRange(0, len(times)-1).Draw(t, "changed")] = now
				}
			}
			page, ids := modelPage(times, q, size)
			for _, id := range ids {
				seen[id] = times[id]
			}
			q, more = page.Following(q)
		}
		if diff := cmp.Diff(times, seen); diff != "" {
			t.Error(diff)
		}
	})
}

// modelPage answers a query over items whose keys are ids and values are
// seconds. Its cursor is the last item, as at GitHub.
func modelPage(times map[int]int, q integrations.Query, size int) (integrations.Page, []int) {
	order := make([]int, 0, len(times))
	for id := range times {
		order = append(order, id)
	}
	rank := func(id int) int { return times[id]*1000 + id }
	slices.SortFunc(order, func(a, b int) int { return rank(a) - rank(b) })
	behind, err := strconv.Atoi(string(q.After))
	if err != nil {
		behind = -1
	}
	var page integrations.Page
	var ids []int
	for _, id := range order {
		at := time.Unix(int64(times[id]), 0)
		if at.Before(q.Since) || rank(id) <= behind {
			continue
		}
		if len(ids) == size {
			page.Next = integrations.Cursor(strconv.Itoa(rank(ids[size-1])))
			break
		}
		ids, page.Through = append(ids, id), at
	}
	return page, ids
}
