package painfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/needle-okr/needle/internal/needle"
)

// jsonLines reads a JSON object from each line.
type jsonLines struct {
	file    *File
	r       *bufio.Reader
	columns columns
	number  int
	// strange are the unknown names that were told already: each is told once.
	strange map[string]bool
}

// openJSONL answers nil when the file cannot be read at all.
func (f *File) openJSONL(r io.Reader, c columns) (format, error) {
	buffered, err := f.open(r)
	if err != nil || buffered == nil {
		return nil, err
	}
	return &jsonLines{file: f, r: buffered, columns: c, strange: map[string]bool{}}, nil
}

// next implements format.
func (l *jsonLines) next() (line, error) {
	text, err := l.r.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return line{}, err
	}
	if len(text) == 0 {
		return line{}, io.EOF
	}
	l.number++
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return line{}, nil
	}
	if !utf8.Valid(text) {
		l.file.wrong(l.number, "", needle.CodeInvalid, "this is not UTF-8; save the file in UTF-8")
		return line{}, nil
	}
	out := line{number: l.number, values: map[needle.PainFileField]string{}}
	if !l.object(&out, text) {
		l.file.wrong(l.number, "", needle.CodeInvalid, "this is not one JSON object")
		return line{}, nil
	}
	return out, nil
}

// object reads the fields of an object. It goes from token to token, because a map would hide a name that occurs twice.
func (l *jsonLines) object(out *line, text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return false
	}
	taken := map[needle.PainFileField]string{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return false
		}
		column, ok := name.(string)
		var value any
		if err := d.Decode(&value); err != nil || !ok {
			return false
		}
		l.value(out, taken, strings.TrimSpace(needle.Clean(column)), value)
	}
	if _, err := d.Token(); err != nil {
		return false
	}
	_, err := d.Token()
	return errors.Is(err, io.EOF)
}

func (l *jsonLines) value(out *line, taken map[needle.PainFileField]string, column string, value any) {
	field, known := l.columns.field(column)
	switch {
	case !known && !l.strange[column]:
		l.strange[column] = true
		l.file.unknown(l.number, column)
		return
	case !known || field == nil:
		return
	}
	if _, ok := l.file.names[*field]; !ok {
		l.file.names[*field] = column
	}
	if _, twice := taken[*field]; twice {
		l.file.wrong(l.number, column, needle.CodeDuplicate, taken[*field]+" says the same already")
		return
	}
	taken[*field] = column
	switch v := value.(type) {
	case nil:
	case string:
		l.file.put(out, *field, column, v)
	case json.Number:
		l.file.put(out, *field, column, v.String())
	default:
		l.file.wrong(l.number, column, needle.CodeInvalid, "this must be a text or a number")
	}
}
