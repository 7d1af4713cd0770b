package gqlread

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// step is one element of a path: the field of a plan, or an element of a list where plan is nil. Fields are numbered,
// because storing a pointer for every value written keeps the garbage collector busy.
type step struct {
	plan  *plan
	index int
}

func (s step) field() *planField { return &s.plan.fields[s.index] }

// argumentError is an error about the arguments of a field, which are unmarshalled once for all objects. The path
// inside err begins with depth elements that name the field, and has to begin with the path of each object's field.
type argumentError struct {
	err   error
	depth int
}

func (e *argumentError) Error() string { return e.err.Error() }
func (e *argumentError) Unwrap() error { return e.err }

// report presents an error at the current path. Past the limit it only remembers that the value failed.
func (w *Writer) report(err error) {
	w.failed = true
	if err == nil {
		return
	}
	if list, ok := err.(gqlerror.List); ok { //nolint:errorlint // a list inside another error is one error
		for _, e := range list {
			if e != nil {
				w.present(e)
			}
		}
		return
	}
	w.present(err)
}

func (w *Writer) present(err error) {
	if w.errors >= w.maxErrors {
		return
	}
	w.errors++
	path, fc := w.where()
	located := locate(err, path)
	if f := fc.Field.Field; f != nil && f.Position != nil && f.Position.Line > 0 && located.Locations == nil {
		located.Locations = []gqlerror.Location{{Line: f.Position.Line, Column: f.Position.Column}}
	}
	w.add(fc, located)
}

// locate gives err a path without changing it, because the same error may belong to many objects.
func locate(err error, path ast.Path) *gqlerror.Error {
	var prefix int
	if argument, ok := errors.AsType[*argumentError](err); ok {
		err, prefix = argument.err, argument.depth
	}
	inner, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		return gqlerror.WrapPath(path, err)
	}
	located := *inner
	if _, bare := err.(*gqlerror.Error); !bare { //nolint:errorlint // asks whether anything is wrapped around it
		located.Err = err // for the presenter
	}
	switch {
	case located.Path == nil:
		located.Path = path
	case prefix > 0 && prefix <= len(located.Path):
		located.Path = append(path[:len(path):len(path)], located.Path[prefix:]...)
	}
	return &located
}

// where gives the path of the value being written, and the chain of field contexts that says the same.
func (w *Writer) where() (ast.Path, *graphql.FieldContext) {
	path := make(ast.Path, 0, len(w.path))
	fc := &graphql.FieldContext{}
	for _, s := range w.path {
		next := &graphql.FieldContext{Parent: fc}
		if s.plan == nil {
			path = append(path, ast.PathIndex(s.index))
			next.Index, next.Field, next.Object = &s.index, fc.Field, fc.Object
		} else {
			f := s.field()
			path = append(path, ast.PathName(f.field.Alias))
			next.Field, next.Object = f.field, f.object
		}
		fc = next
	}
	return path, fc
}

// at returns a context whose field context is fc, together with the parents fc has already.
func at(ctx context.Context, fc *graphql.FieldContext) context.Context {
	parent := fc.Parent
	ctx = graphql.WithFieldContext(ctx, fc)
	fc.Parent = parent
	return ctx
}

// invalidNull is the error about a null at the current path, in gqlgen's words.
func (w *Writer) invalidNull(sdl string, source graphql.NullSource) error {
	path, _ := w.where()
	e := &graphql.InvalidNullError{DeclaredType: sdl, Source: source, Path: path}
	for i := len(w.path) - 1; i >= 0; i-- {
		s := w.path[i]
		if s.plan == nil {
			e.ListElement = true
			continue
		}
		f := s.field()
		e.Object, e.Field = f.object, f.field.Name
		if source == "" {
			e.Source = f.def.Source
		}
		break
	}
	return e
}
