package painfile

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/needle-okr/needle/internal/needle"
)

// columns knows what the columns of a file mean by their names.
type columns struct {
	// fields are known names and what they mean; nil is passed over.
	fields map[string]*needle.PainFileField
	// mapped are the names that somebody said the meaning of, as they wrote them.
	mapped map[string]string
}

// customer is another name of the field REPORTER.
const customer = "customer"

// newColumns returns the fields' own names and those that the mapping adds. A name or a field twice is an Error.
func newColumns(mapping []*needle.PainFileColumnInput) (columns, error) {
	c := columns{fields: map[string]*needle.PainFileField{}, mapped: map[string]string{}}
	for _, f := range needle.PainFileFields() {
		c.fields[fold(string(f))] = &f
		if f == needle.PainFileReporter {
			c.fields[customer] = &f
		}
	}
	var errs needle.Errors
	taken := map[needle.PainFileField]bool{}
	for i, m := range mapping {
		at, name := "input.mapping."+strconv.Itoa(i), fold(m.Column)
		if _, twice := c.mapped[name]; twice {
			errs = append(errs, needle.Invalid(at+".column", needle.CodeDuplicate, "this column has a meaning already"))
		}
		c.fields[name], c.mapped[name] = m.Field, strings.TrimSpace(needle.Clean(m.Column))
		if m.Field == nil {
			continue
		}
		if taken[*m.Field] {
			errs = append(errs, needle.Invalid(at+".field", needle.CodeDuplicate, "another column means this already"))
		}
		taken[*m.Field] = true
	}
	if len(errs) > 0 {
		return c, errs
	}
	return c, nil
}

// field tells what a column means: nil when it is to be passed over; known is false when nobody said.
func (c columns) field(name string) (field *needle.PainFileField, known bool) {
	field, known = c.fields[fold(name)]
	return field, known
}

// fold makes names that differ in case and in what surrounds them one.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(needle.Clean(name))) }

// put adds a value to a line, unless it is empty. Text that is not UTF-8 is refused: it would be stored with holes.
func (f *File) put(l *line, field needle.PainFileField, column, value string) {
	if !utf8.ValidString(value) {
		f.wrong(l.number, column, needle.CodeInvalid, "this is not UTF-8; save the file in UTF-8")
		return
	}
	if value = strings.TrimSpace(needle.Clean(value)); value == "" {
		return
	}
	l.values[field] = value
}

// unknown refuses a column that nobody said the meaning of.
func (f *File) unknown(number int, column string) {
	var names []string
	for _, field := range needle.PainFileFields() {
		names = append(names, fold(string(field)))
	}
	f.wrong(number, column, needle.CodeInvalid, "there is no such field; say which one it is, or that it is to be passed over; fields are "+strings.Join(names, ", "))
}

// twice refuses a second column for one field.
func (f *File) twice(number int, column string, field needle.PainFileField) {
	f.wrong(number, column, needle.CodeDuplicate, f.name(field)+" says the same already")
}
