package gqlread

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Config says how operations are read. The zero value works.
type Config struct {
	// Observe is told about every call of a resolver before it is made. The call gets the returned context; done, when
	// not nil, is called with the error of the call. Nil observes nothing.
	Observe func(ctx context.Context, call Call) (_ context.Context, done func(err error))
	// MaxErrors is the number of errors presented for one response; values that fail after that are null all the same.
	// 0 means 100.
	MaxErrors int
}

// Call is one call of a resolver.
type Call struct {
	// Object is the type that owns the field.
	Object string
	// Field is the name in the schema, not the response key.
	Field string
	// Parents is the number of objects the call reads the field of, 1 for a root type.
	Parents int
}

const (
	defaultMaxErrors = 100
	// smallBuffer is where an answer begins, and largeBuffer is what is worth keeping for the next one.
	smallBuffer = 4 << 10
	largeBuffer = 1 << 20
)

// New returns a schema whose operations are read breadth first. Everything but the execution comes from inner. The
// generated package has a constructor that calls New with its table.
func New(inner graphql.ExecutableSchema, table *Table, config Config) graphql.ExecutableSchema {
	if config.MaxErrors == 0 {
		config.MaxErrors = defaultMaxErrors
	}
	return &schema{ExecutableSchema: inner, table: table, config: config}
}

type schema struct {
	graphql.ExecutableSchema
	table  *Table
	config Config
	// buffers keeps *[]byte between responses.
	buffers sync.Pool
}

// operation is one operation while it is executed: once for a query or mutation, once per event for a subscription.
type operation struct {
	schema *schema
	oc     *graphql.OperationContext
	env    any
	root   *Type
	plans  map[planKey]*plan
}

// Exec executes the operation in the context.
func (s *schema) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	o := &operation{schema: s, oc: oc}
	switch oc.Operation.Operation {
	case ast.Query:
		o.root = s.table.Query
	case ast.Mutation:
		o.root = s.table.Mutation
	case ast.Subscription:
		o.root = s.table.Subscription
	}
	if o.root == nil {
		return graphql.OneShot(graphql.ErrorResponse(ctx, "unsupported GraphQL operation"))
	}
	o.env = s.table.Begin(oc)
	if oc.Operation.Operation == ast.Subscription {
		return o.subscribe(ctx)
	}
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		return o.respond(ctx, (*reader).root)
	}
}

// respond makes the response of what read writes. It reports false when the whole of data is null.
func (o *operation) respond(ctx context.Context, read func(*reader, context.Context) bool) (response *graphql.Response) {
	buffer, ok := o.schema.buffers.Get().(*[]byte)
	if !ok {
		made := make([]byte, 0, smallBuffer)
		buffer = &made
	}
	w := o.writer(ctx)
	w.buf = (*buffer)[:0]
	defer func() {
		if p := recover(); p != nil {
			w.report(o.oc.RecoverFunc(ctx, p))
			response = &graphql.Response{Data: json.RawMessage("null")}
		}
		if cap(w.buf) <= largeBuffer {
			*buffer = w.buf
			o.schema.buffers.Put(buffer)
		}
	}()
	if !read(&reader{op: o, w: w}, ctx) {
		return &graphql.Response{Data: json.RawMessage("null")}
	}
	return &graphql.Response{Data: append(make(json.RawMessage, 0, len(w.buf)), w.buf...)}
}

func (o *operation) writer(ctx context.Context) *Writer {
	return &Writer{
		ctx: ctx, oc: o.oc, maxErrors: o.schema.config.MaxErrors,
		add: func(fc *graphql.FieldContext, err *gqlerror.Error) { graphql.AddError(at(ctx, fc), err) },
	}
}

// root reads the fields of a query or mutation, each one with all that is below it before the next.
func (r *reader) root(ctx context.Context) bool {
	l := newLevel(r.op.plan(r.op.root, r.op.oc.Operation.SelectionSet), nil, 1, nil, nil)
	ok := true
	r.w.path = append(r.w.path, step{plan: l.plan})
	r.w.buf = append(r.w.buf, '{')
	for i := range l.plan.fields {
		f := &l.plan.fields[i]
		if i > 0 {
			r.w.buf = append(r.w.buf, ',')
		}
		r.w.buf = append(r.w.buf, f.key...)
		if f.def == nil {
			continue
		}
		r.w.path[0].index = i
		written, err := r.rootField(ctx, l, f)
		if err != nil {
			r.w.path = r.w.path[:0]
			r.w.report(err)
			return false
		}
		ok = written && ok
	}
	r.w.buf = append(r.w.buf, '}')
	return ok
}

// rootField reads one root field behind the root field interceptors. err is the context's.
func (r *reader) rootField(ctx context.Context, l *level, f *planField) (ok bool, err error) {
	ctx = graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Object: f.field.Name, Field: f.field})
	mark, depth := len(r.w.buf), len(r.w.path)
	written := &segment{w: r.w, mark: mark}
	m := r.op.oc.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
		if err = r.field(ctx, l, f); err == nil {
			err = r.descend(ctx)
		}
		if err != nil {
			return graphql.Null
		}
		if ok = r.w.value(f, &l.states[f.slot], 0); !ok {
			return graphql.Null
		}
		return written
	})
	if err != nil || m == graphql.Marshaler(written) {
		return ok, err
	}
	written.kept = append([]byte(nil), r.w.buf[mark:]...)
	r.w.buf, r.w.path = r.w.buf[:mark], r.w.path[:depth]
	if m == nil || m == graphql.Null {
		r.w.buf = append(r.w.buf, "null"...)
		return !f.def.Shape.NonNull, nil
	}
	m.MarshalGQL(r.w)
	return true, nil
}

// segment is a root field that was written to the end of the buffer.
type segment struct {
	w    *Writer
	mark int
	// kept is the field after it was taken out of the buffer, because an interceptor wraps it.
	kept []byte
}

// MarshalGQL writes the field once more, for an interceptor that wraps it.
func (s *segment) MarshalGQL(w io.Writer) {
	if s.kept != nil {
		_, _ = w.Write(s.kept)
		return
	}
	_, _ = w.Write(s.w.buf[s.mark:])
}

var errOneStream = errors.New("must subscribe to exactly one stream")

// subscribe opens the stream and returns a handler that reads one event at a time.
func (o *operation) subscribe(ctx context.Context) graphql.ResponseHandler {
	ended := func(context.Context) *graphql.Response { return nil }
	root := o.plan(o.root, o.oc.Operation.SelectionSet)
	if len(root.fields) != 1 || root.fields[0].def == nil {
		graphql.AddError(ctx, errOneStream)
		return ended
	}
	f := &root.fields[0]
	next, err := o.open(ctx, root, f)
	if err != nil {
		w := o.writer(ctx)
		w.path = []step{{plan: root}}
		w.report(err)
		return ended
	}
	if next == nil {
		return ended
	}
	return func(ctx context.Context) *graphql.Response {
		results, ok := next(ctx.Done())
		if !ok {
			return nil
		}
		return o.respond(ctx, func(r *reader, ctx context.Context) bool { return r.event(ctx, root, f, results) })
	}
}

// open calls the resolver of a subscription.
func (o *operation) open(ctx context.Context, root *plan, f *planField) (next func(Receive) (any, bool), err error) {
	ctx, fc := enter(ctx, newLevel(root, nil, 1, nil, nil), f)
	defer func() {
		if p := recover(); p != nil {
			next, err = nil, o.oc.RecoverFunc(ctx, p)
		}
	}()
	if err := o.arguments(ctx, fc, f); err != nil {
		return nil, err
	}
	start := func(ctx context.Context) (any, error) {
		return o.observed(ctx, f, 1, func(ctx context.Context) (any, error) { return f.def.Stream(ctx, o.env) })
	}
	if f.def.Directives != nil {
		open := start
		start = func(ctx context.Context) (any, error) { return f.def.Directives(ctx, o.env, open) }
	}
	opened, err := start(ctx)
	if err != nil {
		return nil, err
	}
	next, _ = opened.(func(Receive) (any, bool)) // a directive that does not go on leaves nothing to read
	return next, nil
}

// event reads one event of a subscription.
func (r *reader) event(ctx context.Context, root *plan, f *planField, results any) bool {
	l := newLevel(root, nil, 1, nil, nil)
	st := &l.states[f.slot]
	st.settle(f, 1, results, nil)
	r.enqueue(l, f, st)
	r.w.path = append(r.w.path, step{plan: root})
	if err := r.descend(ctx); err != nil {
		r.w.path = r.w.path[:0]
		r.w.report(err)
		return false
	}
	r.w.buf = append(append(r.w.buf, '{'), f.key...)
	ok := r.w.value(f, st, 0)
	r.w.buf = append(r.w.buf, '}')
	return ok
}
