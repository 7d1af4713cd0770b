// Package plugin writes the table by which gqlread reads a schema.
//
// It is a plugin of gqlgen's code generator. Next to gqlgen's own files it writes read_gen.go, which describes every
// field of every object type: how a plain field is written from its struct, and how a resolver is called for all
// objects of a level. It has to be generated into the package of gqlgen's executor, because it calls the functions by
// which that executor unmarshals arguments.
//
// # What a type can do to be fast
//
// The scalars of gqlgen's graphql package are written without an intermediate value. So is a type with a method
// AppendGQL([]byte) []byte, and a type bound to a pair of functions MarshalX and UnmarshalX when the same package has
// a function AppendX([]byte, T) []byte. Everything else goes through its marshaler.
package plugin

import (
	_ "embed"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/needle-okr/needle/internal/gqlread"
)

// Filename is the file written into the package of the executor.
const Filename = "read_gen.go"

//go:embed read.gotpl
var readTemplate string

// Plugin generates the table. The zero value works.
type Plugin struct{}

// New returns the plugin, to be given to gqlgen's api.AddPlugin.
func New() *Plugin { return &Plugin{} }

// Name is how gqlgen calls the plugin in errors.
func (*Plugin) Name() string { return "gqlread" }

// GenerateCode writes the table. It returns an error that names the place when the schema uses something that gqlread
// cannot read.
func (*Plugin) GenerateCode(data *codegen.Data) error {
	if err := supported(data); err != nil {
		return err
	}
	v, err := newView(data)
	if err != nil {
		return err
	}
	return templates.Render(templates.Options{
		PackageName:     data.Config.Exec.Package,
		Filename:        filepath.Join(data.Config.Exec.Dir(), Filename),
		Template:        readTemplate,
		Data:            v,
		GeneratedHeader: true,
		Packages:        data.Config.Packages,
		PruneOptions:    data.Config.GetPruneOptions(),
	})
}

// ImportPath is the path of the package the table is made of.
func ImportPath() string { return reflect.TypeFor[gqlread.Table]().PkgPath() }

// supported refuses what gqlgen can execute and gqlread cannot.
func supported(data *codegen.Data) error {
	var errs []error
	for _, location := range []ast.DirectiveLocation{
		ast.LocationQuery, ast.LocationMutation, ast.LocationSubscription, ast.LocationField,
	} {
		for name := range data.AllDirectives.LocationDirectives(string(location)) {
			errs = append(errs, fmt.Errorf("directive @%s: gqlread runs no directives on %s", name, location))
		}
	}
	if data.Config.Federation.IsDefined() {
		errs = append(errs, errors.New("gqlread does not read federated schemas"))
	}
	if s := data.SubscriptionRoot; s != nil && s.HasSubscriptionContextField() {
		errs = append(errs, errors.New("gqlread does not read subscriptions with a context per event"))
	}
	for _, object := range data.Objects {
		if !object.Root && object.IsMap() {
			errs = append(errs, fmt.Errorf("type %s: gqlread does not read objects bound to a map", object.Name))
		}
		for _, f := range object.Fields {
			if f.HasDirectives() && (f.VOkFunc || f.HasHaser) {
				errs = append(errs, fmt.Errorf("field %s.%s: gqlread runs no directives on an optional method",
					object.Name, f.Name))
			}
		}
	}
	return errors.Join(errs...)
}
