package gqlread

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// plan is the merged selection of one object type at one place of an operation. It depends on the variables through
// @skip and @include only. One of ten fields takes about 2 µs to make, so plans are not kept for later operations.
type plan struct {
	typ    *Type
	fields []planField
	// slots is the number of fields that keep a state while a level is read.
	slots int
}

// planField is one response key of a plan.
type planField struct {
	// key is `"alias":`, and for __typename the value too.
	key []byte
	// def is nil for __typename.
	def   *Field
	field graphql.CollectedField
	// object names the type that owns the field.
	object string
	// slot is the position of the state, -1 for a plain leaf.
	slot int
}

// planKey identifies a selection set by the address of its first element. The plans of an operation are kept as long
// as the operation, and they hold every selection set that was merged for it, so that an address stays taken.
type planKey struct {
	first *ast.Selection
	n     int
	typ   *Type
}

// plan returns the plan of a selection set, made at its first use. Plans are made late, because an abstract type inside
// an abstract type inside … has more combinations of concrete types than any data.
func (o *operation) plan(typ *Type, selections ast.SelectionSet) *plan {
	var key planKey
	if len(selections) > 0 {
		key = planKey{first: &selections[0], n: len(selections), typ: typ}
		if p, ok := o.plans[key]; ok {
			return p
		}
	}
	p := o.compile(typ, selections)
	if len(selections) > 0 {
		if o.plans == nil {
			o.plans = make(map[planKey]*plan, 8)
		}
		o.plans[key] = p
	}
	return p
}

func (o *operation) compile(typ *Type, selections ast.SelectionSet) *plan {
	c := collector{
		doc:       o.oc.Doc,
		variables: o.oc.Variables,
		satisfies: typ.Satisfies,
		fields:    make([]graphql.CollectedField, 0, len(selections)),
	}
	c.collect(selections)
	p := &plan{typ: typ, fields: make([]planField, 0, len(c.fields))}
	keys := make([]byte, 0, 16*len(c.fields))
	for _, f := range c.fields {
		start := len(keys)
		keys = append(append(append(keys, '"'), f.Alias...), '"', ':')
		pf := planField{field: f, object: typ.Name, slot: -1, def: typ.Fields[f.Name]}
		if pf.def == nil {
			if f.Name != typenameField {
				continue
			}
			keys = append(append(append(keys, '"'), typ.Name...), '"')
		} else if pf.def.Leaf == nil {
			pf.slot = p.slots
			p.slots++
		}
		pf.key = keys[start:len(keys):len(keys)]
		p.fields = append(p.fields, pf)
	}
	return p
}

const typenameField = "__typename"
