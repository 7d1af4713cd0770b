package gqlread

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// collector merges the selections of one object type as the specification's CollectFields does. gqlgen's function is
// not used: it keeps two fields of the same response key apart when they come from unrelated interfaces, and its cache
// is keyed by addresses that must not be freed while the operation lives.
type collector struct {
	doc       *ast.QueryDocument
	variables map[string]any
	satisfies []string
	fields    []graphql.CollectedField
	// index finds a field by response key once there are many.
	index map[string]int
	// spread names the fragments already merged.
	spread []string
}

// manyFields is where a map becomes faster than looking through the list.
const manyFields = 16

func (c *collector) collect(selections ast.SelectionSet) {
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			if c.included(s.Directives) {
				c.add(s)
			}
		case *ast.InlineFragment:
			if c.included(s.Directives) && c.applies(s.TypeCondition) {
				c.collect(s.SelectionSet)
			}
		case *ast.FragmentSpread:
			if !c.included(s.Directives) || slices.Contains(c.spread, s.Name) {
				continue
			}
			c.spread = append(c.spread, s.Name)
			if f := c.doc.Fragments.ForName(s.Name); f != nil && c.applies(f.TypeCondition) {
				c.collect(f.SelectionSet)
			}
		}
	}
}

func (c *collector) add(f *ast.Field) {
	if i := c.find(f.Alias); i >= 0 {
		merged := &c.fields[i]
		// Clipped, because the first selection set belongs to the document.
		merged.Selections = append(slices.Clip(merged.Selections), f.SelectionSet...)
		return
	}
	c.fields = append(c.fields, graphql.CollectedField{Field: f, Selections: f.SelectionSet})
	if c.index != nil {
		c.index[f.Alias] = len(c.fields) - 1
	}
}

func (c *collector) find(key string) int {
	if c.index == nil && len(c.fields) >= manyFields {
		c.index = make(map[string]int, 2*len(c.fields))
		for i := range c.fields {
			c.index[c.fields[i].Alias] = i
		}
	}
	if c.index != nil {
		if i, ok := c.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range c.fields {
		if c.fields[i].Alias == key {
			return i
		}
	}
	return -1
}

func (c *collector) applies(condition string) bool {
	return condition == "" || slices.Contains(c.satisfies, condition)
}

// included evaluates @skip and @include. Validation has made sure that the condition is a boolean.
func (c *collector) included(directives ast.DirectiveList) bool {
	if len(directives) == 0 {
		return true
	}
	return !c.condition(directives.ForName("skip"), false) && c.condition(directives.ForName("include"), true)
}

func (c *collector) condition(d *ast.Directive, otherwise bool) bool {
	if d == nil {
		return otherwise
	}
	arg := d.Arguments.ForName("if")
	if arg == nil {
		return otherwise
	}
	value, err := arg.Value.Value(c.variables)
	if err != nil {
		return otherwise
	}
	on, ok := value.(bool)
	if !ok {
		return otherwise
	}
	return on
}
