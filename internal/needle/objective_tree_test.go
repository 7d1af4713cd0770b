package needle

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// chain returns objectives each of which serves the one at a place before it; -1 serves nothing, -2 something elsewhere.
func chain(serves ...int) []*ObjectiveTreeNode {
	nodes := make([]*ObjectiveTreeNode, len(serves))
	elsewhere := NewObjectiveID()
	for i, place := range serves {
		nodes[i] = &ObjectiveTreeNode{ObjectiveID: NewObjectiveID()}
		switch place {
		case -1:
		case -2:
			nodes[i].ServesID = &elsewhere
		default:
			nodes[i].ServesID = &nodes[place].ObjectiveID
		}
	}
	return nodes
}

func TestNewObjectiveTree_placesEachBelowWhatItServes(t *testing.T) {
	t.Parallel()
	nodes := chain(-1, -2, 0, 0, 2, 1, -1)
	tree := NewObjectiveTree(slices.Clone(nodes), 100)
	type row struct {
		place, depth, children int
		outside                bool
	}
	var got []row
	for _, n := range tree.Nodes {
		got = append(got, row{slices.Index(nodes, n), n.Depth, n.ChildCount, n.OutsideID() != nil})
		if n.Outside == (n.ParentID() != nil) && n.Depth > 0 {
			t.Errorf("%+v", n)
		}
	}
	want := []row{{0, 0, 2, false}, {2, 1, 1, false}, {4, 2, 0, false}, {3, 1, 0, false}, {1, 0, 1, true}, {5, 1, 0, false}, {6, 0, 0, false}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("the tree is another:\n%s", diff)
	}
	if tree.Truncated {
		t.Error("it says that something is missing")
	}
}

// Whatever the shape: every objective has one place, below what it serves, and a limit keeps the beginning.
func TestNewObjectiveTree_hasAPlaceForEach(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var serves []int
		for i := range rapid.IntRange(0, 40).Draw(rt, "objectives") {
			serves = append(serves, rapid.IntRange(-2, i-1).Draw(rt, "serves"))
		}
		nodes := chain(serves...)
		tree := NewObjectiveTree(nodes, 1000)
		if len(tree.Nodes) != len(nodes) || tree.Truncated {
			rt.Fatalf("%d of %d have a place", len(tree.Nodes), len(nodes))
		}
		var path []*ObjectiveTreeNode
		children := 0
		for _, n := range tree.Nodes {
			path = append(path[:n.Depth], n)
			if parent := n.ParentID(); parent == nil != (n.Depth == 0) || parent != nil && *parent != path[n.Depth-1].ObjectiveID {
				rt.Fatalf("%+v stands below %+v", n, path)
			}
			children += n.ChildCount
			if n.Depth > 0 {
				children--
			}
		}
		if children != 0 {
			rt.Fatalf("the children counted differ from those there are by %d", children)
		}
		limit := rapid.IntRange(0, 40).Draw(rt, "limit")
		cut := NewObjectiveTree(chain(serves...), limit)
		if len(cut.Nodes) != min(limit, len(nodes)) || cut.Truncated != (len(nodes) > limit) {
			rt.Fatalf("cut to %d it has %d of %d, truncated %v", limit, len(cut.Nodes), len(nodes), cut.Truncated)
		}
		for i, n := range cut.Nodes {
			if n.Depth != tree.Nodes[i].Depth || n.ChildCount != tree.Nodes[i].ChildCount {
				rt.Fatalf("cut, place %d holds another", i)
			}
		}
	})
}
