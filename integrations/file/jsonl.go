package file

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/needle-okr/needle/integrations"
)

const (
	// maxDepth is how deep in an object a column may lie, as in fields.status.name.
	maxDepth = 4
	// maxColumns is how many names of a file are remembered, to tell of them.
	maxColumns = 500
)

// jsonFormat is a JSON object in each line.
type jsonFormat struct {
	columns columns
	// met are the names in the order they were met, with what they mean; it is
	// filled by scan.
	met   []integrations.Column
	known map[string]bool
}

// newJSONL reads nothing: every line names its own columns.
func newJSONL(c columns) *jsonFormat {
	return &jsonFormat{columns: c, known: map[string]bool{}}
}

// reading implements format.
func (f *jsonFormat) reading() []integrations.Column { return slices.Clone(f.met) }

// scan implements format.
func (f *jsonFormat) scan(r *io.SectionReader, do func(span, *row) error) error {
	in := bufio.NewReaderSize(r, headRoom)
	at := span{lines: 1}
	for {
		raw, err := in.ReadBytes('\n')
		if len(raw) == 0 && errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		at.size = int64(len(raw))
		at.line++
		if err := do(at, f.parse(raw, f.remember)); err != nil {
			return err
		}
		at.from += at.size
	}
}

// read implements format.
func (f *jsonFormat) read(raw []byte) *row { return f.parse(raw, func(string) {}) }

// parse reads a line and tells of every name in it.
func (f *jsonFormat) parse(raw []byte, met func(string)) *row {
	if len(bytes.TrimSpace(raw)) == 0 {
		return &row{blank: true}
	}
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber()
	var object map[string]any
	if err := in.Decode(&object); err != nil || object == nil {
		return &row{err: errors.New("it is no JSON object")}
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return &row{err: errors.New("something stands behind its JSON object")}
	}
	out := sorter{columns: f.columns, met: met, row: &row{}}
	out.object("", object, 1)
	return out.row
}

// remember notes a name, to tell of it.
func (f *jsonFormat) remember(name string) {
	if f.known[name] || len(f.met) == maxColumns {
		return
	}
	f.known[name] = true
	column := integrations.Column{Name: name}
	if p, ok := f.columns[fold(name)]; ok {
		column.Field = fields[p.field].name
	}
	f.met = append(f.met, column)
}

// sorter sorts the values of an object by field.
type sorter struct {
	columns columns
	met     func(string)
	row     *row
	// ranks are how sure the values are that were put.
	ranks [numFields]int
}

// object sorts the values of an object; those of the objects in it have names
// with dots.
func (s *sorter) object(prefix string, object map[string]any, depth int) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		s.met(prefix + name)
		if p, ok := s.columns[fold(prefix+name)]; ok {
			s.put(p, texts(object[name], p.field))
		}
		if inner, ok := object[name].(map[string]any); ok && depth < maxDepth {
			s.object(prefix+name+".", inner, depth+1)
		}
	}
}

// put sets a field. Of several names for it the surest that says something counts.
func (s *sorter) put(p place, texts []string) {
	now := &s.row.values[p.field]
	switch {
	case *now == nil: // The first, even if it says nothing: the line has the field.
		*now = append([]string{}, texts...)
	case len(texts) == 0, len(*now) > 0 && s.ranks[p.field] <= p.rank:
		return
	default:
		*now = texts
	}
	s.ranks[p.field] = p.rank
}

// texts are the texts of a value: its own, or those of its parts. An object
// stands for what it is called.
func texts(value any, f field) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case json.Number:
		return []string{v.String()}
	case bool:
		if v {
			return []string{"true"}
		}
		return []string{"false"}
	case []any:
		var out []string
		for _, part := range v {
			if _, nested := part.([]any); !nested {
				out = append(out, texts(part, f)...)
			}
		}
		return out
	case map[string]any:
		names := []string{"name", "displayName", "login", "title", "value", "key", "id"}
		if f == fieldParent {
			names = []string{"id", "key"}
		}
		for _, name := range names {
			switch inner := v[name].(type) {
			case string, json.Number:
				return texts(inner, f)
			}
		}
	}
	return nil
}
