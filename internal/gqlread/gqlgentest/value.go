package gqlgentest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"
)

// inputDepth is how far inputs nest.
const inputDepth = 3

// arguments makes the arguments of a field, with their parentheses.
func (m *maker) arguments(on *ast.Definition, def *ast.FieldDefinition) string {
	var made []string
	for _, arg := range def.Arguments {
		required := arg.Type.NonNull && arg.DefaultValue == nil
		if !required && m.chance(2, "leave to default") {
			continue
		}
		value := m.value(on.Name+"."+def.Name+"."+arg.Name, arg.Type, inputDepth)
		text := literal(value)
		if m.chance(3, "as variable") {
			text = m.variable(arg.Type.String(), plain(value))
		}
		made = append(made, arg.Name+": "+text)
	}
	if len(made) == 0 {
		return ""
	}
	return "(" + strings.Join(made, ", ") + ")"
}

// value makes a value of an input type.
func (m *maker) value(place string, typ *ast.Type, depth int) any {
	if m.options.Value != nil {
		if v, ok := m.options.Value(m.t, place, typ); ok {
			return v
		}
	}
	if !typ.NonNull && m.chance(6, "null") {
		return nil
	}
	if typ.Elem != nil {
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(m.t, "length") {
			list = append(list, m.value(place, typ.Elem, depth-1))
		}
		return list
	}
	def := m.schema.Types[typ.NamedType]
	if def.Kind == ast.InputObject {
		return m.input(def, depth)
	}
	if def.Kind == ast.Enum {
		return Enum(rapid.SampledFrom(def.EnumValues).Draw(m.t, "enum").Name)
	}
	switch typ.NamedType {
	case "Int":
		return rapid.IntRange(-2, 12).Draw(m.t, "int")
	case "Float":
		return float64(rapid.IntRange(-20, 20).Draw(m.t, "float")) / 4
	case "Boolean":
		return rapid.Bool().Draw(m.t, "boolean")
	default:
		return rapid.SampledFrom([]string{"", "a", "text", "naïve \"text\"", "line\nbreak"}).Draw(m.t, "string")
	}
}

func (m *maker) input(def *ast.Definition, depth int) any {
	fields := map[string]any{}
	if def.Directives.ForName("oneOf") != nil {
		f := rapid.SampledFrom(def.Fields).Draw(m.t, "one of")
		one := *f.Type
		one.NonNull = true
		fields[f.Name] = m.value(def.Name+"."+f.Name, &one, depth-1)
		return fields
	}
	for _, f := range def.Fields {
		required := f.Type.NonNull && f.DefaultValue == nil
		if !required && (depth <= 0 || m.chance(2, "leave out")) {
			continue
		}
		fields[f.Name] = m.value(def.Name+"."+f.Name, f.Type, depth-1)
	}
	return fields
}

// literal writes a value in the query language.
func literal(v any) string {
	switch v := v.(type) {
	case Enum:
		return string(v)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = literal(v[i])
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for i, name := range names {
			names[i] = name + ": " + literal(v[name])
		}
		return "{" + strings.Join(names, ", ") + "}"
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	}
}

// plain turns enums into the strings that variables have.
func plain(v any) any {
	switch v := v.(type) {
	case Enum:
		return string(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(v[i])
		}
		return list
	case map[string]any:
		fields := make(map[string]any, len(v))
		for name, value := range v {
			fields[name] = plain(value)
		}
		return fields
	default:
		return v
	}
}
