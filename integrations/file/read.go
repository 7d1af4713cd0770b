package file

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/needle-okr/needle/integrations"
)

// file is an open file and its index.
type file struct {
	*index
	name   string
	opened *opened
	rows   *io.SectionReader
}

// load opens a file and reads it, unless that was done and it did not change.
func (t *Tracker) load(ctx context.Context, name string) (*file, error) {
	o, err := t.open(ctx, name)
	if err != nil {
		return nil, err
	}
	ix, err := t.index(ctx, name, o)
	if err != nil {
		_ = o.Close() // It was only read.
		return nil, err
	}
	f := &file{index: ix, name: name, opened: o}
	var at io.ReaderAt = o
	if ix.text.decoded != nil {
		at = bytes.NewReader(ix.text.decoded)
	}
	f.rows = io.NewSectionReader(at, ix.text.start, ix.text.size-ix.text.start)
	return f, nil
}

// close ends reading.
func (f *file) close() { _ = f.opened.Close() } // It was only read.

// index finds the index of an open file, or makes it.
func (t *Tracker) index(ctx context.Context, name string, o *opened) (*index, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.indexes[name]; known != nil && known.version == o.version {
		return known, nil
	}
	delete(t.indexes, name) // It may be large.
	sum, err := t.sum(ctx, o)
	if err != nil {
		return nil, err
	}
	ix, err := newIndex(ctx, name, o, t.mapping)
	if err != nil {
		return nil, err
	}
	ix.sum = sum
	t.indexes[name] = ix
	return ix, nil
}

// issue reads the issue of an entry; the second is set instead when it cannot be
// understood. The error is the file's: it is not what it was.
func (f *file) issue(e entry) (integrations.Issue, *integrations.Broken, error) {
	raw, err := f.raw(f.rows, e.from, int64(e.size))
	if err != nil {
		return integrations.Issue{}, nil, f.changed(err)
	}
	r := f.format.read(raw)
	ref, err := f.mapping.name(&r.values)
	if e.named && (err != nil || hash(ref.ID) != e.id) {
		return integrations.Issue{}, nil, f.changed(fmt.Errorf("line %d is not what it was", e.line))
	}
	issue, err := f.mapping.issue(&r.values, f.written)
	switch {
	case int64(e.size) > maxRow:
		err = fmt.Errorf("it is longer than %d MiB", maxRow>>20)
	case r.err != nil:
		err = r.err
	case e.twin != 0:
		err = fmt.Errorf("line %d has the same id; neither is believed until one is removed", e.twin)
	}
	if err != nil {
		return integrations.Issue{}, f.broken(e, ref, &r.values, raw, err), nil
	}
	issue.SourceID, issue.SourceKey = f.name, f.name
	if issue.Parent, err = f.parent(r.values.one(fieldParent)); err != nil {
		return integrations.Issue{}, nil, err
	}
	return issue, nil, nil
}

// changed is the error of a file that is not what it was when it was read.
func (f *file) changed(cause error) error {
	return &integrations.UnavailableError{Err: fmt.Errorf("the file %q changed while it was read: %w", f.name, cause)}
}

// broken puts a row aside.
func (f *file) broken(e entry, ref integrations.Ref, v *values, raw []byte, cause error) *integrations.Broken {
	out := &integrations.Broken{
		Ref: ref, Raw: bytes.Clone(raw[:min(len(raw), maxRaw)]), Line: int(e.line), Reason: fmt.Sprintf("line %d: %v", e.line, cause),
	}
	if at, err := f.mapping.updated(v); err == nil {
		out.UpdatedAt = at
	}
	return out
}

// parent names the parent that a row tells of by its id or by its key.
func (f *file) parent(text string) (*integrations.Ref, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // No parent is no error.
	}
	out := &integrations.Ref{ID: text, Key: text}
	if _, there := f.find(f.byID, func(e entry) uint64 { return e.id }, text); there {
		return out, nil
	}
	place, there := f.find(f.byKey, func(e entry) uint64 { return e.key }, text)
	if !there {
		return out, nil // It is in another file, or nowhere.
	}
	e := f.entries[place]
	raw, err := f.raw(f.rows, e.from, int64(e.size))
	if err != nil {
		return nil, f.changed(err)
	}
	if ref, err := f.mapping.name(&f.format.read(raw).values); err == nil && ref.Key == text {
		out.ID = ref.ID
	}
	return out, nil
}

// moment is the change time of an entry.
func (e entry) moment() time.Time { return time.UnixMicro(e.at).UTC() }
