package graph

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	gql "github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/needle-okr/needle/internal/needle"
)

// TestPaging_walksEveryListWholeAndOnce fills workspaces at random, with many rows that are equal in what they are
// ordered by, and walks connections of the schema in both directions, in a random order, through a random filter and by
// pages of a random size. A walk meets exactly the rows of the unpaged list, in the same order.
func TestPaging_walksEveryListWholeAndOnce(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	heaps := []*heap{e.newHeap(t, 1), e.newHeap(t, 2), e.newHeap(t, 3)}
	contexts := make([]context.Context, len(heaps))
	for i, w := range heaps {
		contexts[i] = viewerContext(t, w.Viewer(w.Owner))
	}
	all := connections(e.schema)
	for _, c := range all {
		k := walk{e: e, w: heaps[0], ctx: contexts[0], c: c}
		if n := k.check(t, t, nil, nil, 4); n < heapSize {
			t.Errorf("%s has %d rows, want %d", c, n, heapSize)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(0, len(heaps)-1).Draw(rt, "heap")
		k := walk{e: e, w: heaps[i], ctx: contexts[i], c: rapid.SampledFrom(all).Draw(rt, "connection")}
		def := k.e.schema.Types[k.c.node(k.e.schema).Name+"Filter"]
		k.check(t, rt, k.w.filter(rt, e.schema, def, 2), k.order(rt), rapid.IntRange(2, 9).Draw(rt, "size"))
	})
}

// failer is a test, a random one or not.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// walk is a walk through one connection.
type walk struct {
	e   *engine
	w   *heap
	ctx context.Context
	c   connectionField
}

// check walks the connection and returns the number of its rows.
func (k walk) check(t *testing.T, rt failer, filter, order any, size int) int {
	rt.Helper()
	whole, total := k.page(t, rt, map[string]any{"first": 100, "filter": filter, "orderBy": order})
	if total != len(whole.ids) {
		rt.Fatalf("the list has %d rows and %d are counted", len(whole.ids), total)
	}
	if rows := slices.Compact(slices.Sorted(slices.Values(whole.ids))); len(rows) != len(whole.ids) {
		rt.Fatalf("the unpaged list has a row twice: %v", whole.ids)
	}
	k.checkOrder(rt, whole, order)
	backwards, _ := k.page(t, rt, map[string]any{"last": 100, "filter": filter, "orderBy": order})
	if diff := cmp.Diff(whole.ids, backwards.ids); diff != "" {
		rt.Fatalf("read from the end, the list is another:\n%s", diff)
	}
	if diff := cmp.Diff(whole.ids, k.forwards(t, rt, size, filter, order, total)); diff != "" {
		rt.Fatalf("forwards by %d (-whole +walked):\n%s", size, diff)
	}
	if diff := cmp.Diff(whole.ids, k.backwards(t, rt, size, filter, order, total)); diff != "" {
		rt.Fatalf("backwards by %d (-whole +walked):\n%s", size, diff)
	}
	return total
}

// checkOrder demands that the rows stand in the order asked for, as far as it is not up to the database's collation.
func (k walk) checkOrder(rt failer, page read, order any) {
	rt.Helper()
	keys, _ := order.([]any)
	for i := 1; i < len(page.nodes); i++ {
		earlier, later := page.nodes[i-1], page.nodes[i]
		for j, key := range append(slices.Clip(keys), "id") {
			named, ok := key.(map[string]any)
			if !ok && j == 0 {
				break // The usual order is no business of this test.
			}
			field := "id" // The last key, which goes the way of the one before.
			if ok {
				field = orderedBy(fmt.Sprint(named["field"]))
			} else {
				named, _ = keys[j-1].(map[string]any)
			}
			direction := fmt.Sprint(named["direction"])
			less := compare(ordered(earlier[field]), ordered(later[field]), field)
			if less == 0 {
				continue
			}
			if text := k.c.node(k.e.schema).Fields.ForName(field); field != "id" && field != "key" && text.Type.Name() == "String" {
				break // Which text is less, the database's collation says.
			}
			if (less < 0) != (direction == "ASC") {
				rt.Fatalf("%v stands before %v, ordered by %v", earlier, later, keys)
			}
			break
		}
	}
}

// orderedBy is the field whose values an order compares.
func orderedBy(name string) string {
	if name == "NUMBER" {
		return "key"
	}
	parts := strings.Split(strings.ToLower(name), "_")
	for i := range parts[1:] {
		parts[i+1] = strings.ToUpper(parts[i+1][:1]) + parts[i+1][1:]
	}
	return strings.Join(parts, "")
}

// ordered is what an order compares of a value that says more than one thing.
func ordered(value any) any {
	if parts, ok := value.(map[string]any); ok {
		return parts["value"]
	}
	return value
}

func compare(a, b any, field string) int {
	x, y := fmt.Sprint(a), fmt.Sprint(b)
	if _, m, ok := needle.ParseKey(x); ok && field == "key" {
		_, n, _ := needle.ParseKey(y)
		return m - n
	}
	if m, err := strconv.ParseFloat(x, 64); err == nil {
		if n, err := strconv.ParseFloat(y, 64); err == nil {
			switch {
			case m < n:
				return -1
			case m > n:
				return 1
			default:
				return 0
			}
		}
	}
	if at, err := time.Parse(time.RFC3339Nano, x); err == nil {
		if other, err := time.Parse(time.RFC3339Nano, y); err == nil {
			return at.Compare(other)
		}
	}
	return strings.Compare(x, y)
}

// order draws some of the fields that the list can be ordered by, each with a direction.
func (k walk) order(rt *rapid.T) []any {
	def := k.e.schema.Types[k.c.node(k.e.schema).Name+"OrderField"]
	names := make([]string, len(def.EnumValues))
	for i, v := range def.EnumValues {
		names[i] = v.Name
	}
	names = rapid.Permutation(names).Draw(rt, "fields")
	keys := []any{}
	for _, name := range names[:rapid.IntRange(0, len(names)).Draw(rt, "keys")] {
		keys = append(keys, map[string]any{"field": name, "direction": rapid.SampledFrom([]string{"ASC", "DESC"}).Draw(rt, "direction")})
	}
	return keys
}

// read is a page as it was answered.
type read struct {
	ids                  []string
	nodes                []map[string]any
	start, end           string
	hasPrevious, hasNext bool
}

// page reads a page and checks what holds for every one.
func (k walk) page(t *testing.T, rt failer, arguments map[string]any) (page read, total int) {
	rt.Helper()
	noun := k.c.node(k.e.schema)
	who := identity(noun)
	selected := map[string]bool{who: true}
	for _, v := range k.e.schema.Types[noun.Name+"OrderField"].EnumValues {
		field := orderedBy(v.Name)
		if f := noun.Fields.ForName(field); f != nil && !k.e.schema.Types[f.Type.Name()].IsLeafType() {
			field += " { value }"
		}
		selected[field] = true
	}
	field := fmt.Sprintf(`%s(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
		totalCount nodes { %s } edges { cursor node { %s } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
	}`, k.c.field.Name, strings.Join(slices.Sorted(maps.Keys(selected)), " "), who)
	steps := []any{k.c.field.Name}
	if k.c.parent.Name == "Viewer" {
		field, steps = "viewer { "+field+" }", []any{"viewer", k.c.field.Name}
	} else if k.c.parent != k.e.schema.Query {
		field = fmt.Sprintf(`node(id: %q) { ... on %s { %s } }`, k.w.parents[k.c.parent.Name], k.c.parent.Name, field)
		steps = []any{"node", k.c.field.Name}
	}
	query := fmt.Sprintf(`query ($first: Int, $after: Cursor, $last: Int, $before: Cursor, $filter: %[1]sFilter, $orderBy: [%[1]sOrder!]) { %s }`, noun.Name, field)
	response, err := do(k.ctx, k.e.read, request{Query: query, Variables: arguments})
	if err != nil || len(response.Errors) > 0 {
		rt.Fatalf("%v %v\nwith %v", err, response.Errors, arguments)
	}
	data, err := decode[map[string]any](response.Data)
	if err != nil {
		rt.Fatalf("%v", err)
	}
	list := at[map[string]any](t, data, steps...)
	count, err := decode[int](list["totalCount"])
	if err != nil {
		rt.Fatalf("%v", err)
	}
	for i, edge := range at[[]any](t, list, "edges") {
		node := at[map[string]any](t, list, "nodes", i)
		id := idOf(t, at[map[string]any](t, edge, "node"))
		if node["id"] = idOf(t, node); id != node["id"] {
			rt.Fatalf("edge %d is not node %d", i, i)
		}
		page.ids, page.nodes = append(page.ids, id), append(page.nodes, node)
		page.end = at[string](t, edge, "cursor")
		if i == 0 {
			page.start = page.end
		}
	}
	page.hasPrevious, page.hasNext = at[bool](t, list, "pageInfo", "hasPreviousPage"), at[bool](t, list, "pageInfo", "hasNextPage")
	start, _ := at[map[string]any](t, list, "pageInfo")["startCursor"].(string)
	end, _ := at[map[string]any](t, list, "pageInfo")["endCursor"].(string)
	if start != page.start || end != page.end {
		rt.Fatalf("pageInfo's cursors are not those of the first and the last edge")
	}
	return page, count
}

// identity selects what tells the rows of a list apart: their id, or below one parent their person, their tracker's id, their
// sender's name or since when they hold.
func identity(noun *gql.Definition) string {
	switch noun.Name {
	case "LinkVersion":
		return "validFrom"
	case "Backlink":
		return "issue { id }"
	}
	for _, name := range []string{"id", "deliveryId", "remoteId"} {
		if noun.Fields.ForName(name) != nil {
			return name
		}
	}
	return "user { id }"
}

func idOf(t *testing.T, node map[string]any) string {
	t.Helper()
	for _, name := range []string{"id", "deliveryId", "remoteId", "validFrom"} {
		if id, ok := node[name].(string); ok {
			return id
		}
	}
	if _, ok := node["issue"]; ok {
		return at[string](t, node, "issue", "id")
	}
	return at[string](t, node, "user", "id")
}

func (k walk) forwards(t *testing.T, rt failer, size int, filter, order any, total int) []string {
	rt.Helper()
	var met []string
	arguments := map[string]any{"first": size, "filter": filter, "orderBy": order}
	for pages := 0; ; pages++ {
		page, counted := k.page(t, rt, arguments)
		met = append(met, page.ids...)
		if counted != total || page.hasPrevious != (pages > 0) || page.hasNext != (len(met) < total) || pages > total {
			rt.Fatalf("page %d of a walk forwards, %d rows met: %+v, %d counted", pages, len(met), page, counted)
		}
		if !page.hasNext {
			return met
		}
		arguments["after"] = page.end
	}
}

func (k walk) backwards(t *testing.T, rt failer, size int, filter, order any, total int) []string {
	rt.Helper()
	var met []string
	arguments := map[string]any{"last": size, "filter": filter, "orderBy": order}
	for pages := 0; ; pages++ {
		page, counted := k.page(t, rt, arguments)
		met = append(page.ids, met...)
		if counted != total || page.hasNext != (pages > 0) || page.hasPrevious != (len(met) < total) || pages > total {
			rt.Fatalf("page %d of a walk backwards, %d rows met: %+v, %d counted", pages, len(met), page, counted)
		}
		if !page.hasPrevious {
			return met
		}
		arguments["before"] = page.start
	}
}
