package plugin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// view is what the template sees.
type view struct {
	*codegen.Data
	Types    []*object
	Possible []possible
	refs     *refs
}

type possible struct {
	Name  string
	Types []string
}

type object struct {
	*codegen.Object
	Reads []*field
}

// field is a field together with the functions that write or record its values.
type field struct {
	*codegen.Field
	data  *codegen.Data
	ref   *ref
	style style
}

// style is the way a field is read.
type style string

const (
	plainLeaf  style = "leaf"
	plainValue style = "value"
	placeRoot  style = "placeholder" // a root type below another type
	batched    style = "batch"       // one call of a resolver for all objects
	each       style = "each"        // a method, a resolver or a guarded field per object
	rooted     style = "root"        // one call without an object
	streamed   style = "stream"
)

func newView(data *codegen.Data) (*view, error) {
	v := &view{Data: data, refs: newRefs(data)}
	for _, o := range data.Objects {
		view := &object{Object: o}
		for _, f := range o.Fields {
			read, err := v.field(f)
			if err != nil {
				return nil, fmt.Errorf("field %s.%s: %w", o.Name, f.Name, err)
			}
			view.Reads = append(view.Reads, read)
		}
		v.Types = append(v.Types, view)
		v.Possible = append(v.Possible, possible{Name: o.Name, Types: []string{o.Name}})
	}
	for name, i := range data.Interfaces {
		v.Possible = append(v.Possible, possible{Name: name, Types: kinds(i)})
	}
	slices.SortFunc(v.Possible, func(a, b possible) int { return strings.Compare(a.Name, b.Name) })
	return v, nil
}

// kinds lists the object types behind an abstract type, in the order of the kinds that values get.
func kinds(i *codegen.Interface) []string {
	var names []string
	for _, implementor := range i.Implementors {
		if !slices.Contains(names, implementor.Name) {
			names = append(names, implementor.Name)
		}
	}
	return names
}

func (v *view) field(f *codegen.Field) (*field, error) {
	read := &field{Field: f, data: v.Data}
	if f.TypeReference.IsRoot && !f.IsResolver {
		read.style = placeRoot
		return read, nil
	}
	var err error
	if read.ref, err = v.refs.of(f.TypeReference); err != nil {
		return nil, err
	}
	plain := !f.IsResolver && !f.HasDirectives() && len(f.Args) == 0 && !f.MethodHasContext &&
		(f.IsVariable() || f.NoErr || f.VOkFunc)
	switch {
	case f.Object.Stream && !f.IsReserved():
		read.style = streamed
	case f.Object.Root:
		read.style = rooted
	case f.IsBatch():
		read.style = batched
	case plain && read.ref.Leaf:
		read.style = plainLeaf
	case plain && (f.IsVariable() || f.VOkFunc || f.HasHaser):
		read.style = plainValue
	case f.VOkFunc || f.HasHaser:
		return nil, fmt.Errorf("%s is an optional method with a context or arguments, which gqlread does not read", f.GoFieldName)
	default:
		read.style = each
	}
	return read, nil
}

// Style is the way the field is read.
func (f *field) Style() string { return string(f.style) }

// Called reports whether the field is read by a call that has results.
func (f *field) Called() bool {
	switch f.style {
	case plainLeaf, plainValue, placeRoot:
		return false
	case batched, each, rooted, streamed:
		return true
	}
	return false
}

// IsLeaf reports whether the field has no fields below it.
func (f *field) IsLeaf() bool { return f.ref != nil && f.ref.Leaf }

// Guarded reports whether writing the field runs code that is not generated.
func (f *field) Guarded() bool {
	return f.IsLeaf() && (f.ref.Custom || f.style == plainLeaf && f.IsMethod())
}

// Func names the function that writes or records a value of the field.
func (f *field) Func() string { return f.ref.Func }

// Rows is the Go type of the objects of a level.
func (f *field) Rows() string {
	return "*[]" + templates.CurrentImports.LookupType(f.Object.Reference())
}

// Row is the Go type of one object.
func (f *field) Row() string { return templates.CurrentImports.LookupType(f.Object.Reference()) }

// Shape is the Go expression of the type in the schema.
func (f *field) Shape() string { return shape(f.Type) }

// SDL is the type in the notation of the schema language.
func (f *field) SDL() string { return f.Type.String() }

// NonNull reports whether null is not allowed.
func (f *field) NonNull() bool { return f.Type.NonNull }

func shape(t *ast.Type) string {
	var s string
	if t.Elem != nil {
		s = "gqlread.ListOf(" + shape(t.Elem) + ")"
	} else {
		s = "gqlread.Named(" + strconv.Quote(t.NamedType) + ")"
	}
	if t.NonNull {
		s = "gqlread.NonNull(" + s + ")"
	}
	return s
}

// Source is the Go construct behind the field.
func (f *field) Source() string {
	switch {
	case f.IsResolver:
		return "Resolver"
	case f.IsMethod():
		return "ModelMethod"
	default:
		return "ModelField"
	}
}

// Addressed reports whether the field is a struct inside the struct, whose address is the object below.
func (f *field) Addressed() bool {
	return f.IsVariable() && f.ref.body == bodyObject && !f.TypeReference.IsNilable()
}

// Invocation is the call of a resolver for one object, of a method, or the plain field.
func (f *field) Invocation() string {
	switch {
	case f.IsResolver:
		return "ec.Resolvers." + f.ShortInvocation()
	case f.IsMethod():
		return f.GoReceiverName + "." + f.GoFieldName + "(" + f.CallArgs() + ")"
	default:
		return f.GoReceiverName + "." + f.GoFieldName
	}
}

// Fails reports whether the invocation returns an error too.
func (f *field) Fails() bool { return f.IsResolver || f.IsMethod() && !f.NoErr }

// UsesContext reports whether the invocation takes arguments out of the field context.
func (f *field) UsesContext() bool { return len(f.Args) > 0 }

// Batch is the call of a batch resolver.
func (f *field) Batch() string {
	return "ec.Resolvers." + templates.UcFirst(f.Object.Name) + "()." + f.GoFieldName + "(" +
		f.BatchCallArgs("*rows.("+f.Rows()+")", "") + ")"
}

// Arguments is the call that unmarshals the arguments.
func (f *field) Arguments() string {
	return f.data.ECDot() + f.ArgsFunc() + "(ctx, " + f.data.ECArg() + "raw)"
}

// Unmarshal is the function that unmarshals an argument of a directive.
func (f *field) Unmarshal(arg *codegen.FieldArgument) string {
	return f.data.ECDot() + arg.TypeReference.UnmarshalFunc()
}

// ECArg is how the execution context is passed where it is no receiver.
func (f *field) ECArg() string { return f.data.ECArg() }

// UsesEC reports whether the directives of the field reach into the execution context.
func (f *field) UsesEC() bool {
	for _, d := range f.ImplDirectives() {
		if !d.IsBuiltIn() {
			return true
		}
		for _, a := range d.Args {
			if a.Value != nil || a.Default != nil {
				return true
			}
		}
	}
	return false
}

// TableImport is the path of the package the table is made of.
func (*view) TableImport() string { return ImportPath() }

// Functions are the functions that write or record values, in the order of their names.
func (v *view) Functions() []*ref { return v.refs.sorted() }
