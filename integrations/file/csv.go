package file

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/needle-okr/needle/integrations"
)

// span is where a row lies in a text.
type span struct {
	// from is its first byte, counted from the start of the text, and size its
	// length in bytes.
	from, size int64
	// line is its first line, from 1, and lines how many it has.
	line, lines int
}

// row is a row as it was read.
type row struct {
	values values
	// blank rows say nothing.
	blank bool
	// err says why the row cannot be understood; values holds what can be.
	err error
}

// format is how rows are written.
type format interface {
	// scan calls do for every row from the start of the text.
	scan(r *io.SectionReader, do func(span, *row) error) error
	// read reads one row from its bytes.
	read(raw []byte) *row
	// reading lists the columns that were met.
	reading() []integrations.Column
}

// csvFormat is CSV, whose first line names the columns.
type csvFormat struct {
	comma rune
	// skip is how long the line is that tells a spreadsheet the delimiter.
	skip  int64
	names []string
	// fields are what the columns mean, -1 for those passed over.
	fields []field
}

// newCSV reads the names. The error says why they make no sense.
func newCSV(t *text, c columns) (*csvFormat, error) {
	f := &csvFormat{comma: delimiter(t.head)}
	if rest, ok := bytes.CutPrefix(t.head, []byte("sep=")); ok && len(rest) > 1 {
		f.comma, f.skip = rune(rest[0]), int64(bytes.IndexByte(t.head, '\n')+1)
	}
	if bytes.IndexByte(t.head, '\n') < 0 && bytes.IndexByte(t.head, '\r') >= 0 {
		return nil, refused("its lines end in carriage returns alone; save it with line feeds")
	}
	names, err := f.reader(io.NewSectionReader(t, t.start+f.skip, t.size-t.start-f.skip)).Read()
	if err != nil {
		return nil, refused("its first line, which must name the columns, cannot be read as CSV")
	}
	f.names = slices.Clone(names)
	return f, f.match(c)
}

// reader reads CSV as the file is written.
func (f *csvFormat) reader(r io.Reader) *csv.Reader {
	out := csv.NewReader(r)
	out.Comma, out.FieldsPerRecord, out.ReuseRecord = f.comma, -1, true
	return out
}

// match finds out what the columns mean.
func (f *csvFormat) match(c columns) error {
	var best [numFields]int
	for i := range best {
		best[i] = -1
	}
	for _, name := range f.names {
		if p, ok := c[fold(name)]; ok && (best[p.field] < 0 || p.rank < best[p.field]) {
			best[p.field] = p.rank
		}
	}
	f.fields = make([]field, len(f.names))
	for i, name := range f.names {
		f.fields[i] = -1
		if p, ok := c[fold(name)]; ok && p.rank == best[p.field] {
			f.fields[i] = p.field
		}
	}
	for name, p := range c {
		if p.rank == 0 && best[p.field] < 0 {
			return refused(fmt.Sprintf("it has no column %q, which the setting %s names; it has %s", name, p.field.setting(), f.list()))
		}
	}
	for _, only := range []field{fieldID, fieldKey} {
		if first := slices.Index(f.fields, only); first >= 0 && slices.Contains(f.fields[first+1:], only) {
			return refused(fmt.Sprintf("two of its columns are called %q; say which is the %s with the setting %s, or rename one",
				f.names[first], fields[only].name, only.setting()))
		}
	}
	switch {
	case best[fieldID] < 0 && best[fieldKey] < 0:
		return refused("its first line names no column of ids or keys, by which an issue is known again; it has " + f.list() +
			": name one with the setting idColumn")
	case best[fieldTitle] < 0:
		return refused("its first line names no column of titles; it has " + f.list() + ": name one with the setting titleColumn")
	}
	return nil
}

// list writes the columns' names for an error.
func (f *csvFormat) list() string {
	const most = 20
	names := make([]string, 0, most)
	for _, name := range f.names[:min(len(f.names), most)] {
		names = append(names, fmt.Sprintf("%q", cut(name)))
	}
	if len(f.names) > most {
		names = append(names, "more")
	}
	return strings.Join(names, ", ")
}

// reading implements format.
func (f *csvFormat) reading() []integrations.Column {
	out := make([]integrations.Column, len(f.names))
	for i, name := range f.names {
		out[i].Name = name
		if f.fields[i] >= 0 {
			out[i].Field = fields[f.fields[i]].name
		}
	}
	return out
}

// scan implements format.
func (f *csvFormat) scan(r *io.SectionReader, do func(span, *row) error) error {
	if _, err := io.CopyN(io.Discard, r, f.skip); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	in := f.reader(r)
	skipped := 0
	if f.skip > 0 {
		skipped = 1
	}
	for first := true; ; first = false {
		from := in.InputOffset()
		record, err := in.Read()
		at := span{from: f.skip + from, size: in.InputOffset() - from}
		problem := (*csv.ParseError)(nil)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &problem):
			at.line, at.lines = problem.StartLine+skipped, problem.Line-problem.StartLine+1
			// A quoted value that runs to the end hides everything behind it.
			if at.lines > 1 && at.from+at.size == r.Size() {
				return refused(fmt.Sprintf("line %d begins a quoted value that never ends; a quotation mark inside a value is written twice", at.line))
			}
			if err := do(at, &row{err: broken(problem)}); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		case first:
			continue
		}
		at.line, _ = in.FieldPos(0)
		at.line, at.lines = at.line+skipped, 1
		if err := do(at, f.row(record)); err != nil {
			return err
		}
	}
}

// read implements format.
func (f *csvFormat) read(raw []byte) *row {
	record, err := f.reader(bytes.NewReader(raw)).Read()
	if problem := (*csv.ParseError)(nil); errors.As(err, &problem) {
		out := f.row(f.salvage(raw))
		out.err = broken(problem)
		return out
	}
	if err != nil {
		return &row{err: errors.New("it cannot be read as CSV")}
	}
	return f.row(record)
}

// salvage reads what it can of a row that is not well written, to tell whose it is.
func (f *csvFormat) salvage(raw []byte) []string {
	line, _, _ := bytes.Cut(raw, []byte("\n"))
	in := f.reader(bytes.NewReader(line))
	in.LazyQuotes = true
	record, err := in.Read()
	if err != nil || len(record) > len(f.names) {
		return nil
	}
	return record
}

// row sorts the values of a record by field.
func (f *csvFormat) row(record []string) *row {
	out := &row{blank: !slices.ContainsFunc(record, func(value string) bool { return strings.TrimSpace(value) != "" })}
	for i, value := range record {
		if i < len(f.fields) && f.fields[i] >= 0 {
			out.values[f.fields[i]] = append(out.values[f.fields[i]], value)
		}
	}
	if len(record) != len(f.names) && !out.blank {
		out.err = fmt.Errorf("it has %d values, and there are %d columns; a value with %q or a line break in it must be quoted",
			len(record), len(f.names), f.comma)
	}
	return out
}

// broken says what encoding/csv cannot read.
func broken(p *csv.ParseError) error {
	if errors.Is(p.Err, csv.ErrBareQuote) {
		return errors.New("a quotation mark stands in a value that is not quoted; quote the value and write the mark twice")
	}
	return errors.New("a quoted value does not end as it should; a quotation mark inside it is written twice")
}

// delimiter is what parts the names: the character that occurs most often in the
// first line outside quotes.
func delimiter(head []byte) rune {
	counts := map[byte]int{}
	quoted := false
	for _, b := range bytes.TrimLeft(head, "\r\n") {
		if b == '"' {
			quoted = !quoted
		}
		if b == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[b]++
		}
	}
	best := byte(',')
	for _, b := range []byte{';', '\t', '|'} {
		if counts[b] > counts[best] {
			best = b
		}
	}
	return rune(best)
}
