package needle

import "context"

// Sizes of a page.
const (
	DefaultPage = 20
	MaxPage     = 100
)

// PageArgs asks for one page of a list, forwards with First and After or backwards with Last and Before.
type PageArgs struct {
	First, Last   *int
	After, Before *string
}

// Limit returns the number of rows asked for, DefaultPage when none was named.
func (a PageArgs) Limit() int {
	switch {
	case a.First != nil:
		return *a.First
	case a.Last != nil:
		return *a.Last
	default:
		return DefaultPage
	}
}

// Backward reports whether the page is read from the end.
func (a PageArgs) Backward() bool { return a.Last != nil }

// Validate returns a coded Error for sizes outside 1 to MaxPage and for arguments of both directions at once.
func (a PageArgs) Validate() error {
	var c check
	if a.First != nil && a.Last != nil {
		c.add("last", CodeInvalid, "first and last exclude each other")
	}
	if a.Last == nil && a.Before != nil {
		c.add("before", CodeInvalid, "before goes with last")
	}
	if a.Last != nil && a.After != nil {
		c.add("after", CodeInvalid, "after goes with first")
	}
	if a.First != nil {
		c.between("first", *a.First, 1, MaxPage)
	}
	if a.Last != nil {
		c.between("last", *a.Last, 1, MaxPage)
	}
	return c.err()
}

// Page is one page of a list. Cursors and the total are worked out only when asked for.
type Page[T any] struct {
	// Nodes are the objects in the order asked for.
	Nodes []T
	// PageInfo tells what lies before and after.
	PageInfo *PageInfo

	cursor func(T) string
	count  func(context.Context) (int, error)
}

// NewPage returns a page whose cursors come from cursor and whose total comes from count; both run only when asked.
func NewPage[T any](nodes []T, hasPrevious, hasNext bool, cursor func(T) string, count func(context.Context) (int, error)) *Page[T] {
	p := &Page[T]{Nodes: nodes, cursor: cursor, count: count}
	p.PageInfo = &PageInfo{HasPreviousPage: hasPrevious, HasNextPage: hasNext}
	if len(nodes) > 0 {
		first, last := nodes[0], nodes[len(nodes)-1]
		p.PageInfo.start = func() string { return cursor(first) }
		p.PageInfo.end = func() string { return cursor(last) }
	}
	return p
}

// Edges pairs each node with its cursor.
func (p *Page[T]) Edges() []*Edge[T] {
	edges := make([]*Edge[T], len(p.Nodes))
	for i, n := range p.Nodes {
		edges[i] = &Edge[T]{Node: n, cursor: p.cursor}
	}
	return edges
}

// TotalCount counts the whole list behind the page; the pages of one level share a single statement.
func (p *Page[T]) TotalCount(ctx context.Context) (int, error) { return p.count(ctx) }

// Edge is a node and its place in a list.
type Edge[T any] struct {
	// Node is the object.
	Node   T
	cursor func(T) string
}

// Cursor returns the opaque place of the node, for After and Before.
func (e *Edge[T]) Cursor() string { return e.cursor(e.Node) }

// PageInfo tells how to go on from a page.
type PageInfo struct {
	// HasNextPage is true when rows follow. Reading backwards it is true when Before was given.
	HasNextPage bool
	// HasPreviousPage is true when rows precede. Reading forwards it is true when After was given.
	HasPreviousPage bool

	start, end func() string
}

// StartCursor returns the first node's cursor, nil on an empty page.
func (p *PageInfo) StartCursor() *string { return lazy(p.start) }

// EndCursor returns the last node's cursor, nil on an empty page.
func (p *PageInfo) EndCursor() *string { return lazy(p.end) }

func lazy(f func() string) *string {
	if f == nil {
		return nil
	}
	s := f()
	return &s
}

// Node is any object with a public id.
type Node interface{ IsNode() }
