package gqlread

import "fmt"

// Codes on the tape. An object is the kind it has, from 0 on; a list of n is codeList-n.
const (
	codeNull int32 = -1
	codeList int32 = -2
)

// Children collects the objects one field has below all rows of a level, in the order of the rows.
type Children struct {
	tape []int32
	// rows holds a *[]R per kind, and count its length, because rows cannot be measured without knowing R.
	rows  []any
	count []int
	// hint is the expected number of objects.
	hint int
	// strange holds errors about values whose type nobody knows, by position on the tape.
	strange map[int]error
}

// Null records a null.
func (c *Children) Null() { c.tape = append(c.tape, codeNull) }

// List records a list. Its n elements have to follow.
func (c *Children) List(n int) { c.tape = append(c.tape, codeList-int32(n)) } //nolint:gosec // lists are far below 2^31

// Strange records a null where the Go type of v belongs to no object type of the schema.
func (c *Children) Strange(v any) {
	if c.strange == nil {
		c.strange = map[int]error{}
	}
	c.strange[len(c.tape)] = fmt.Errorf("unexpected Go type %T", v)
	c.Null()
}

// Add records an object. The kind is its position in [Table.Possible].
func Add[R any](c *Children, kind int, v R) {
	for len(c.rows) <= kind {
		c.rows = append(c.rows, nil)
		c.count = append(c.count, 0)
	}
	rows, ok := c.rows[kind].(*[]R)
	if !ok {
		made := make([]R, 0, c.hint)
		rows = &made
		c.rows[kind] = rows
	}
	*rows = append(*rows, v)
	c.count[kind]++
	c.tape = append(c.tape, int32(kind)) //nolint:gosec // kinds are positions in a short list
}

// Spread records every result with read, and a null for each row that failed.
func Spread[R any](c *Children, results any, failed []error, read func(*Children, R)) {
	values, _ := results.([]R) // Count has checked the type
	for i, v := range values {
		if failed != nil && failed[i] != nil {
			c.Null()
			continue
		}
		read(c, v)
	}
}

// Count is the [Field.Count] of results that are a []R.
func Count[R any](results any) (int, bool) {
	rs, ok := results.([]R)
	return len(rs), ok
}
