package graph

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/store/storetest"
)

// forest plants objectives in a cycle of its own: trunks of a depth beside each other, each serving the one above it,
// every other one by a key result, and as many leaves at the end of each trunk.
func forest(f *storetest.Factory, depth, trunks, leaves int) *needle.Cycle {
	c := f.Cycle()
	grow := func(above *needle.Objective, level int) *needle.Objective {
		return f.Objective(func(o *needle.Objective) {
			o.CycleID = c.ID
			switch {
			case above == nil:
			case level%2 == 0:
				o.ParentObjectiveID = &above.ID
			default:
				o.ParentKeyResultID = &f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = above.ID }).ID
			}
		})
	}
	for range trunks {
		var end *needle.Objective
		for level := range depth {
			end = grow(end, level)
		}
		for range leaves {
			grow(end, depth)
		}
	}
	return c
}

// A tree is read in as many statements whatever its depth, its width and the number of cycles, and is drawn from top to
// bottom.
func TestObjectiveTree_costsTheSameWhateverItsShape(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t)
	f := storetest.Seed(t, storetest.Open(t, address))
	outside := f.Objective()
	type shape struct{ depth, trunks, leaves int }
	shapes := []shape{{1, 1, 0}, {5, 1, 0}, {50, 1, 0}, {1, 50, 0}, {1, 1, 50}, {5, 5, 5}}
	var cycles []string
	for _, s := range shapes {
		c := forest(f, s.depth, s.trunks, s.leaves)
		f.Objective(func(o *needle.Objective) { o.CycleID, o.ParentObjectiveID = c.ID, &outside.ID })
		f.KeyResult(func(k *needle.KeyResult) {
			k.ObjectiveID = f.Objective(func(o *needle.Objective) {
				o.CycleID, o.ParentKeyResultID = c.ID, &f.KeyResult(func(k *needle.KeyResult) { k.ObjectiveID = outside.ID }).ID
			}).ID
		})
		cycles = append(cycles, c.ID.String())
	}
	db := storetest.Open(t, address)
	m := &meter{e: engineOn(t, db), ctx: viewerContext(t, f.Viewer(f.Owner)), sql: storetest.CountStatements(t, db)}
	const tree = `objectiveTree { truncated nodes { depth childCount objective { key title } parentObjective { key } viaKeyResult { key objective { key } } servesOutside { key } keyResults { key } } }`
	var first int
	for i, s := range shapes {
		query := fmt.Sprintf(`{ cycle(id: %q) { %s } }`, cycles[i], tree)
		sent := m.statements(t, query, nil)
		if i == 0 {
			first = len(sent)
		}
		if len(sent) != first || first != 8 {
			t.Errorf("%+v: %d statements, want 8 as for the first:\n%s", s, len(sent), strings.Join(abridged(sent), "\n"))
		}
		nodes := at[[]any](t, m.e.ask(m.ctx, t, query, nil), "cycle", "objectiveTree", "nodes")
		if want := s.trunks*(s.depth+s.leaves) + 2; len(nodes) != want {
			t.Errorf("%+v: %d nodes, want %d", s, len(nodes), want)
		}
		wantPreOrder(t, nodes)
	}
	all := m.statements(t, fmt.Sprintf(`{ cycles(filter: { id: { in: ["%s"] } }) { nodes { %s } } }`, strings.Join(cycles, `","`), tree), nil)
	if len(all) != first {
		t.Errorf("%d statements for one cycle and %d for all:\n%s", first, len(all), strings.Join(abridged(all), "\n"))
	}
}

// wantPreOrder demands that each node stands below the one that its depth and its parent say, with as many children as
// it counts, and that siblings are in the order of their keys.
func wantPreOrder(t *testing.T, nodes []any) {
	t.Helper()
	var path []string
	children, last := map[string]int{}, map[string]int{}
	for _, n := range nodes {
		key := at[string](t, n, "objective", "key")
		depth, err := at[json.Number](t, n, "depth").Int64()
		if err != nil || int(depth) > len(path) {
			t.Fatalf("%s has depth %v below %v", key, depth, path)
		}
		path = append(path[:depth], key)
		above := ""
		if depth > 0 {
			above = path[depth-1]
		}
		if parent, _ := dig(n, "parentObjective", "key").(string); parent != above {
			t.Errorf("%s stands below %q and says it serves %q", key, above, parent)
		}
		if via, ok := dig(n, "viaKeyResult", "objective", "key").(string); ok && via != above && via != dig(n, "servesOutside", "key") {
			t.Errorf("%s serves by a key result of %s", key, via)
		}
		children[above]++
		number, err := strconv.Atoi(strings.TrimPrefix(key, "O-"))
		if err != nil || number <= last[above] {
			t.Errorf("%s comes after O-%d", key, last[above])
		}
		last[above] = number
	}
	for _, n := range nodes {
		key := at[string](t, n, "objective", "key")
		if got := at[json.Number](t, n, "childCount").String(); got != strconv.Itoa(children[key]) {
			t.Errorf("%s counts %s children, and there are %d", key, got, children[key])
		}
	}
}
