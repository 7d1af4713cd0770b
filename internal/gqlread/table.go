package gqlread

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// Table tells how the fields of every object type are read. It is generated, immutable and safe for concurrent use.
type Table struct {
	// Query is the root type of queries.
	Query *Type
	// Mutation is the root type of mutations, nil when the schema has none.
	Mutation *Type
	// Subscription is the root type of subscriptions, nil when the schema has none.
	Subscription *Type
	// Possible lists the object types a named type can stand for. The position in the list is the kind given to
	// [Add]. An object type stands for itself.
	Possible map[string][]*Type
	// Begin makes what the functions of the table get as env, once per operation.
	Begin func(oc *graphql.OperationContext) any
}

// Type is one object type.
type Type struct {
	// Name is the name in the schema.
	Name string
	// Satisfies lists the type conditions that hold: the type itself, its interfaces and its unions.
	Satisfies []string
	// Fields are the fields by their name in the schema.
	Fields map[string]*Field
}

// Field tells how one field of an object type is read. Rows are the objects of a level: a pointer to a slice of the
// object's Go type; nil for root types. Results are the values of a call: a slice with one value per row.
//
// Exactly one of Leaf, Value, Resolve and Stream is set. Resolve and Stream come with Count and with one of ResultLeaf
// and ResultValue.
type Field struct {
	// Shape is the type in the schema.
	Shape *Shape
	// Source is the Go construct named in the error about a null that is not allowed.
	Source graphql.NullSource
	// Guarded is true when writing the value runs code that is not generated and might panic.
	Guarded bool

	// Leaf writes the plain field of row i. It reports false when a null has to go to the parent.
	Leaf func(w *Writer, rows any, i int) bool
	// Value records the plain objects below all rows.
	Value func(c *Children, rows any)
	// Resolve fetches the field of all n rows at once. The field context carries the arguments.
	Resolve func(ctx context.Context, env, rows any, n int) (results any, err error)
	// Stream opens a subscription. Each call of next gives the results of one event; ok is false at
	// the end and when gone is closed.
	Stream func(ctx context.Context, env any) (next func(gone Receive) (results any, ok bool), err error)

	// Args unmarshals the arguments; nil when the field has none.
	Args func(ctx context.Context, env any, raw map[string]any) (map[string]any, error)
	// Directives runs the directives of the field definition around next; nil when there are none.
	Directives func(ctx context.Context, env any, next graphql.Resolver) (any, error)

	// Count gives the number of results, and false when results has an unexpected type.
	Count func(results any) (n int, ok bool)
	// ResultLeaf writes result i.
	ResultLeaf func(w *Writer, results any, i int) bool
	// ResultValue records the objects in the results, skipping the rows that failed.
	ResultValue func(c *Children, results any, failed []error)
}

// Shape is a type in the schema: a named type or a list, nullable or not.
type Shape struct {
	// Name is the named type inside all lists.
	Name string
	// SDL is the notation in the schema language.
	SDL string
	// NonNull is true when null is not allowed.
	NonNull bool
	// Elem is the type of the elements, nil when the shape is no list.
	Elem *Shape
}

// Named makes the shape of a nullable named type.
func Named(name string) *Shape { return &Shape{Name: name, SDL: name} }

// ListOf makes the shape of a nullable list.
func ListOf(elem *Shape) *Shape {
	return &Shape{Name: elem.Name, SDL: "[" + elem.SDL + "]", Elem: elem}
}

// NonNull makes the shape that forbids null where s allows it.
func NonNull(s *Shape) *Shape {
	return &Shape{Name: s.Name, SDL: s.SDL + "!", NonNull: true, Elem: s.Elem}
}
