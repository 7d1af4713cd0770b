// Package gqlgentest makes random valid operations for any schema, to compare two executors with each other.
//
// The operations have aliases, repeated fields to be merged, inline and named fragments on objects, interfaces and
// unions, @skip and @include with literals and variables, and arguments as literals and variables. They are valid by
// construction as far as response keys are concerned; what the values of custom scalars look like, and which ids
// exist, is told by [Options.Value].
//
// One corner is left out on purpose: the same response key selected through two interfaces of which neither implements
// the other. gqlgen 0.17.98 does not merge the two selections, so it is no reference there.
package gqlgentest

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"
)

// Options say what operations look like. The zero value makes queries of moderate size.
type Options struct {
	// Operation is the kind of operation, a query by default. A subscription gets one root field.
	Operation ast.Operation
	// Depth is the number of selection sets below each other, 5 by default.
	Depth int
	// Width is the most selections of one set, 5 by default.
	Width int
	// Fields is about the number of fields after which the operation comes to its end, 60 by default.
	Fields int
	// Skip leaves a field out.
	Skip func(object, field string) bool
	// Value gives the value of an argument or input field, named "Object.field.argument" or "Input.field". It is asked
	// for leaves first, before lists and inputs are made from their parts. It returns false where any value of the
	// type will do, and has to know all custom scalars. Values are what encoding/json makes of JSON, or [Enum].
	Value func(t *rapid.T, place string, typ *ast.Type) (value any, ok bool)
}

// Enum is an enum value, which is written without quotes.
type Enum string

// Operation is one operation with its variables.
type Operation struct {
	Query     string
	Variables map[string]any
}

// String shows the operation in a failure.
func (o Operation) String() string { return fmt.Sprintf("%s\nvariables: %v", o.Query, o.Variables) }

// Operations generates operations for a schema.
func Operations(schema *ast.Schema, options Options) *rapid.Generator[Operation] {
	if options.Operation == "" {
		options.Operation = ast.Query
	}
	for setting, otherwise := range map[*int]int{&options.Depth: 5, &options.Width: 5, &options.Fields: 60} {
		if *setting == 0 {
			*setting = otherwise
		}
	}
	return rapid.Custom(func(t *rapid.T) Operation {
		m := &maker{t: t, schema: schema, options: options, left: options.Fields, variables: map[string]any{}}
		return m.operation()
	})
}

// maker makes one operation.
type maker struct {
	t         *rapid.T
	schema    *ast.Schema
	options   Options
	left      int
	keys      int
	variables map[string]any
	declared  []string
	fragments []*fragment
}

type fragment struct {
	name string
	on   *ast.Definition
	text string
}

func (m *maker) operation() Operation {
	root := m.schema.Query
	switch m.options.Operation {
	case ast.Mutation:
		root = m.schema.Mutation
	case ast.Subscription:
		root = m.schema.Subscription
	case ast.Query:
	}
	var body string
	if m.options.Operation == ast.Subscription {
		body = m.field(root, scope{}, m.options.Depth, false)
	} else {
		body = m.selections(root, scope{}, m.options.Depth)
	}
	var b strings.Builder
	b.WriteString(string(m.options.Operation))
	if len(m.declared) > 0 {
		b.WriteString(" Op(" + strings.Join(m.declared, ", ") + ")")
	}
	b.WriteString(" { " + body + " }")
	for _, f := range m.fragments {
		b.WriteString("\nfragment " + f.name + " on " + f.on.Name + " { " + f.text + " }")
	}
	return Operation{Query: b.String(), Variables: m.variables}
}

// chance draws true in one of n cases.
func (m *maker) chance(n int, label string) bool {
	return rapid.IntRange(0, n-1).Draw(m.t, label) == n-1
}

// variable declares a variable and returns how it is used.
func (m *maker) variable(typ string, value any) string {
	name := fmt.Sprintf("v%d", len(m.declared))
	m.declared = append(m.declared, "$"+name+": "+typ)
	m.variables[name] = value
	return "$" + name
}
