// Package painfile reads files of pain points: CSV and JSONL. It is pure: what comes out depends on the file alone.
//
// A file is read line by line. Each line becomes values by field, whatever the format; lines with the same external key
// are then put together into one pain point. A problem never ends the reading, so that a person who mends a file learns
// all of them at once, each with its line and its column.
package painfile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
)

// MaxBytes is how large a file may be.
const MaxBytes = 10 << 20

// maxProblems is how many problems are told one by one; what follows is counted.
const maxProblems = 100

// File is what a file says.
type File struct {
	// PainPoints are what the lines are about, in the order of each one's first line.
	PainPoints []*needle.UpsertPainPointInput
	// Lines counts the lines that say something, the names of a CSV file not among them.
	Lines int

	places   []*place
	names    map[needle.PainFileField]string
	problems []problem
}

// problem is what is wrong with a line.
type problem struct {
	line int
	err  *needle.Error
}

// place is where a pain point came from: the line of each of its parts.
type place struct {
	first             int
	own               map[needle.PainFileField]int
	evidence, reports []int
}

// line is one line of a file, by field. Values are neither empty nor surrounded by spaces.
type line struct {
	number int
	values map[needle.PainFileField]string
}

// format reads a file line by line. next answers io.EOF at the end; what is wrong with a line goes to the file's
// problems, and a line that cannot be used at all has no values.
type format interface{ next() (line, error) }

// Read reads a file to its end. The error is about the reader or the size of the file; what is wrong with its lines is
// among the Problems.
func Read(r io.Reader, how needle.PainFile) (*File, error) {
	f := &File{names: map[needle.PainFileField]string{}}
	columns, err := newColumns(how.Mapping)
	if err != nil {
		return nil, err
	}
	source := &limited{r: r, left: MaxBytes}
	var lines format
	switch how.Format {
	case needle.PainFileCSV:
		lines, err = f.openCSV(source, columns)
	case needle.PainFileJSONL:
		lines, err = f.openJSONL(source, columns)
	default:
		return nil, needle.Invalid("input.format", needle.CodeInvalid, "a file of pain points is CSV or JSONL")
	}
	if err != nil || lines == nil {
		return f, err
	}
	a := assembler{file: f, byKey: map[string]int{}}
	for {
		l, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, err
		}
		if l.values != nil {
			f.Lines++
			a.add(l)
		}
	}
	if f.Lines == 0 && len(f.problems) == 0 {
		f.wrong(1, "", needle.CodeRequired, "this file has no pain points")
	}
	return f, nil
}

// errTooLarge is about the whole file.
var errTooLarge = needle.Invalid("input.content", needle.CodeTooLong, "a file of pain points may have at most "+strconv.Itoa(MaxBytes>>20)+" MiB")

// limited refuses what is longer than a file may be.
type limited struct {
	r    io.Reader
	left int
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p[:min(len(p), l.left+1)])
	if l.left -= n; l.left < 0 {
		return 0, errTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, fmt.Errorf("reading the file: %w", err)
	}
	return n, err
}

// wrong notes what is wrong with a line; column is empty when it is about all of it.
func (f *File) wrong(number int, column string, code needle.Code, message string) {
	f.problems = append(f.problems, problem{number, needle.LineError(number, column, code, message)})
}

// About notes what is wrong with a pain point of the file. The error's path is relative to it, as its Validate answers.
func (f *File) About(index int, e *needle.Error) {
	number, column := f.find(index, e.Field)
	f.wrong(number, column, e.Code, e.Message)
}

// inputFields are the fields by what they are called in the inputs.
var inputFields = map[string]needle.PainFileField{
	"externalKey": needle.PainFileExternalKey, "title": needle.PainFileTitle, "description": needle.PainFileDescription,
	"category": needle.PainFileCategory, "severity": needle.PainFileSeverity, "source": needle.PainFileSource,
	"body": needle.PainFileQuote, "customer": needle.PainFileReporter, "reporter": needle.PainFileReporter,
	"segment": needle.PainFileSegment, "url": needle.PainFileURL,
	"observedAt": needle.PainFileObservedAt, "reportedAt": needle.PainFileObservedAt,
}

// find tells the line and the column that a field of a pain point came from.
func (f *File) find(index int, field []string) (number int, column string) {
	p := f.places[index]
	number = p.first
	if len(field) == 0 {
		return number, ""
	}
	name := inputFields[field[len(field)-1]]
	if own, ok := p.own[name]; ok && len(field) == 1 {
		number = own
	}
	if len(field) == 3 {
		lines := p.evidence
		if field[0] == "reports" {
			lines = p.reports
		}
		if i, err := strconv.Atoi(field[1]); err == nil && i < len(lines) {
			number = lines[i]
		}
	}
	return number, f.name(name)
}

// name is what the file calls a field.
func (f *File) name(field needle.PainFileField) string {
	if name, ok := f.names[field]; ok {
		return name
	}
	return strings.ToLower(string(field))
}

// Problems returns what keeps the file from being imported, by line, the first of them one by one and the rest by their
// number; nil when nothing does.
func (f *File) Problems() needle.Errors {
	sorted := slices.Clone(f.problems)
	slices.SortStableFunc(sorted, func(a, b problem) int { return a.line - b.line })
	var errs needle.Errors
	for _, p := range sorted[:min(len(sorted), maxProblems)] {
		errs = append(errs, p.err)
	}
	if n := len(sorted) - maxProblems; n > 0 {
		errs = append(errs, needle.Invalid("input.content", needle.CodeInvalid, "and "+strconv.Itoa(n)+" further problems"))
	}
	return errs
}

// FirstLine is the first line that is about a pain point, from 1.
func (f *File) FirstLine(index int) *int { return &f.places[index].first }
