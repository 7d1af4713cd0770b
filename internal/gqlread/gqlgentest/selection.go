package gqlgentest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"
)

// scope are the response keys of one place in the answer. All selections that are merged there share it.
type scope map[string]*selected

// selected is the field behind a response key.
type selected struct {
	name string
	args string
	typ  string
	// on is the type the key was first selected on.
	on    *ast.Definition
	below scope
}

// selections makes a selection set on a type.
func (m *maker) selections(on *ast.Definition, keys scope, depth int) string {
	n := rapid.IntRange(1, m.options.Width).Draw(m.t, "width")
	made := make([]string, 0, n)
	for range n {
		if m.left <= 0 && len(made) > 0 {
			break
		}
		made = append(made, m.selection(on, keys, depth))
	}
	return strings.Join(made, " ")
}

func (m *maker) selection(on *ast.Definition, keys scope, depth int) string {
	m.left--
	kind := rapid.IntRange(0, 11).Draw(m.t, "kind")
	switch {
	case kind == 0:
		return "__typename" + m.directives()
	case kind <= 2 && depth > 0:
		return m.inline(on, keys, depth)
	case kind == 3 && depth > 0:
		return m.spread(on, depth)
	case on.Kind == ast.Union:
		return m.inline(on, keys, depth-1)
	default:
		return m.field(on, keys, depth, true)
	}
}

// inline makes an inline fragment, with or without a type condition.
func (m *maker) inline(on *ast.Definition, keys scope, depth int) string {
	if depth <= 0 {
		return "__typename"
	}
	if on.Kind != ast.Union && m.chance(3, "unconditional") {
		return "..." + m.directives() + " { " + m.selections(on, keys, depth-1) + " }"
	}
	condition := m.compatible(on)
	return "... on " + condition.Name + m.directives() + " { " + m.selections(condition, keys, depth-1) + " }"
}

// spread makes use of a named fragment, an old one or a new one. Its keys are its own, so that it fits anywhere.
func (m *maker) spread(on *ast.Definition, depth int) string {
	var fitting []*fragment
	for _, f := range m.fragments {
		if m.overlap(on, f.on) {
			fitting = append(fitting, f)
		}
	}
	if len(fitting) > 0 && m.chance(2, "reuse") {
		return "..." + rapid.SampledFrom(fitting).Draw(m.t, "fragment").name + m.directives()
	}
	f := &fragment{on: m.compatible(on)}
	f.text = m.selections(f.on, nil, depth-1)
	f.name = fmt.Sprintf("F%d", len(m.fragments))
	m.fragments = append(m.fragments, f)
	return "..." + f.name + m.directives()
}

// compatible draws a type whose objects can be objects of on.
func (m *maker) compatible(on *ast.Definition) *ast.Definition {
	var types []*ast.Definition
	for _, d := range m.schema.Types {
		if d.IsCompositeType() && !strings.HasPrefix(d.Name, "__") && m.overlap(on, d) {
			types = append(types, d)
		}
	}
	slices.SortFunc(types, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	return rapid.SampledFrom(types).Draw(m.t, "condition")
}

func (m *maker) overlap(a, b *ast.Definition) bool {
	for _, p := range m.schema.GetPossibleTypes(a) {
		if slices.Contains(m.schema.GetPossibleTypes(b), p) {
			return true
		}
	}
	return false
}

// field makes a field. With nil keys it has a response key nobody else uses.
func (m *maker) field(on *ast.Definition, keys scope, depth int, conditions bool) string {
	def := m.choose(on, depth)
	if def == nil {
		return "__typename"
	}
	key, s := m.key(on, def, keys)
	text := s.name
	if key != s.name {
		text = key + ": " + s.name
	}
	text += s.args
	if conditions {
		text += m.directives()
	}
	if below := m.schema.Types[def.Type.Name()]; below.IsCompositeType() {
		text += " { " + m.selections(below, s.below, depth-1) + " }"
	}
	return text
}

// choose draws a field; leaves only once the operation is deep or long enough.
func (m *maker) choose(on *ast.Definition, depth int) *ast.FieldDefinition {
	var fields []*ast.FieldDefinition
	for _, f := range on.Fields {
		if strings.HasPrefix(f.Name, "__") || m.options.Skip != nil && m.options.Skip(on.Name, f.Name) {
			continue
		}
		if m.schema.Types[f.Type.Name()].IsLeafType() || depth > 1 && m.left > 0 {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return rapid.SampledFrom(fields).Draw(m.t, "field")
}

// key draws the response key of a field: one that is there already for the same field, the name, or a new alias.
func (m *maker) key(on *ast.Definition, def *ast.FieldDefinition, keys scope) (string, *selected) {
	var mergeable []string
	for key, s := range keys {
		if s.name == def.Name && s.typ == def.Type.String() && m.related(on, s.on) {
			mergeable = append(mergeable, key)
		}
	}
	slices.Sort(mergeable)
	if len(mergeable) > 0 && m.chance(2, "merge") {
		key := rapid.SampledFrom(mergeable).Draw(m.t, "key")
		return key, keys[key]
	}
	s := &selected{name: def.Name, args: m.arguments(on, def), typ: def.Type.String(), on: on}
	if keys == nil {
		m.keys++
		return fmt.Sprintf("f%d", m.keys), s
	}
	s.below = scope{}
	key := def.Name
	if _, taken := keys[key]; taken || m.chance(4, "alias") {
		m.keys++
		key = fmt.Sprintf("a%d", m.keys)
	}
	keys[key] = s
	return key, s
}

func (*maker) related(a, b *ast.Definition) bool {
	return a == b || slices.Contains(a.Interfaces, b.Name) || slices.Contains(b.Interfaces, a.Name)
}

// directives makes @skip and @include, seldom ones that leave something out.
func (m *maker) directives() string {
	var text strings.Builder
	for _, d := range []struct {
		name  string
		keeps bool
	}{{"skip", false}, {"include", true}} {
		if !m.chance(10, d.name) {
			continue
		}
		on := d.keeps
		if m.chance(3, "leave out") {
			on = !on
		}
		condition := strconv.FormatBool(on)
		if m.chance(2, "variable") {
			condition = m.variable("Boolean!", on)
		}
		text.WriteString(" @" + d.name + "(if: " + condition + ")")
	}
	return text.String()
}
