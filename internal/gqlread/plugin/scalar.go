package plugin

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
)

const graphqlPath = "github.com/99designs/gqlgen/graphql"

// builtIn says how the writer writes what a marshaler of gqlgen's graphql package marshals.
var builtIn = map[string]struct{ method, convert string }{
	"MarshalString":       {"String", "string"},
	"MarshalID":           {"String", "string"},
	"MarshalBoolean":      {"Bool", "bool"},
	"MarshalInt":          {"Int", "int64"},
	"MarshalInt8":         {"Int", "int64"},
	"MarshalInt16":        {"Int", "int64"},
	"MarshalInt32":        {"Int", "int64"},
	"MarshalInt64":        {"Int", "int64"},
	"MarshalUint":         {"Uint", "uint64"},
	"MarshalUint8":        {"Uint", "uint64"},
	"MarshalUint16":       {"Uint", "uint64"},
	"MarshalUint32":       {"Uint", "uint64"},
	"MarshalUint64":       {"Uint", "uint64"},
	"MarshalIntID":        {"IntString", "int64"},
	"MarshalUintID":       {"UintString", "uint64"},
	"MarshalFloat":        {"Float", "float64"},
	"MarshalFloatContext": {"Float", "float64"},
	"MarshalTime":         {"Time", ""},
	"MarshalDate":         {"Date", ""},
}

// scalar decides how a leaf is written. The expression is completed by the template with what happens to a null.
func (rs *refs) scalar(r *ref) error {
	t := r.TypeReference
	switch {
	case t.IsMarshaler:
		r.Custom = true
		r.write = marshalerMethod(t)
	case t.Marshaler != nil && t.Marshaler.Pkg().Path() == graphqlPath && builtIn[t.Marshaler.Name()].method != "":
		how := builtIn[t.Marshaler.Name()]
		value := pointed(t)
		switch {
		case t.HasEnumValues():
			value = t.EnumMarshalVar(rs.data.Config.UseFunctionSyntaxForExecutionContext) + "[" + value + "]"
		case how.convert != "":
			value = how.convert + "(" + value + ")"
		}
		r.write = "w." + how.method + "(" + value + ")"
	case t.Marshaler != nil:
		r.Custom = true
		r.write = "func"
	default:
		return fmt.Errorf("%s bound to %s has no marshaler", t.Definition.Name, t.GO)
	}
	return nil
}

// marshalerMethod names the method by which a type writes itself.
func marshalerMethod(t *config.TypeReference) string {
	switch {
	case t.IsContext:
		return "MarshalGQLContext"
	case appends(t.GO):
		return "AppendGQL"
	default:
		return "MarshalGQL"
	}
}

// appends reports whether a type has the method AppendGQL([]byte) []byte.
func appends(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "AppendGQL")
	f, ok := obj.(*types.Func)
	if !ok {
		return false
	}
	s, ok := f.Type().(*types.Signature)
	return ok && s.Params().Len() == 1 && s.Results().Len() == 1 &&
		isBytes(s.Params().At(0).Type()) && isBytes(s.Results().At(0).Type())
}

func isBytes(t types.Type) bool { return types.Identical(t, types.NewSlice(types.Typ[types.Byte])) }

// pointed is v as its marshaler takes it: gqlgen lets a field be a pointer where the marshaler is not, and vice versa.
func pointed(t *config.TypeReference) string {
	switch {
	case t.IsTargetNilable() && !t.IsNilable():
		return "&v"
	case !t.IsTargetNilable() && t.IsNilable():
		return "*v"
	default:
		return "v"
	}
}

// Value is the expression of v as its marshaling function takes it.
func (r *ref) Value() string {
	v := pointed(r.TypeReference)
	if r.CastType != nil {
		return templates.CurrentImports.LookupType(r.CastType) + "(" + v + ")"
	}
	return v
}

// MarshalCall is the marshaling function a type is bound to.
func (r *ref) MarshalCall() string { return templates.Call(r.Marshaler) }

// AppendCall is the function AppendX beside MarshalX, empty when there is none.
func (r *ref) AppendCall() string {
	name, ok := strings.CutPrefix(r.Marshaler.Name(), "Marshal")
	if !ok || r.HasEnumValues() {
		return ""
	}
	f, ok := r.Marshaler.Pkg().Scope().Lookup("Append" + name).(*types.Func)
	if !ok {
		return ""
	}
	marshal, ok := r.Marshaler.Type().(*types.Signature)
	if !ok {
		return ""
	}
	s, ok := f.Type().(*types.Signature)
	if !ok || s.Params().Len() != 2 || s.Results().Len() != 1 || !isBytes(s.Params().At(0).Type()) ||
		!isBytes(s.Results().At(0).Type()) || !types.Identical(s.Params().At(1).Type(), marshal.Params().At(0).Type()) {
		return ""
	}
	return templates.Call(types.NewFunc(f.Pos(), f.Pkg(), f.Name(), nil))
}
