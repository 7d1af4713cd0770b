package painfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// headRoom is how much of a file is looked at to find out how it is written.
const headRoom = 64 << 10

// csvLines reads CSV, whose first line names the columns.
type csvLines struct {
	file *File
	csv  *csv.Reader
	// names are the columns' names, and fields what they mean; nil is passed over.
	names  []string
	fields []*needle.PainFileField
}

// openCSV reads the names. It answers nil when they make no sense, so that the lines would not either.
func (f *File) openCSV(r io.Reader, c columns) (format, error) {
	buffered, err := f.open(r)
	if err != nil || buffered == nil {
		return nil, err
	}
	head, err := buffered.Peek(headRoom)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	lines := &csvLines{file: f, csv: csv.NewReader(buffered)}
	lines.csv.Comma = delimiter(head)
	lines.csv.FieldsPerRecord = -1 // Told with the line's number instead.
	names, err := lines.csv.Read()
	switch problem := (*csv.ParseError)(nil); {
	case errors.Is(err, io.EOF):
		f.wrong(1, "", needle.CodeRequired, "this file is empty")
		return nil, nil //nolint:nilnil // There is nothing to read, and that is said.
	case errors.As(err, &problem):
		f.broken(problem)
		return nil, nil //nolint:nilnil // As above.
	case err != nil:
		return nil, err
	}
	number, _ := lines.csv.FieldPos(0)
	before := len(f.problems)
	lines.name(number, names, c)
	if len(f.problems) > before {
		return nil, nil //nolint:nilnil // As above.
	}
	return lines, nil
}

// name finds out what the columns mean.
func (l *csvLines) name(number int, names []string, c columns) {
	l.names, l.fields = names, make([]*needle.PainFileField, len(names))
	seen := map[string]bool{}
	for i, name := range names {
		l.names[i] = strings.TrimSpace(needle.Clean(name))
		seen[fold(name)] = true
		if l.names[i] == "" {
			continue // Spreadsheets write columns that nobody uses; a value in one is refused.
		}
		field, known := c.field(name)
		if !known {
			l.file.unknown(number, l.names[i])
			continue
		}
		if field == nil {
			continue
		}
		if _, twice := l.file.names[*field]; twice {
			l.file.twice(number, l.names[i], *field)
			continue
		}
		l.file.names[*field], l.fields[i] = l.names[i], field
	}
	for _, missing := range slices.Sorted(maps.Keys(c.mapped)) {
		if !seen[missing] {
			l.file.wrong(number, c.mapped[missing], needle.CodeNotFound, "the file has no such column")
		}
	}
	for _, field := range []needle.PainFileField{needle.PainFileExternalKey, needle.PainFileTitle} {
		if _, ok := l.file.names[field]; !ok {
			l.file.wrong(number, l.file.name(field), needle.CodeRequired, "the file lacks this column")
		}
	}
}

// next implements format.
func (l *csvLines) next() (line, error) {
	record, err := l.csv.Read()
	if problem := (*csv.ParseError)(nil); errors.As(err, &problem) {
		l.file.broken(problem)
		return line{}, nil
	}
	if err != nil {
		return line{}, err
	}
	number, _ := l.csv.FieldPos(0)
	if !slices.ContainsFunc(record, func(value string) bool { return strings.TrimSpace(value) != "" }) {
		return line{}, nil // Spreadsheets write lines of nothing but delimiters.
	}
	if len(record) != len(l.names) {
		l.file.wrong(number, "", needle.CodeInvalid, fmt.Sprintf("this line has %s, and there are %d names", count(len(record), "value"), len(l.names)))
		return line{}, nil
	}
	out := line{number: number, values: map[needle.PainFileField]string{}}
	for i, value := range record {
		switch {
		case l.fields[i] != nil:
			// A value may begin lines below the record it belongs to; its own line is the one to look at.
			at, _ := l.csv.FieldPos(i)
			l.file.put(&line{at, out.values}, *l.fields[i], l.names[i], value)
		case l.names[i] == "" && strings.TrimSpace(value) != "":
			l.file.wrong(number, "", needle.CodeInvalid, fmt.Sprintf("column %d has a value and no name", i+1))
		}
	}
	return out, nil
}

// broken tells what encoding/csv cannot read.
func (f *File) broken(p *csv.ParseError) {
	message := "this cannot be read as CSV"
	switch {
	case errors.Is(p.Err, csv.ErrQuote):
		message = "a quoted value that begins here does not end as it should: a quotation mark inside it is written twice"
	case errors.Is(p.Err, csv.ErrBareQuote):
		message = "a quotation mark in a value that is not quoted: quote the value and write the mark twice"
	}
	f.wrong(p.StartLine, "", needle.CodeInvalid, message)
}

// delimiter is what parts the names: the character that occurs most often in the first line outside quotes.
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
	for _, b := range []byte{';', '\t'} {
		if counts[b] > counts[best] {
			best = b
		}
	}
	return rune(best)
}

var (
	utf8Mark      = []byte{0xEF, 0xBB, 0xBF}
	utf16Mark     = []byte{0xFE, 0xFF}
	utf16BackMark = []byte{0xFF, 0xFE}
)

// open passes over the mark that some programs begin UTF-8 with. It answers nil for files in UTF-16, and says so.
func (f *File) open(r io.Reader) (*bufio.Reader, error) {
	buffered := bufio.NewReaderSize(r, headRoom)
	mark, err := buffered.Peek(len(utf8Mark))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.Equal(mark, utf8Mark):
		_, err = buffered.Discard(len(utf8Mark))
		return buffered, err
	case bytes.HasPrefix(mark, utf16Mark), bytes.HasPrefix(mark, utf16BackMark):
		f.wrong(1, "", needle.CodeInvalid, "this file is written in UTF-16; save it in UTF-8")
		return nil, nil //nolint:nilnil // There is nothing to read, and that is said.
	}
	return buffered, nil
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
