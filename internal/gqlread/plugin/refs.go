package plugin

import (
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
)

// ref is one pair of GraphQL type and Go type, and the function generated for it. A function for a leaf writes a
// value; any other records the objects in a value.
type ref struct {
	*config.TypeReference
	Func string
	Leaf bool
	// Custom is true when writing runs code that is not generated.
	Custom bool
	// Below is the reference of the elements, or of what a pointer points to.
	Below *ref
	// Cases tell the object types behind an abstract type apart.
	Cases []kindCase

	body body
	// write is the expression that writes v and reports whether there was anything to write.
	write string
}

type kindCase struct {
	codegen.InterfaceImplementor
	Kind int
}

// body is the form of a generated function.
type body string

const (
	bodyPointer  body = "pointer" // to a list, an interface or another pointer
	bodyList     body = "list"
	bodyScalar   body = "scalar"
	bodyObject   body = "object"
	bodyAbstract body = "abstract"
)

// Body is the form of the function.
func (r *ref) Body() string { return string(r.body) }

// SDL is the GraphQL type.
func (r *ref) SDL() string { return r.GQL.String() }

// NonNull reports whether null is not allowed.
func (r *ref) NonNull() bool { return r.GQL.NonNull }

// ElementAddressed reports whether the elements of a list are structs, whose addresses are the objects below.
func (r *ref) ElementAddressed() bool {
	return r.body == bodyList && r.Below.body == bodyObject && !r.Below.IsNilable()
}

// Write is the expression that writes v.
func (r *ref) Write() string { return r.write }

// Fallible reports whether Write can find that there is nothing to write.
func (r *ref) Fallible() bool {
	for _, method := range []string{"Float", "Time", "Date"} {
		if strings.HasPrefix(r.write, "w."+method+"(") {
			return true
		}
	}
	return false
}

// refs makes one function per pair of types.
type refs struct {
	data  *codegen.Data
	byKey map[string]*ref
	names map[string]bool
}

func newRefs(data *codegen.Data) *refs {
	return &refs{data: data, byKey: map[string]*ref{}, names: map[string]bool{}}
}

func (rs *refs) sorted() []*ref {
	all := make([]*ref, 0, len(rs.byKey))
	for _, r := range rs.byKey {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *ref) int { return strings.Compare(a.Func, b.Func) })
	return all
}

// of returns the reference for a type, with everything below it. gqlgen's own key leaves out type arguments and the
// nullability of nested lists, so the key is the full notation of both types.
func (rs *refs) of(t *config.TypeReference) (*ref, error) {
	key := t.GQL.String() + " " + types.TypeString(t.GO, nil)
	if r, ok := rs.byKey[key]; ok {
		return r, nil
	}
	r := &ref{TypeReference: t}
	switch t.Definition.Kind {
	case ast.Scalar, ast.Enum:
		r.Leaf = true
	case ast.Object, ast.Interface, ast.Union:
	case ast.InputObject:
		return nil, fmt.Errorf("%s is an input", t.Definition.Name)
	}
	if err := rs.shape(r); err != nil {
		return nil, err
	}
	verb := "read"
	if r.Leaf {
		verb = "write"
	}
	r.Func = rs.name(verb + mangleGQL(t.GQL) + "2" + mangleGo(t.GO))
	rs.byKey[key] = r
	return r, nil
}

// shape decides on the body of the function, following the marshalers gqlgen generates.
func (rs *refs) shape(r *ref) error {
	t := r.TypeReference
	var err error
	switch {
	case t.IsPtrToSlice(), t.IsPtrToIntf() && !t.IsMarshaler,
		t.IsPtrToPtr() && t.Unmarshaler == nil && !t.IsMarshaler:
		r.body = bodyPointer
		r.Below, err = rs.of(t.Elem())
	case t.IsSlice():
		r.body = bodyList
		r.Below, err = rs.of(t.Elem())
	case r.Leaf:
		r.body = bodyScalar
		return rs.scalar(r)
	case t.Definition.Kind == ast.Object:
		r.body = bodyObject
	default:
		r.body = bodyAbstract
		r.Cases, err = rs.cases(t)
	}
	if err != nil {
		return err
	}
	if r.Below != nil {
		r.Custom = r.Below.Custom
	}
	return nil
}

func (rs *refs) cases(t *config.TypeReference) ([]kindCase, error) {
	i := rs.data.Interfaces[t.Definition.Name]
	if i == nil {
		return nil, fmt.Errorf("no Go interface for %s", t.Definition.Name)
	}
	names := kinds(i)
	cases := make([]kindCase, 0, len(i.Implementors))
	for _, implementor := range i.Implementors {
		cases = append(cases, kindCase{implementor, slices.Index(names, implementor.Name)})
	}
	return cases, nil
}

func (rs *refs) name(want string) string {
	name := want
	for i := 2; rs.names[name]; i++ {
		name = want + "_" + strconv.Itoa(i)
	}
	rs.names[name] = true
	return name
}

func mangleGQL(t *ast.Type) string {
	s := "O"
	if t.NonNull {
		s = "N"
	}
	if t.Elem != nil {
		return s + "List" + mangleGQL(t.Elem)
	}
	return s + t.NamedType
}

// mangleGo makes an identifier of a Go type that people can still read.
func mangleGo(t types.Type) string {
	s := types.TypeString(t, func(p *types.Package) string { return p.Name() })
	s = strings.NewReplacer("*", "ᚖ", "[]", "ᚕ", ".", "ᚐ", "[", "ᐸ", "]", "ᐳ").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' {
			return r
		}
		return -1
	}, s)
}
