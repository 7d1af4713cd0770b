package gqlread

import (
	"context"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
)

// level is a plan with all its objects.
type level struct {
	plan *plan
	// rows is a pointer to the slice of objects, nil for a root type.
	rows   any
	n      int
	states []state
	// cursor is the next object to write.
	cursor int

	parent *level
	via    *planField
	fc     *graphql.FieldContext
}

// state is what reading a field left behind for writing it.
type state struct {
	// err failed the field of all objects, failed[i] that of object i.
	err    error
	failed []error
	// results are the values of a leaf; nil makes all of them null.
	results any
	// below are the objects of the field, with levels by kind. pos is the next code on the tape.
	below  Children
	levels []*level
	pos    int
}

func newLevel(p *plan, rows any, n int, parent *level, via *planField) *level {
	l := &level{plan: p, rows: rows, n: n, parent: parent, via: via}
	if p.slots > 0 {
		l.states = make([]state, p.slots)
	}
	return l
}

// context is the field context of the field that led to the level. It has no indices.
func (l *level) context() *graphql.FieldContext {
	if l.fc == nil {
		l.fc = &graphql.FieldContext{Object: l.plan.typ.Name}
		if l.parent != nil {
			l.fc.Parent = l.parent.context()
			l.fc.Field = l.via.field
			l.fc.Object = l.via.object
		}
	}
	return l.fc
}

// reader reads one response of an operation.
type reader struct {
	op *operation
	w  *Writer
	// queue holds the levels whose fields are still to be read.
	queue []*level
}

// descend reads everything below the levels in the queue, one level after the other. It stops with the context's error.
func (r *reader) descend(ctx context.Context) error {
	for len(r.queue) > 0 {
		l := r.queue[0]
		r.queue = r.queue[1:]
		for i := range l.plan.fields {
			if f := &l.plan.fields[i]; f.slot >= 0 {
				if err := r.field(ctx, l, f); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// field reads one field of a level and queues the levels below it.
func (r *reader) field(ctx context.Context, l *level, f *planField) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	st := &l.states[f.slot]
	st.below.hint = l.n
	if f.def.Value != nil {
		r.plain(ctx, l, f, st)
	} else {
		results, err := r.call(ctx, l, f)
		st.settle(f, l.n, results, err)
	}
	r.enqueue(l, f, st)
	return nil
}

// plain reads the objects of a plain field. A panic fails the field of all objects.
func (r *reader) plain(ctx context.Context, l *level, f *planField, st *state) {
	defer func() {
		if p := recover(); p != nil {
			st.below, st.err = Children{}, r.op.oc.RecoverFunc(ctx, p)
		}
	}()
	f.def.Value(&st.below, l.rows)
}

func (r *reader) enqueue(l *level, f *planField, st *state) {
	if len(st.below.rows) == 0 {
		return
	}
	possible := r.op.schema.table.Possible[f.def.Shape.Name]
	st.levels = make([]*level, len(st.below.rows))
	for kind, rows := range st.below.rows {
		if rows == nil {
			continue
		}
		child := newLevel(r.op.plan(possible[kind], f.field.Selections), rows, st.below.count[kind], l, f)
		st.levels[kind] = child
		if child.plan.slots > 0 {
			r.queue = append(r.queue, child)
		}
	}
}

// call fetches the results of a field for all objects of a level. A panic is an error.
func (r *reader) call(ctx context.Context, l *level, f *planField) (results any, err error) {
	ctx, fc := enter(ctx, l, f)
	defer func() {
		if p := recover(); p != nil {
			results, err = nil, r.op.oc.RecoverFunc(ctx, p)
		}
	}()
	if err := r.op.arguments(ctx, fc, f); err != nil {
		return nil, err
	}
	next := func(ctx context.Context) (any, error) {
		return r.op.observed(ctx, f, l.n, func(ctx context.Context) (any, error) {
			return f.def.Resolve(ctx, r.op.env, l.rows, l.n)
		})
	}
	if f.def.Directives != nil {
		return f.def.Directives(ctx, r.op.env, next)
	}
	return next(ctx)
}

// observed makes a call and tells the observer about it. A panic is an error.
func (o *operation) observed(
	ctx context.Context, f *planField, parents int, call func(context.Context) (any, error),
) (results any, err error) {
	var done func(error)
	if o.schema.config.Observe != nil {
		ctx, done = o.schema.config.Observe(ctx, Call{Object: f.object, Field: f.field.Name, Parents: parents})
	}
	defer func() {
		if p := recover(); p != nil {
			results, err = nil, o.oc.RecoverFunc(ctx, p)
		}
		if done != nil {
			done(err)
		}
	}()
	return call(ctx)
}

// enter makes the field context of a call.
func enter(ctx context.Context, l *level, f *planField) (context.Context, *graphql.FieldContext) {
	fc := &graphql.FieldContext{
		Parent:     l.context(),
		Object:     f.object,
		Field:      f.field,
		IsMethod:   true,
		IsResolver: f.def.Source == graphql.NullSourceResolver,
		Child:      noChild,
	}
	return at(ctx, fc), fc
}

var errNoChild = errors.New("gqlread does not make child field contexts")

func noChild(context.Context, graphql.CollectedField) (*graphql.FieldContext, error) {
	return nil, errNoChild
}

// arguments unmarshals the arguments of a field into its context.
func (o *operation) arguments(ctx context.Context, fc *graphql.FieldContext, f *planField) error {
	if f.def.Args == nil {
		return nil
	}
	args, err := f.def.Args(ctx, o.env, f.field.ArgumentMap(o.oc.Variables))
	if err != nil {
		return &argumentError{err: err, depth: len(fc.Path())}
	}
	fc.Args = args
	return nil
}

// settle takes in the outcome of a call: results for n rows, an error for all of them, or an error for some.
func (st *state) settle(f *planField, n int, results any, err error) {
	var failed []error
	if err != nil {
		batch, ok := errors.AsType[graphql.BatchErrors](err)
		if !ok {
			st.err = err
			return
		}
		if failed = batch.Errors(); len(failed) != n {
			st.err = f.miscounted("errors", len(failed), n)
			return
		}
	}
	if results == nil {
		st.failed = failed
		return
	}
	got, ok := f.def.Count(results)
	switch {
	case !ok:
		st.err = fmt.Errorf("unexpected type %T from directive on %s.%s", results, f.object, f.field.Name)
	case got != n:
		st.err = f.miscounted("results", got, n)
	case f.def.ResultLeaf != nil:
		st.results, st.failed = results, failed
	default:
		st.failed = failed
		f.def.ResultValue(&st.below, results, failed)
	}
}

func (f *planField) miscounted(what string, got, want int) error {
	return fmt.Errorf("batch resolver %s.%s returned %d %s for %d parents", f.object, f.field.Name, got, what, want)
}
