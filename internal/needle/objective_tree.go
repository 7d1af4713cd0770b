package needle

// MaxTree is how many objectives a tree shows.
const MaxTree = 1000

// ObjectiveTree is who serves whom among the objectives of a cycle.
type ObjectiveTree struct {
	// Nodes are its objectives: each before those that serve it, which follow it at once; siblings by their keys.
	Nodes []*ObjectiveTreeNode
	// Truncated is true when the cycle has more than the tree shows.
	Truncated bool
}

// ObjectiveTreeNode is an objective in its place.
type ObjectiveTreeNode struct {
	// ObjectiveID is the objective.
	ObjectiveID ObjectiveID
	// ServesID is the objective it serves, straight or by one of its key results; nil when it serves none.
	ServesID *ObjectiveID
	// ViaID is the key result by which it serves; nil when it serves straight or not at all.
	ViaID *KeyResultID
	// Outside is true when what it serves is not in this tree, but in another cycle or another team.
	Outside bool
	// Depth is how many objectives of the tree stand above it; 0 for those that none does.
	Depth int
	// ChildCount is how many objectives of the tree serve it, those that were cut off included.
	ChildCount int
}

// ParentID is the objective above it in the tree; nil when there is none.
func (n *ObjectiveTreeNode) ParentID() *ObjectiveID {
	if n.Outside {
		return nil
	}
	return n.ServesID
}

// OutsideID is the objective it serves that is not in the tree; nil when there is none.
func (n *ObjectiveTreeNode) OutsideID() *ObjectiveID {
	if !n.Outside {
		return nil
	}
	return n.ServesID
}

// NewObjectiveTree puts objectives, given in the order of their keys with what they serve, in their places and keeps
// the first of them, limit at most.
func NewObjectiveTree(objectives []*ObjectiveTreeNode, limit int) *ObjectiveTree {
	places := make(map[ObjectiveID]*ObjectiveTreeNode, len(objectives))
	for _, n := range objectives {
		places[n.ObjectiveID] = n
	}
	below := make(map[ObjectiveID][]*ObjectiveTreeNode, len(objectives))
	var open []*ObjectiveTreeNode // What is still to be placed, the next one last.
	for i := len(objectives) - 1; i >= 0; i-- {
		n := objectives[i]
		if n.ServesID != nil && places[*n.ServesID] != nil {
			places[*n.ServesID].ChildCount++
			below[*n.ServesID] = append(below[*n.ServesID], n)
			continue
		}
		n.Outside = n.ServesID != nil
		open = append(open, n)
	}
	tree := &ObjectiveTree{Truncated: len(objectives) > limit}
	for len(open) > 0 && len(tree.Nodes) < limit {
		n := open[len(open)-1]
		open = open[:len(open)-1]
		tree.Nodes = append(tree.Nodes, n)
		for _, child := range below[n.ObjectiveID] {
			child.Depth = n.Depth + 1
			open = append(open, child)
		}
	}
	return tree
}
