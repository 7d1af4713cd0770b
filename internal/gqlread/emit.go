package gqlread

// object writes the next object of a level. It reports false when one of its fields is null where that is not allowed;
// what it has written is for the caller to cut off. All fields are visited in any case: the cursors depend on it, and
// every error is reported.
func (w *Writer) object(l *level) bool {
	row := l.cursor
	l.cursor++
	ok := true
	w.buf = append(w.buf, '{')
	depth := len(w.path)
	w.path = append(w.path, step{plan: l.plan})
	for i := range l.plan.fields {
		f := &l.plan.fields[i]
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, f.key...)
		if f.def == nil {
			continue
		}
		w.path[depth].index = i
		switch {
		case f.slot >= 0:
			ok = w.value(f, &l.states[f.slot], row) && ok
		case f.def.Guarded:
			ok = w.guard(f, f.def.Leaf, l.rows, row) && ok
		default:
			ok = f.def.Leaf(w, l.rows, row) && ok
		}
	}
	w.path = w.path[:depth]
	w.buf = append(w.buf, '}')
	return ok
}

// value writes a field that was read before.
func (w *Writer) value(f *planField, st *state, row int) bool {
	var err error
	switch {
	case st.err != nil:
		err = st.err
	case st.failed != nil:
		err = st.failed[row]
	}
	if err != nil {
		if len(st.below.tape) > 0 {
			st.pos++ // the null that stands for a failed row
		}
		w.report(err)
		return w.null(f.def.Shape)
	}
	if f.def.ResultLeaf == nil && len(st.below.tape) > 0 {
		return w.position(f.def.Shape, st)
	}
	if st.results == nil {
		return w.null(f.def.Shape)
	}
	if f.def.Guarded {
		return w.guard(f, f.def.ResultLeaf, st.results, row)
	}
	return f.def.ResultLeaf(w, st.results, row)
}

func (w *Writer) null(s *Shape) bool {
	if s.NonNull {
		return w.Invalid(s.SDL, "")
	}
	return w.Null()
}

// position writes what the tape says at one position: a null, a list or an object.
func (w *Writer) position(s *Shape, st *state) bool {
	code := st.below.tape[st.pos]
	if code == codeNull {
		if err := st.below.strange[st.pos]; err != nil {
			w.report(err)
		}
		st.pos++
		return w.null(s)
	}
	st.pos++
	mark := len(w.buf)
	var ok bool
	if code >= 0 {
		ok = w.object(st.levels[code])
	} else {
		ok = w.list(s.Elem, int(codeList-code), st)
	}
	if ok {
		return true
	}
	w.buf = w.buf[:mark]
	if s.NonNull {
		return false // the position that was null has the error
	}
	return w.Null()
}

func (w *Writer) list(elem *Shape, n int, st *state) bool {
	ok := true
	depth := len(w.path)
	w.path = append(w.path, step{})
	w.buf = append(w.buf, '[')
	for i := range n {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.path[depth].index = i
		ok = w.position(elem, st) && ok
	}
	w.buf = append(w.buf, ']')
	w.path = w.path[:depth]
	return ok
}

// guard writes a leaf whose code might panic. A panic is a field error.
func (w *Writer) guard(f *planField, leaf func(*Writer, any, int) bool, rows any, i int) (ok bool) {
	mark, depth := len(w.buf), len(w.path)
	defer func() {
		if p := recover(); p != nil {
			w.buf, w.path = w.buf[:mark], w.path[:depth]
			w.report(w.oc.RecoverFunc(w.ctx, p))
			ok = w.null(f.def.Shape)
		}
	}()
	return leaf(w, rows, i)
}
